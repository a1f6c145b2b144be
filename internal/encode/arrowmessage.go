package encode

import (
	"encoding/binary"
	"strconv"

	flatbuffers "github.com/google/flatbuffers/go"
)

// Numbers of Arrow's Message.fbs and Schema.fbs.
const (
	arrowContinuation = 0xff // four times, before every message
	arrowV5           = 4    // MetadataVersion.V5
	arrowRecordBatch  = 3    // MessageHeader.RecordBatch
)

// arrowCount is how many field nodes and buffers a batch has.
type arrowCount struct{ nodes, buffers int }

// arrowMessage is the metadata of a record batch with the places of all its numbers.
type arrowMessage struct {
	bytes                                  []byte
	rowsAt, nodesAt, buffersAt, bodySizeAt int
}

// newArrowMessage builds the metadata of a batch: Message{version, header: RecordBatch{length,
// nodes, buffers}, bodyLength, custom_metadata}.
func newArrowMessage(n arrowCount, metadata [][2]string) arrowMessage {
	b := flatbuffers.NewBuilder(256 + 16*(n.nodes+n.buffers))
	custom := arrowKeyValues(b, metadata)
	const pair, word = 16, 8 // FieldNode{length, null_count} and Buffer{offset, length} in bytes
	zeros := func(n int) flatbuffers.UOffsetT {
		b.StartVector(pair, n, word)
		b.Pad(pair * n)
		return b.EndVector(n)
	}
	buffers := zeros(n.buffers)
	nodes := zeros(n.nodes)
	const absent = -1 // no default, or a zero would be left out
	b.StartObject(5)
	b.PrependInt64Slot(0, 0, absent)
	rows := b.Offset()
	b.PrependUOffsetTSlot(1, nodes, 0)
	b.PrependUOffsetTSlot(2, buffers, 0)
	batch := b.EndObject()
	b.StartObject(5)
	b.PrependInt64Slot(3, 0, absent)
	size := b.Offset()
	b.PrependUOffsetTSlot(2, batch, 0)
	if metadata != nil {
		b.PrependUOffsetTSlot(4, custom, 0)
	}
	b.PrependInt16Slot(0, arrowV5, 0)
	b.PrependByteSlot(1, arrowRecordBatch, 0)
	b.Finish(b.EndObject())

	table := b.FinishedBytes() // its length is a multiple of 8, the largest alignment in it
	m := arrowMessage{bytes: make([]byte, 8, 8+len(table))}
	copy(m.bytes, []byte{arrowContinuation, arrowContinuation, arrowContinuation, arrowContinuation})
	binary.LittleEndian.PutUint32(m.bytes[4:], uint32(len(table)))
	m.bytes = append(m.bytes, table...)
	at := func(offset flatbuffers.UOffsetT) int { return len(m.bytes) - int(offset) } // a builder counts from the end
	m.rowsAt, m.bodySizeAt = at(rows), at(size)
	m.nodesAt, m.buffersAt = at(nodes)+4, at(buffers)+4 // behind the vector's length
	return m
}

func arrowKeyValues(b *flatbuffers.Builder, metadata [][2]string) flatbuffers.UOffsetT {
	if metadata == nil {
		return 0
	}
	pairs := make([]flatbuffers.UOffsetT, len(metadata))
	for i, kv := range metadata {
		key, value := b.CreateString(kv[0]), b.CreateString(kv[1])
		b.StartObject(2)
		b.PrependUOffsetTSlot(0, key, 0)
		b.PrependUOffsetTSlot(1, value, 0)
		pairs[i] = b.EndObject()
	}
	return b.CreateVectorOfTables(pairs)
}

// endMetadata is what the last batch says about the whole answer.
func endMetadata(s Summary) [][2]string {
	return [][2]string{
		{"sallyport.status", "complete"},
		{"sallyport.rows", strconv.FormatInt(s.Rows, 10)},
		{"sallyport.truncated", strconv.FormatBool(s.Truncated)},
	}
}

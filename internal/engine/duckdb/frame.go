package duckdb

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A frame is one byte of kind, four of length (little endian) and a payload.
// Interrupts have a channel of their own, so that the one in which queries and
// answers go needs no reader while a query runs.
type frameKind byte

// The frames.
const (
	frameSetup     frameKind = 'S' // server: what to open; answered by ready or failed
	frameQuery     frameKind = 'Q' // server: run; answered by data frames and one end or failed
	frameEstimate  frameKind = 'P' // server: plan only; answered by one figures or failed
	frameInterrupt frameKind = 'I' // server: end the query of this number
	frameReady     frameKind = 'R' // worker: open, with the catalog
	frameData      frameKind = 'D' // worker: a piece of the encoded answer
	frameEnd       frameKind = 'E' // worker: the answer is whole
	frameFigures   frameKind = 'F' // worker: what the planner expects
	frameFailed    frameKind = 'X' // worker: it is not, and why
)

const (
	frameHeader = 5
	// maxFrame bounds a payload. Either side ends a conversation in which the
	// other claims more.
	maxFrame = 4 << 20
	// dataFrame is the size at which the worker sends what it has encoded.
	dataFrame = 64 << 10
)

var (
	errFrame   = errors.New("duckdb: malformed frame")
	errTooLong = errors.New("duckdb: a message of more than 4 MiB")
)

// frameReader reads frames. A deadline in the middle of a frame loses nothing:
// the next read goes on where it stopped.
type frameReader struct {
	r *bufio.Reader
	// rest is what is still to come of a data frame's payload.
	rest int
}

func newFrameReader(r io.Reader) *frameReader {
	return &frameReader{r: bufio.NewReaderSize(r, readBuffer)}
}

// readBuffer is how much is read at once.
const readBuffer = 256<<10 + frameHeader

// next reads the head of the next frame and, unless it is data, its payload.
// Data is read with data until it is used up. The payload is valid until the
// next call of next or data.
func (f *frameReader) next() (frameKind, []byte, error) {
	if f.rest > 0 {
		return 0, nil, errFrame
	}
	head, err := f.r.Peek(frameHeader)
	if err != nil {
		return 0, nil, err
	}
	kind := frameKind(head[0])
	length := binary.LittleEndian.Uint32(head[1:])
	if length > maxFrame {
		return 0, nil, fmt.Errorf("%w: %d bytes", errFrame, length)
	}
	if kind == frameData {
		f.rest = int(length)
		_, err = f.r.Discard(frameHeader)
		return kind, nil, err
	}
	if whole := frameHeader + int(length); whole <= f.r.Size() {
		// Peeked, so that a deadline in the middle leaves it where it is.
		frame, err := f.r.Peek(whole)
		if err != nil {
			return 0, nil, err
		}
		_, err = f.r.Discard(whole)
		return kind, frame[frameHeader:], err
	}
	// Only a catalog or a query with long parameters is so large; it is read
	// once, and a deadline is its end.
	if _, err := f.r.Discard(frameHeader); err != nil {
		return 0, nil, err
	}
	payload := make([]byte, length)
	_, err = io.ReadFull(f.r, payload)
	return kind, payload, err
}

// data gives the next piece of the current data frame, nil at its end. The
// piece is valid until the next call.
func (f *frameReader) data() ([]byte, error) {
	if f.rest == 0 {
		return nil, nil
	}
	if _, err := f.r.Peek(1); err != nil {
		return nil, err
	}
	piece, err := f.r.Peek(min(f.rest, f.r.Buffered()))
	if err != nil {
		return nil, err
	}
	f.rest -= len(piece)
	_, err = f.r.Discard(len(piece))
	return piece, err
}

// appendFrame appends a whole frame to dst.
func appendFrame(dst []byte, kind frameKind, payload []byte) []byte {
	dst = append(dst, byte(kind))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(payload))) //nolint:gosec // payloads are far below 4 GiB
	return append(dst, payload...)
}

// message is the content of a frame.
type message interface {
	// pack appends the message to dst.
	pack(dst []byte) ([]byte, error)
}

// writeMessage sends a message. One too long for a frame is errTooLong, and
// nothing of it is sent: the other side would end the conversation. The frame
// is made in scratch, which is returned for the next one.
func writeMessage(w io.Writer, scratch []byte, kind frameKind, m message) ([]byte, error) {
	frame, err := appendMessage(scratch[:0], kind, m)
	if err != nil {
		return scratch, err
	}
	_, err = w.Write(frame)
	if cap(frame) > keptFrame {
		frame = nil
	}
	return frame, err
}

// keptFrame is the largest buffer that is kept for the next message.
const keptFrame = 64 << 10

// appendMessage appends a frame with a message to dst.
func appendMessage(dst []byte, kind frameKind, m message) ([]byte, error) {
	start := len(dst)
	frame, err := m.pack(append(dst, byte(kind), 0, 0, 0, 0))
	if err != nil {
		return dst, err
	}
	length := len(frame) - start - frameHeader
	if length > maxFrame {
		return dst, fmt.Errorf("%w: %d bytes", errTooLong, length)
	}
	putLength(frame[start+1:], length)
	return frame, nil
}

// packJSON is for the messages at the start, which nobody waits for.
func packJSON(dst []byte, m any) ([]byte, error) {
	out := bytes.NewBuffer(dst)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false) // "<" would take six bytes
	if err := encoder.Encode(m); err != nil {
		return dst, err
	}
	return out.Bytes(), nil
}

func (s setup) pack(dst []byte) ([]byte, error) { return packJSON(dst, s) }

func (r ready) pack(dst []byte) ([]byte, error) { return packJSON(dst, r) }

// putLength writes the length of a frame whose kind is written already.
func putLength(head []byte, n int) {
	binary.LittleEndian.PutUint32(head, uint32(n)) //nolint:gosec // at most maxFrame
}

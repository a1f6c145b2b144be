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
type frameKind byte

// The frames. Payloads are JSON but for data.
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
	return &frameReader{r: bufio.NewReaderSize(r, dataFrame+frameHeader)}
}

// next reads the head of the next frame and, unless it is data, its payload.
// Data is read with data until it is used up.
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
	payload := make([]byte, length)
	if whole := frameHeader + int(length); whole <= f.r.Size() {
		// Peeked, so that a deadline in the middle leaves it where it is.
		frame, err := f.r.Peek(whole)
		if err != nil {
			return 0, nil, err
		}
		copy(payload, frame[frameHeader:])
		_, err = f.r.Discard(whole)
		return kind, payload, err
	}
	// Only a catalog is so large; it is read once, and a deadline is its end.
	if _, err := f.r.Discard(frameHeader); err != nil {
		return 0, nil, err
	}
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

// writeMessage sends a message. One too long for a frame is errTooLong, and
// nothing of it is sent: the other side would end the conversation.
func writeMessage(w io.Writer, kind frameKind, message any) error {
	frame := bytes.NewBuffer(append(make([]byte, 0, 512), byte(kind), 0, 0, 0, 0))
	encoder := json.NewEncoder(frame)
	encoder.SetEscapeHTML(false) // "<" would take six bytes
	if err := encoder.Encode(message); err != nil {
		return err
	}
	length := frame.Len() - frameHeader
	if length > maxFrame {
		return fmt.Errorf("%w: %d bytes", errTooLong, length)
	}
	putLength(frame.Bytes()[1:], length)
	_, err := w.Write(frame.Bytes())
	return err
}

// putLength writes the length of a frame whose kind is written already.
func putLength(head []byte, n int) {
	binary.LittleEndian.PutUint32(head, uint32(n)) //nolint:gosec // at most maxFrame
}

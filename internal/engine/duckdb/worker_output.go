package duckdb

import (
	"io"
	"slices"
)

const (
	// streamFrame is the size of a frame once an answer has turned out to be
	// long: fewer frames are fewer system calls, on both sides.
	streamFrame = 256 << 10
	// keptOutput is the largest buffer that is kept, more than a batch of Arrow
	// takes: one that grew for a long row stays out of the next query.
	keptOutput = 2 << 20
)

// output collects what is encoded and sends it in data frames.
type output struct {
	channel io.Writer
	sender  *sender // for answers of several frames
	buffer  []byte  // room for a frame's head, then the payload
	sent    int64   // payload bytes sent
	limit   int64
	broken  error  // the channel failed
	scratch []byte // kept between queries
}

// begin is before every answer.
func (o *output) begin(limit int64) {
	if cap(o.scratch) < 2*dataFrame {
		o.scratch = make([]byte, 0, 2*dataFrame)
	}
	o.sent, o.limit, o.broken = 0, limit, nil
	o.fresh(o.scratch)
}

// fresh makes b the buffer, with room for a head.
func (o *output) fresh(b []byte) { o.buffer = append(slices.Grow(b[:0], frameHeader), 0, 0, 0, 0, 0) }

func (o *output) payload() int { return len(o.buffer) - frameHeader }

func (o *output) checkLength() error {
	if o.sent+int64(o.payload()) > o.limit {
		return errAnswerTooLong
	}
	return nil
}

// flushFull sends the buffer once it is worth a frame: the first of an answer is
// small, so that its beginning is soon on its way.
func (o *output) flushFull() error {
	if err := o.checkLength(); err != nil {
		return err
	}
	worth := dataFrame
	if o.sent > 0 {
		worth = streamFrame
	}
	if o.payload() < worth {
		return nil
	}
	return o.flush()
}

// flush sends what there is, and leaves the writing to the sender.
func (o *output) flush() error {
	if err := o.split(); err != nil {
		return err
	}
	o.seal()
	var next []byte
	next, o.broken = o.sender.send(o.buffer)
	if cap(next) > keptOutput {
		next = nil
	}
	o.fresh(next)
	return o.broken
}

// split sends the beginning of a payload that is too long for a frame.
func (o *output) split() error {
	if o.payload() <= maxFrame {
		return nil
	}
	if err := o.drain(); err != nil {
		return err
	}
	whole := o.buffer
	for o.payload() > maxFrame {
		rest := o.buffer[maxFrame:] // its head goes into bytes that are sent already
		o.buffer = o.buffer[:frameHeader+maxFrame]
		o.seal()
		if _, o.broken = o.channel.Write(o.buffer); o.broken != nil {
			return o.broken
		}
		o.buffer = rest
	}
	o.buffer = append(whole[:0], o.buffer...) // head and rest, moved to the front
	return nil
}

// seal writes the head of the data frame that the buffer is.
func (o *output) seal() {
	n := o.payload()
	o.buffer[0] = byte(frameData)
	putLength(o.buffer[1:], n)
	o.sent += int64(n)
}

// drain waits until all frames so far are written.
func (o *output) drain() error {
	if err := o.sender.drain(); err != nil {
		o.broken = err
	}
	return o.broken
}

// finish sends the rest of the data and the end, in one write.
func (o *output) finish(e end) error {
	if err := o.split(); err != nil {
		return err
	}
	if err := o.drain(); err != nil {
		return err
	}
	if o.payload() > 0 {
		o.seal()
	} else {
		o.buffer = o.buffer[:0]
	}
	return o.last(frameEnd, e)
}

// fail sends the failure. What was encoded and not sent is dropped.
func (o *output) fail(f failed) error {
	if err := o.drain(); err != nil {
		return err
	}
	o.buffer = o.buffer[:0]
	return o.last(frameFailed, f)
}

// last sends what there is and a message after it.
func (o *output) last(kind frameKind, m message) error {
	var err error
	if o.buffer, err = appendMessage(o.buffer, kind, m); err != nil {
		return err
	}
	_, o.broken = o.channel.Write(o.buffer)
	o.scratch = o.buffer[:0]
	if cap(o.buffer) > keptOutput {
		o.scratch = nil
	}
	o.buffer = nil
	return o.broken
}

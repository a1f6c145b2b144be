package httpapi

import "time"

// flushAfter is how long the last bytes of a piece may stay in net/http's buffers, if
// more comes: a fast answer is flushed seldom, each piece of a slow one at once.
const flushAfter = 100 * time.Millisecond

// outlet is the way out of an answer whose length is not known, compressed or
// not. It holds little back, so that an engine feels the pace of its client, and the client
// sees progress.
type outlet struct {
	*passage
	through *compressor // nil: the answer is sent as it is
	packed  *buffer     // what the compressor has put out
	flushed time.Time   // when net/http was last told to send everything
}

// open takes a compressor for the coding, and says which coding it is to be.
func (o *outlet) open(a *API, c choice) coding {
	if c.coding == identity {
		return identity
	}
	o.packed = takeBuffer(mostPacked, &o.account)
	// Enough for all of it: once the answer is on its way, running out of room breaks it off.
	if o.packed.grow(2*maxPiece) == nil {
		o.through = a.compressors.take(c.coding, o.packed)
	}
	if o.through == nil {
		o.packed.release()
		return identity
	}
	return c.coding
}

// Write passes p on. A compressor is flushed as often as that costs nothing: what engines
// write is 32 KiB and more, and zstd's blocks are 128 KiB at most.
func (o *outlet) Write(p []byte) (int, error) {
	if o.through == nil {
		return o.pace.Write(p)
	}
	written := 0
	for len(p) > 0 {
		n, err := o.through.Write(p[:min(len(p), maxPiece)])
		written += n
		if err == nil {
			err = o.send(o.through.Flush())
		}
		if err != nil {
			return written, err
		}
		p = p[n:]
	}
	return written, nil
}

// flushSlow flushes the answer if that has not happened for a while.
func (o *outlet) flushSlow() error {
	if time.Since(o.flushed) < flushAfter {
		return nil
	}
	return o.flush()
}

// flush brings everything on its way to the client.
func (o *outlet) flush() error {
	err := o.pace.flush()
	o.flushed = time.Now()
	return err
}

// send writes what the compressor has put out.
func (o *outlet) send(err error) error {
	if err != nil {
		return err
	}
	_, err = o.pace.Write(o.packed.bytes)
	o.packed.bytes = o.packed.bytes[:0]
	return err
}

// finish ends a complete answer.
func (o *outlet) finish() error {
	if o.through == nil {
		return nil
	}
	err := o.send(o.through.Close())
	o.through.release()
	o.packed.release()
	o.through = nil
	return err
}

// abandon gives up an answer that has not been finished. Without the compressor's end it cannot be
// taken for a whole one.
func (o *outlet) abandon() {
	if o.through != nil {
		o.through.abandon()
		o.through = nil
	}
}

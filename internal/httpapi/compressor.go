package httpapi

import (
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	// maxCompressors is how many answers may be compressed at once. An encoder
	// takes somewhat less than 1 MiB, so that all take 16 MiB; further
	// answers are sent as they are.
	maxCompressors = 16
	// zstdWindow is how far back zstd looks, in bytes. What is larger made answers no
	// smaller and encoders larger. RFC 9659 allows up to 8 MB.
	zstdWindow = 256 << 10
)

// encoder is what both libraries' writers are.
type encoder interface {
	io.WriteCloser
	Flush() error
	Reset(w io.Writer)
}

// compressors hands out encoders. Those in use are counted; those not in use are
// the garbage collector's.
type compressors struct {
	places chan struct{}
	idle   map[coding]*sync.Pool
}

// newCompressors makes one encoder of each kind, so that a mistake in their options is found
// at once.
func newCompressors() (*compressors, error) {
	c := &compressors{places: make(chan struct{}, maxCompressors), idle: map[coding]*sync.Pool{}}
	for _, kind := range []coding{gzipped, zstandard} {
		e, err := newEncoder(kind)
		if err != nil {
			return nil, fmt.Errorf("httpapi: %v: %w", kind, err)
		}
		c.idle[kind] = new(sync.Pool)
		c.idle[kind].Put(e)
	}
	return c, nil
}

// newEncoder makes one that works in the caller's goroutine, as fast as it can.
func newEncoder(kind coding) (encoder, error) {
	if kind == gzipped {
		return gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	}
	return zstd.NewWriter(io.Discard, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(zstdWindow))
}

// compressor is an encoder that is in use.
type compressor struct {
	encoder
	kind coding
	from *compressors
}

// take is a compressor that writes to w, or nil when all are in use, and for identity.
func (c *compressors) take(kind coding, w io.Writer) *compressor {
	if kind == identity {
		return nil
	}
	select {
	case c.places <- struct{}{}:
	default:
		return nil
	}
	e, ok := c.idle[kind].Get().(encoder)
	if !ok {
		var err error
		if e, err = newEncoder(kind); err != nil { // unreachable: the first has been made
			<-c.places
			return nil
		}
	}
	e.Reset(w)
	return &compressor{encoder: e, kind: kind, from: c}
}

// release gives the place back, and the encoder for another answer.
func (c *compressor) release() {
	c.Reset(io.Discard) // it must not keep this answer's writer
	c.from.idle[c.kind].Put(c.encoder)
	<-c.from.places
}

// abandon gives the place back and leaves an encoder, in whatever state, to the
// garbage collector.
func (c *compressor) abandon() { <-c.from.places }

package postgres

import "github.com/sallyport-dev/sallyport/internal/encode"

// Rows are collected before they are encoded, since encoders work by columns.
const (
	// chunkBytes is about as much as is collected: what it is over is one row.
	chunkBytes = 256 << 10
	// arrowRows is how many rows become a batch of Arrow.
	arrowRows = 2048
	// textRows is as many as it takes for the other formats to gain from it.
	// The server sends the next ones meanwhile, so that less is more.
	textRows = 64
	// cellBytes is what a value takes beside its own bytes, about.
	cellBytes = 8
)

// rows are some rows of an answer, by columns.
type rows struct {
	decoders []decoder
	chunk    encode.Chunk
	most     int // rows
	size     int // bytes
	peak     int // the largest size there was
}

// reset forgets the rows, for an answer in the given format.
func (r *rows) reset(decoders []decoder, f encode.Format) {
	r.decoders, r.most = decoders, textRows
	if f == encode.Arrow {
		r.most = arrowRows
	}
	if len(r.chunk.Columns) != len(decoders) {
		r.chunk.Columns = make([]encode.Vector, len(decoders))
	}
	r.clear()
}

func (r *rows) clear() {
	r.peak = max(r.peak, r.size)
	r.chunk.Rows, r.size = 0, 0
	for _, d := range r.decoders {
		d.reset()
	}
}

// put adds a row, whose texts may have as many bytes as limit.
func (r *rows) put(values [][]byte, limit int) error {
	if len(values) != len(r.decoders) {
		return errWire
	}
	r.size += cellBytes
	for i, b := range values {
		r.size += cellBytes
		if b == nil {
			r.decoders[i].null()
			continue
		}
		n, err := r.decoders[i].put(b, limit)
		if err != nil {
			r.size += limit // it may have grown by so much
			return err
		}
		limit -= n
		r.size += max(n, len(b))
	}
	r.chunk.Rows++
	return nil
}

// full says that the rows are to be encoded before the next is put.
func (r *rows) full() bool { return r.chunk.Rows >= r.most || r.size >= chunkBytes }

// columns are the rows that have been put.
func (r *rows) columns() *encode.Chunk {
	for i, d := range r.decoders {
		r.chunk.Columns[i] = *d.vector()
	}
	return &r.chunk
}

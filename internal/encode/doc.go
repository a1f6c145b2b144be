// Package encode turns typed columns into the bytes a client receives.
//
// It is the last step of a query: an engine hands over its result one [Chunk] of columns at a
// time, and an [Encoder] appends the rows to a byte slice as JSON, NDJSON, CSV, TSV or an
// Arrow IPC stream. It knows no engine. An engine whose own column vectors have the layout described at [Vector] points the
// slices straight at them and copies nothing; any other engine fills slices of its own.
//
// The appender of a column is chosen once, when the Encoder is made. After that no value passes
// through an interface, through reflection, or through the heap.
//
// How each type looks in each format is a contract with clients and is written down, with the
// reasons, in docs/types.md.
//
// # Use
//
//	enc, err := encode.New(encode.JSON, columns, encode.Options{})
//	buf = enc.Begin(buf[:0])
//	for each chunk {
//		buf = enc.Rows(buf, &chunk, 0, chunk.Rows) // or Step, to watch len(buf)
//		if err := enc.Err(); err != nil { … }
//	}
//	buf = enc.End(buf, encode.Summary{Rows: n})
//
// # Limits
//
// An Encoder is not safe for concurrent use. It trusts the shape of a chunk: a slice that is
// shorter than the rows it should hold panics, as any Go slice does, and is never read past its
// end. It does not trust the values: text that is not UTF-8 is repaired, and one row cannot grow
// past [Options.MaxRowBytes], however deep or wide its value. The size of the whole answer is for
// the caller to watch.
//
// Wrong: keeping a Vector, or a slice that its Text function returned, after the engine has moved
// on to the next chunk. The memory is borrowed.
//
// Wrong: calling End without having asked Err. After an error Rows and End append nothing, so a
// JSON document and an Arrow stream stay visibly unfinished, and so does NDJSON with its end marker;
// CSV and TSV have no closing mark, and only Err tells that rows are missing.
package encode

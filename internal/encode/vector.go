package encode

import (
	"fmt"
	"math"
)

// Vector is one column of one chunk, or a part of a nested one. Only the slices that the Kind of
// its type names are read. The memory is borrowed: it is read during a call of Rows and not kept.
type Vector struct {
	// Type is the column's type. Encoders go by the types given to [New], which must be the same.
	Type *Type
	// Valid has one bit per row, the least significant first; 0 is NULL. Nil: no row is NULL. What
	// the other slices hold at a row that is NULL is never shown, but they have a place for it unless
	// all rows are NULL.
	Valid []uint64

	Bools    []bool
	Int8s    []int8
	Int16s   []int16
	Int32s   []int32
	Int64s   []int64
	Uint8s   []uint8
	Uint16s  []uint16
	Uint32s  []uint32
	Uint64s  []uint64
	Float32s []float32
	Float64s []float64

	Int128s   []Int128Value
	Intervals []IntervalValue

	// Text returns the bytes of a row, valid until the next chunk. It is called only for rows
	// that are not NULL, and may be called more than once.
	Text func(row int) []byte
	// Texts is Text for many rows at once, for an engine that can do that faster; nil: it cannot. It
	// appends the texts of the rows [from, to) to dst, nothing for a row that is NULL, and sets
	// ends[i] to how many bytes it has appended when row from+i is out. It returns false, with
	// whatever it has appended so far, before dst gets longer than limit. Text must be set as well.
	Texts func(dst []byte, ends []uint32, from, to, limit int) ([]byte, bool)

	// Lists says where in Child the elements of each row are.
	Lists []ListEntry
	// Child holds the elements of a List, Array or Map.
	Child *Vector
	// Fields holds the fields of a Struct or the members of a Union, all as long as this vector.
	Fields []*Vector
	// Tags says which member of a Union is set.
	Tags []uint8
}

// null reports whether a row is NULL.
func (v *Vector) null(row int) bool {
	return v.Valid != nil && v.Valid[uint(row)>>6]&(1<<(uint(row)&63)) == 0
}

// Int128Value is a 128-bit number: Hi·2^64 + Lo. The fields lie in the order of a little-endian
// machine, so that such memory can be used as it is.
type Int128Value struct {
	Lo uint64
	Hi int64
}

// IntervalValue is a span of time. Its parts are kept apart since a month has no fixed number of days and
// a day no fixed number of hours.
type IntervalValue struct {
	Months, Days int32
	Micros       int64
}

// ListEntry is where the elements of one row lie in the child vector.
type ListEntry struct {
	Offset, Length uint64
}

// Chunk is some rows of a result. Columns are in the order given to [New], and all have Rows rows.
type Chunk struct {
	Rows    int
	Columns []Vector
}

// check panics if the chunk has not these columns or rows.
func (c *Chunk) check(columns, from, to int) {
	if len(c.Columns) != columns {
		panic(fmt.Sprintf("encode: a chunk of %d columns, where %d were announced", len(c.Columns), columns))
	}
	if from < 0 || to > c.Rows {
		panic(fmt.Sprintf("encode: rows %d to %d of a chunk of %d", from, to, c.Rows))
	}
}

// Infinity32 as a Date means the end of time and -Infinity32 its beginning; the one number below
// that is taken for the beginning as well. Infinity64 is the same for a Timestamp or TimestampTZ in every unit.
const (
	Infinity32 int32 = math.MaxInt32
	Infinity64 int64 = math.MaxInt64
)

// timeTZMaxOffset is the largest UTC offset of a TimeTZ, in seconds: 15:59:59.
const timeTZMaxOffset = 16*60*60 - 1

// PackTimeTZ makes the number that a TimeTZ vector holds: the microseconds since midnight, local
// time, in the upper 40 bits, and 57599 minus the offset in the lower 24. The offset is in seconds,
// east of UTC positive, from -57599 to 57599.
func PackTimeTZ(micros int64, offset int32) uint64 {
	return uint64(micros)<<24 | uint64(timeTZMaxOffset-offset)&(1<<24-1)
}

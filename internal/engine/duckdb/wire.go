package duckdb

import (
	"encoding/binary"
	"math"
)

// The messages of a query are packed: as JSON they would cost a small query a
// tenth of its time. Numbers are varints, texts have their length before them.

func appendUint(dst []byte, v uint64) []byte { return binary.AppendUvarint(dst, v) }

func appendInt(dst []byte, v int64) []byte { return binary.AppendVarint(dst, v) }

func appendFloat(dst []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
}

func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 1)
	}
	return append(dst, 0)
}

func appendString(dst []byte, s string) []byte { return append(appendUint(dst, uint64(len(s))), s...) }

// fields takes a packed message apart. The other side may be out of its mind:
// whatever does not fit makes the whole message malformed, which done says.
type fields struct {
	rest []byte
	bad  bool
}

// fail gives up: every further field is zero.
func (f *fields) fail() { f.rest, f.bad = nil, true }

func (f *fields) uint() uint64 {
	v, n := binary.Uvarint(f.rest)
	if n <= 0 {
		f.fail()
		return 0
	}
	f.rest = f.rest[n:]
	return v
}

// size is a number that counts something of ours: never negative.
func (f *fields) size() int64 {
	v := f.uint()
	if v > math.MaxInt64 {
		f.fail()
		return 0
	}
	return int64(v)
}

func (f *fields) int() int64 {
	v, n := binary.Varint(f.rest)
	if n <= 0 {
		f.fail()
		return 0
	}
	f.rest = f.rest[n:]
	return v
}

func (f *fields) float() float64 {
	if len(f.rest) < 8 {
		f.fail()
		return 0
	}
	v := math.Float64frombits(binary.LittleEndian.Uint64(f.rest))
	f.rest = f.rest[8:]
	return v
}

func (f *fields) byte() byte {
	if len(f.rest) == 0 {
		f.fail()
		return 0
	}
	v := f.rest[0]
	f.rest = f.rest[1:]
	return v
}

func (f *fields) bool() bool {
	v := f.byte()
	if v > 1 {
		f.fail()
	}
	return v == 1
}

func (f *fields) string() string {
	n := f.uint()
	if n > uint64(len(f.rest)) {
		f.fail()
		return ""
	}
	s := string(f.rest[:n])
	f.rest = f.rest[n:]
	return s
}

// done reports a message with anything wrong, missing or left over.
func (f *fields) done() error {
	if f.bad || len(f.rest) > 0 {
		return errFrame
	}
	return nil
}

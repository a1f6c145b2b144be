package encode

// Kind is what a value is, apart from its name in any engine. Its zero value is no kind and is
// refused by [New]. The comment of each says which slice of a [Vector] holds it.
type Kind uint8

// The kinds.
const (
	// Bool: Bools.
	Bool Kind = iota + 1
	// Int8: Int8s.
	Int8
	// Int16: Int16s.
	Int16
	// Int32: Int32s.
	Int32
	// Int64: Int64s.
	Int64
	// Uint8: Uint8s.
	Uint8
	// Uint16: Uint16s.
	Uint16
	// Uint32: Uint32s.
	Uint32
	// Uint64: Uint64s.
	Uint64
	// Int128: Int128s, two's complement.
	Int128
	// Uint128: Int128s, whose Hi then holds the bits of an unsigned number.
	Uint128
	// Float32: Float32s.
	Float32
	// Float64: Float64s.
	Float64
	// Decimal: the value times 10^Scale, in whichever of Int16s, Int32s, Int64s and Int128s is set.
	Decimal
	// BigNum: Text, a number of no fixed size as plain decimal text.
	BigNum
	// Text: Text, in UTF-8. Also enumerations and whatever an engine shows as text.
	Text
	// Blob: Text, as raw bytes.
	Blob
	// Bit: Text, as the characters 0 and 1.
	Bit
	// UUID: Int128s, the sixteen octets of RFC 9562 in big-endian order: Hi the first eight, Lo the last.
	UUID
	// Date: Int32s, days since 1970-01-01. See [Infinity32].
	Date
	// Time: Int64s, since midnight, in the type's Unit; 24:00:00 is allowed.
	Time
	// TimeTZ: Uint64s, as [PackTimeTZ] makes them.
	TimeTZ
	// Timestamp: Int64s, local date and time as if in UTC, since 1970-01-01T00:00:00, in the type's Unit. See [Infinity64].
	Timestamp
	// TimestampTZ: Int64s, an instant since 1970-01-01T00:00:00Z, in the type's Unit. See [Infinity64].
	TimestampTZ
	// Interval: Intervals.
	Interval
	// List: Lists into Child, of type Elem.
	List
	// Array: Child, of type Elem; row r has the elements [r*Size, (r+1)*Size).
	Array
	// Struct: Fields, one vector per field of the type.
	Struct
	// Map: Lists into Child, which is laid out as a Struct of the type's two Fields, key and value.
	Map
	// Union: Tags, each the index of the member in Fields that is set in that row.
	Union
	// Null: nothing; every row is NULL.
	Null
)

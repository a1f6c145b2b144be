package duckdblib

import native "github.com/duckdb/duckdb-go-bindings"

// Type is a DuckDB type; the caller closes it.
type Type struct{ handle native.LogicalType }

// Close frees the type.
func (t Type) Close() { native.DestroyLogicalType(&t.handle) }

// ID is DuckDB's number for the type.
func (t Type) ID() native.Type { return native.GetTypeId(t.handle) }

// Alias is the name of a type made from another one, such as JSON.
func (t Type) Alias() string { return native.LogicalTypeGetAlias(t.handle) }

// Decimal is the width and scale of a DECIMAL, and the id of the integer that
// stores it.
func (t Type) Decimal() (width, scale uint8, storage native.Type) {
	return native.DecimalWidth(t.handle), native.DecimalScale(t.handle), native.DecimalInternalType(t.handle)
}

// Enum is the values of an ENUM in their order, and the id of the integer
// that stores their index.
func (t Type) Enum() (values []string, storage native.Type) {
	values = make([]string, native.EnumDictionarySize(t.handle))
	for i := range values {
		values[i] = native.EnumDictionaryValue(t.handle, index(i))
	}
	return values, native.EnumInternalType(t.handle)
}

// ListElem is the element type of a LIST.
func (t Type) ListElem() Type { return Type{handle: native.ListTypeChildType(t.handle)} }

// ArrayElem is the element type and the length of an ARRAY.
func (t Type) ArrayElem() (elem Type, size int) {
	return Type{handle: native.ArrayTypeChildType(t.handle)}, int(native.ArrayTypeArraySize(t.handle))
}

// MapTypes are the key and value types of a MAP.
func (t Type) MapTypes() (key, value Type) {
	return Type{handle: native.MapTypeKeyType(t.handle)}, Type{handle: native.MapTypeValueType(t.handle)}
}

// NumFields is the number of members of a STRUCT.
func (t Type) NumFields() int { return int(native.StructTypeChildCount(t.handle)) }

// Field is member i of a STRUCT.
func (t Type) Field(i int) (name string, elem Type) {
	return native.StructTypeChildName(t.handle, index(i)), Type{handle: native.StructTypeChildType(t.handle, index(i))}
}

// NumMembers is the number of members of a UNION.
func (t Type) NumMembers() int { return int(native.UnionTypeMemberCount(t.handle)) }

// Member is member i of a UNION.
func (t Type) Member(i int) (name string, elem Type) {
	return native.UnionTypeMemberName(t.handle, index(i)), Type{handle: native.UnionTypeMemberType(t.handle, index(i))}
}

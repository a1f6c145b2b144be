package duckdb

import (
	"bytes"
	"fmt"
	"strings"

	native "github.com/duckdb/duckdb-go-bindings"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
	"github.com/sallyport-dev/sallyport/internal/encode"
)

// simpleTypes maps the types without parts.
var simpleTypes = map[native.Type]encode.Type{
	native.TypeBoolean:     {Kind: encode.Bool, Name: "BOOLEAN"},
	native.TypeTinyInt:     {Kind: encode.Int8, Name: "TINYINT"},
	native.TypeSmallInt:    {Kind: encode.Int16, Name: "SMALLINT"},
	native.TypeInteger:     {Kind: encode.Int32, Name: "INTEGER"},
	native.TypeBigInt:      {Kind: encode.Int64, Name: "BIGINT"},
	native.TypeUTinyInt:    {Kind: encode.Uint8, Name: "UTINYINT"},
	native.TypeUSmallInt:   {Kind: encode.Uint16, Name: "USMALLINT"},
	native.TypeUInteger:    {Kind: encode.Uint32, Name: "UINTEGER"},
	native.TypeUBigInt:     {Kind: encode.Uint64, Name: "UBIGINT"},
	native.TypeHugeInt:     {Kind: encode.Int128, Name: "HUGEINT"},
	native.TypeUHugeInt:    {Kind: encode.Uint128, Name: "UHUGEINT"},
	native.TypeFloat:       {Kind: encode.Float32, Name: "FLOAT"},
	native.TypeDouble:      {Kind: encode.Float64, Name: "DOUBLE"},
	native.TypeVarchar:     {Kind: encode.Text, Name: "VARCHAR"},
	native.TypeBlob:        {Kind: encode.Blob, Name: "BLOB"},
	native.TypeBit:         {Kind: encode.Bit, Name: "BIT"},
	native.TypeBigNum:      {Kind: encode.BigNum, Name: "BIGNUM"},
	native.TypeUUID:        {Kind: encode.UUID, Name: "UUID"},
	native.TypeDate:        {Kind: encode.Date, Name: "DATE"},
	native.TypeTime:        {Kind: encode.Time, Name: "TIME", Unit: encode.Microsecond},
	native.TypeTimeNS:      {Kind: encode.Time, Name: "TIME_NS", Unit: encode.Nanosecond},
	native.TypeTimeTZ:      {Kind: encode.TimeTZ, Name: "TIME WITH TIME ZONE"},
	native.TypeTimestamp:   {Kind: encode.Timestamp, Name: "TIMESTAMP", Unit: encode.Microsecond},
	native.TypeTimestampS:  {Kind: encode.Timestamp, Name: "TIMESTAMP_S", Unit: encode.Second},
	native.TypeTimestampMS: {Kind: encode.Timestamp, Name: "TIMESTAMP_MS", Unit: encode.Millisecond},
	native.TypeTimestampNS: {Kind: encode.Timestamp, Name: "TIMESTAMP_NS", Unit: encode.Nanosecond},
	native.TypeTimestampTZ: {Kind: encode.TimestampTZ, Name: "TIMESTAMP WITH TIME ZONE", Unit: encode.Microsecond},
	native.TypeInterval:    {Kind: encode.Interval, Name: "INTERVAL"},
	native.TypeSQLNull:     {Kind: encode.Null, Name: "NULL"},
}

// column is a result's column: its type for the encoder, and what is needed
// to read its vectors.
type column struct {
	typ    *encode.Type
	id     native.Type // how the values are stored
	labels [][]byte    // values of an ENUM
	parts  []*column   // element, fields or members
}

// describe takes a type apart and closes it.
func describe(t duckdblib.Type) (*column, error) {
	defer t.Close()
	id := t.ID()
	c := &column{id: id}
	if simple, ok := simpleTypes[id]; ok {
		c.typ = &simple
		if alias := t.Alias(); alias != "" {
			c.typ.Name = alias // JSON, for one, is a VARCHAR by another name
		}
		return c, nil
	}
	var err error
	switch id {
	case native.TypeDecimal:
		width, scale, storage := t.Decimal()
		c.id = storage
		c.typ = &encode.Type{Kind: encode.Decimal, Name: fmt.Sprintf("DECIMAL(%d,%d)", width, scale), Width: width, Scale: scale}
	case native.TypeEnum:
		values, storage := t.Enum()
		c.id = storage
		c.typ = &encode.Type{Kind: encode.Text, Name: "ENUM"}
		for _, v := range values {
			c.labels = append(c.labels, []byte(v))
		}
	case native.TypeList:
		err = c.add(t.ListElem())
		if err == nil {
			c.typ = &encode.Type{Kind: encode.List, Name: c.parts[0].typ.Name + "[]", Elem: c.parts[0].typ}
		}
	case native.TypeArray:
		elem, size := t.ArrayElem()
		err = c.add(elem)
		if err == nil {
			c.typ = &encode.Type{Kind: encode.Array, Name: fmt.Sprintf("%s[%d]", c.parts[0].typ.Name, size), Elem: c.parts[0].typ, Size: size}
		}
	case native.TypeMap:
		key, value := t.MapTypes()
		err = c.record(encode.Map, "MAP", []string{"key", "value"}, []duckdblib.Type{key, value})
	case native.TypeStruct:
		names, types := members(t.NumFields(), t.Field)
		err = c.record(encode.Struct, "STRUCT", names, types)
	case native.TypeUnion:
		names, types := members(t.NumMembers(), t.Member)
		err = c.record(encode.Union, "UNION", names, types)
	default:
		err = fmt.Errorf("duckdb: values of type %d have no encoding", id)
	}
	return c, err
}

// same reports whether both are read and written alike.
func (c *column) same(o *column) bool {
	if c.id != o.id || c.typ.Kind != o.typ.Kind || c.typ.Name != o.typ.Name || len(c.parts) != len(o.parts) || len(c.labels) != len(o.labels) {
		return false
	}
	for i := range c.labels {
		if !bytes.Equal(c.labels[i], o.labels[i]) {
			return false
		}
	}
	for i := range c.parts {
		if !c.parts[i].same(o.parts[i]) {
			return false
		}
	}
	return true
}

func members(n int, member func(int) (string, duckdblib.Type)) ([]string, []duckdblib.Type) {
	names, types := make([]string, n), make([]duckdblib.Type, n)
	for i := range n {
		names[i], types[i] = member(i)
	}
	return names, types
}

func (c *column) add(t duckdblib.Type) error {
	part, err := describe(t)
	if err != nil {
		return err
	}
	c.parts = append(c.parts, part)
	return nil
}

func (c *column) record(kind encode.Kind, name string, names []string, types []duckdblib.Type) error {
	c.typ = &encode.Type{Kind: kind}
	var shown []string
	for i, t := range types {
		if err := c.add(t); err != nil {
			for _, rest := range types[i+1:] {
				rest.Close()
			}
			return err
		}
		part := c.parts[i].typ
		c.typ.Fields = append(c.typ.Fields, encode.Field{Name: names[i], Type: part})
		if kind == encode.Map {
			shown = append(shown, part.Name)
		} else {
			shown = append(shown, names[i]+" "+part.Name)
		}
	}
	c.typ.Name = name + "(" + strings.Join(shown, ", ") + ")"
	return nil
}

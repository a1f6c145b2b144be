package encode

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

// typeKey is the key of a field's metadata that holds how the engine spells the type.
const typeKey = "sallyport.type"

// arrowDepth is the depth of nesting at which readers give up: arrow-cpp's kMaxNestingDepth.
const arrowDepth = 64

// arrowSchema returns the schema message, as arrow-go writes it.
func arrowSchema(cols []Column) ([]byte, error) {
	fields := make([]arrow.Field, len(cols))
	var errs []error
	for i := range cols {
		f, err := arrowField(cols[i].Name, cols[i].Type, 0)
		if err != nil {
			errs = append(errs, fmt.Errorf("encode: column %d: %w", i+1, err))
			continue
		}
		keys, values := append(f.Metadata.Keys(), typeKey), append(f.Metadata.Values(), validUTF8(cols[i].Type.Name))
		f.Metadata = arrow.NewMetadata(keys, values)
		fields[i] = f
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := ipc.NewWriter(&b, ipc.WithSchema(arrow.NewSchema(fields, nil))).Close(); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	const eos = 8 // the mark of the end, which Close writes too
	return b.Bytes()[:b.Len()-eos], nil
}

func arrowField(name string, t *Type, depth int) (arrow.Field, error) {
	f := arrow.Field{Name: validUTF8(name), Nullable: true}
	if depth > arrowDepth {
		return f, fmt.Errorf("arrow readers take no type nested deeper than %d", arrowDepth)
	}
	var err error
	switch t.Kind {
	case List, Array, Struct, Map, Union:
		f.Type, err = arrowNested(t, depth+1)
	case UUID: // a canonical extension type; readers that do not know it see the sixteen bytes
		f.Type = &arrow.FixedSizeBinaryType{ByteWidth: 16}
		f.Metadata = arrow.NewMetadata([]string{ipc.ExtensionTypeKeyName, ipc.ExtensionMetadataKeyName}, []string{"arrow.uuid", ""})
	default:
		f.Type = arrowScalar(t)
	}
	return f, err
}

func arrowNested(t *Type, depth int) (arrow.DataType, error) {
	switch t.Kind {
	case List, Array:
		elem, err := arrowField("item", t.Elem, depth)
		switch {
		case err != nil:
			return nil, err
		case t.Kind == List:
			return arrow.ListOfField(elem), nil
		case t.Size > math.MaxInt32:
			return nil, fmt.Errorf("arrow has no arrays of %d elements", t.Size)
		}
		return arrow.FixedSizeListOfField(int32(t.Size), elem), nil
	}
	fields := make([]arrow.Field, len(t.Fields))
	codes := make([]arrow.UnionTypeCode, len(t.Fields))
	var errs []error
	for i := range t.Fields {
		var err error
		fields[i], err = arrowField(t.Fields[i].Name, t.Fields[i].Type, depth)
		codes[i] = arrow.UnionTypeCode(i)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	switch {
	case t.Kind == Struct:
		return arrow.StructOf(fields...), nil
	case t.Kind == Map:
		fields[0].Nullable = false
		return arrow.MapOfFields(fields[0], fields[1]), nil
	case len(fields) > 128:
		return nil, fmt.Errorf("an arrow union has at most 128 members, not %d", len(fields))
	default:
		return arrow.DenseUnionOf(fields, codes), nil
	}
}

// arrowUnits are Arrow's units; those of Type begin at 1.
var arrowUnits = [...]arrow.TimeUnit{Second: arrow.Second, Millisecond: arrow.Millisecond, Microsecond: arrow.Microsecond, Nanosecond: arrow.Nanosecond}

func arrowScalar(t *Type) arrow.DataType {
	switch t.Kind {
	case Bool:
		return arrow.FixedWidthTypes.Boolean
	case Int8:
		return arrow.PrimitiveTypes.Int8
	case Int16:
		return arrow.PrimitiveTypes.Int16
	case Int32:
		return arrow.PrimitiveTypes.Int32
	case Int64:
		return arrow.PrimitiveTypes.Int64
	case Uint8:
		return arrow.PrimitiveTypes.Uint8
	case Uint16:
		return arrow.PrimitiveTypes.Uint16
	case Uint32:
		return arrow.PrimitiveTypes.Uint32
	case Uint64:
		return arrow.PrimitiveTypes.Uint64
	case Int128: // most are sums, which their readers add up further
		return &arrow.Decimal128Type{Precision: 38}
	case Float32:
		return arrow.PrimitiveTypes.Float32
	case Float64:
		return arrow.PrimitiveTypes.Float64
	case Decimal:
		return &arrow.Decimal128Type{Precision: int32(t.Width), Scale: int32(t.Scale)}
	case Blob:
		return arrow.BinaryTypes.Binary
	case Date:
		return arrow.FixedWidthTypes.Date32
	case Time:
		if t.Unit <= Millisecond {
			return &arrow.Time32Type{Unit: arrowUnits[t.Unit]}
		}
		return &arrow.Time64Type{Unit: arrowUnits[t.Unit]}
	case Timestamp:
		return &arrow.TimestampType{Unit: arrowUnits[t.Unit]}
	case TimestampTZ:
		return &arrow.TimestampType{Unit: arrowUnits[t.Unit], TimeZone: "UTC"}
	case Interval:
		return arrow.FixedWidthTypes.MonthDayNanoInterval
	case Null:
		return arrow.Null
	default: // Text, BigNum, Bit, Uint128, TimeTZ: Arrow has no such type, or it is text
		return arrow.BinaryTypes.String
	}
}

package encode_test

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

var ten38 = new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)

// number appends a value to whichever slice the kind has.
func (g generator) number(s *arrowSample, row int, live bool) {
	v, n := &s.vec, g.Uint64()>>g.IntN(64)
	if g.IntN(2) == 0 {
		n = -n
	}
	put := func(format string, args ...any) { s.want[row] = fmt.Sprintf(format, args...) }
	switch s.typ.Kind {
	case encode.Bool:
		v.Bools = append(v.Bools, n&1 == 1)
		put("%v", n&1 == 1)
	case encode.Int8:
		v.Int8s = append(v.Int8s, int8(n))
		put("%d", int8(n))
	case encode.Int16:
		v.Int16s = append(v.Int16s, int16(n))
		put("%d", int16(n))
	case encode.Int32, encode.Date:
		v.Int32s = append(v.Int32s, int32(n))
		put("%d", int32(n))
	case encode.Uint8:
		v.Uint8s = append(v.Uint8s, uint8(n))
		put("%d", uint8(n))
	case encode.Uint16:
		v.Uint16s = append(v.Uint16s, uint16(n))
		put("%d", uint16(n))
	case encode.Uint32:
		v.Uint32s = append(v.Uint32s, uint32(n))
		put("%d", uint32(n))
	case encode.Uint64:
		v.Uint64s = append(v.Uint64s, n)
		put("%d", n)
	case encode.Float32:
		v.Float32s = append(v.Float32s, math.Float32frombits(uint32(n)))
		put("%x", math.Float32bits(v.Float32s[row]))
	case encode.Float64:
		v.Float64s = append(v.Float64s, math.Float64frombits(n))
		put("%x", math.Float64bits(v.Float64s[row]))
	case encode.TimeTZ:
		v.Uint64s = append(v.Uint64s, encode.PackTimeTZ(int64(n%86400e6), int32(n%1000)*60-30000))
		one := encode.Vector{Uint64s: v.Uint64s[row:]}
		put("%q", oneCell(kindOf(encode.TimeTZ), one))
	case encode.Interval:
		i := encode.IntervalValue{Months: int32(n), Days: int32(g.Uint32()), Micros: int64(n) / 1000}
		put("%d %d %d", i.Months, i.Days, i.Micros*1000)
		if !live {
			i.Micros = math.MaxInt64
		}
		v.Intervals = append(v.Intervals, i)
	case encode.Decimal:
		g.decimal(s, row, n)
	case encode.Int128, encode.Uint128, encode.UUID:
		i := encode.Int128Value{Hi: int64(g.Uint64()), Lo: n}
		v.Int128s = append(v.Int128s, i)
		switch {
		case s.typ.Kind == encode.UUID:
			put("%q", fmt.Sprintf("%016x%016x", uint64(i.Hi), i.Lo))
		case s.typ.Kind == encode.Uint128:
			put("%q", oneCell(s.typ, encode.Vector{Int128s: v.Int128s[row:]}))
		case !live:
		default:
			if new(big.Int).Abs(bigOf(i.Hi, i.Lo)).Cmp(ten38) >= 0 {
				v.Int128s[row].Hi >>= 8
			}
			put("%v", bigOf(v.Int128s[row].Hi, i.Lo))
		}
	default: // Int64 and what is stored so
		i := int64(n)
		if s.typ.Unit == encode.Second || s.typ.Unit == encode.Millisecond {
			i = int64(int32(n))
		}
		if s.typ.Kind == encode.Time {
			i = int64(n % 86400)
		}
		put("%d", i)
		if !live {
			i = math.MaxInt64 - 1
		}
		v.Int64s = append(v.Int64s, i)
	}
}

func (g generator) decimal(s *arrowSample, row int, n uint64) {
	v := &s.vec
	limit := int64(math.Pow10(int(min(s.typ.Width, 18))))
	i := int64(n) % limit
	s.want[row] = fmt.Sprint(i)
	switch s.typ.Width {
	case 4:
		v.Int16s = append(v.Int16s, int16(i))
	case 9:
		v.Int32s = append(v.Int32s, int32(i))
	case 18:
		v.Int64s = append(v.Int64s, i)
	default:
		v.Int128s = append(v.Int128s, encode.Int128Value{Lo: uint64(i), Hi: i >> 63})
	}
}

// oneCell is how CSV shows a value.
func oneCell(t *encode.Type, v encode.Vector) string {
	enc, err := encode.New(encode.CSV, []encode.Column{{Type: t}}, encode.Options{})
	if err != nil {
		panic(err)
	}
	return strings.TrimSuffix(string(enc.Rows(nil, &encode.Chunk{Rows: 1, Columns: []encode.Vector{v}}, 0, 1)), "\r\n")
}

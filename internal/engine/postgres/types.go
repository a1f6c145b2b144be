package postgres

import (
	"fmt"
	"strings"
	"sync"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// builtin is a type that every server has, by the same number.
type builtin struct {
	name string // as format_type spells it without a modifier
	kind encode.Kind
	make func(t *encode.Type) decoder
}

const (
	oidNumeric = 1700
	oidRecord  = 2249
)

// builtins are the types whose binary format is decoded, by pg_type.oid
// (src/include/catalog/pg_type.dat). Whatever is not here, and is not made of
// what is, comes as text.
var builtins = map[uint32]builtin{
	16:   {"boolean", encode.Bool, newBool},
	17:   {"bytea", encode.Blob, newPlain},
	18:   {`"char"`, encode.Text, newChar},
	19:   {"name", encode.Text, newPlain},
	20:   {"bigint", encode.Int64, newInt64},
	21:   {"smallint", encode.Int16, newInt16},
	23:   {"integer", encode.Int32, newInt32},
	25:   {"text", encode.Text, newPlain},
	26:   {"oid", encode.Uint32, newUint32},
	28:   {"xid", encode.Uint32, newUint32},
	29:   {"cid", encode.Uint32, newUint32},
	114:  {"json", encode.Text, newPlain},
	142:  {"xml", encode.Text, newPlain},
	650:  {"cidr", encode.Text, newInet},
	700:  {"real", encode.Float32, newFloat32},
	701:  {"double precision", encode.Float64, newFloat64},
	705:  {"unknown", encode.Text, newPlain},
	774:  {"macaddr8", encode.Text, func(t *encode.Type) decoder { return newMAC(t, 8) }},
	829:  {"macaddr", encode.Text, func(t *encode.Type) decoder { return newMAC(t, 6) }},
	869:  {"inet", encode.Text, newInet},
	1042: {"character", encode.Text, newPlain},
	1043: {"character varying", encode.Text, newPlain},
	1082: {"date", encode.Date, newDate},
	1083: {"time without time zone", encode.Time, newTime},
	1114: {"timestamp without time zone", encode.Timestamp, newTimestamp},
	1184: {"timestamp with time zone", encode.TimestampTZ, newTimestamp},
	1186: {"interval", encode.Interval, newInterval},
	1266: {"time with time zone", encode.TimeTZ, newTimeTZ},
	1560: {"bit", encode.Bit, newBit},
	1562: {"bit varying", encode.Bit, newBit},
	1700: {"numeric", encode.BigNum, nil}, // by its modifier
	1790: {"refcursor", encode.Text, newPlain},
	2275: {"cstring", encode.Text, newPlain},
	2278: {"void", encode.Text, newPlain},
	2950: {"uuid", encode.UUID, newUUID},
	3802: {"jsonb", encode.Text, newJSONB},
	5069: {"xid8", encode.Uint64, newUint64},
}

// builtinArrays are the arrays of builtins, with their elements.
var builtinArrays = map[uint32]uint32{
	1000: 16, 1001: 17, 1002: 18, 1003: 19, 1016: 20, 1005: 21, 1007: 23, 1009: 25, 1028: 26, 1011: 28, 1012: 29,
	199: 114, 143: 142, 651: 650, 1021: 700, 1022: 701, 775: 774, 1040: 829, 1041: 869, 1014: 1042, 1015: 1043,
	1182: 1082, 1183: 1083, 1115: 1114, 1185: 1184, 1187: 1186, 1270: 1266, 1561: 1560, 1563: 1562, 1231: 1700,
	2201: 1790, 1263: 2275, 2951: 2950, 3807: 3802, 271: 5069,
}

// userType is a type that this database has.
type userType struct {
	name string
	// One of these; none: it comes as text.
	base  uint32 // of a domain
	mod   int32  // of a domain's base
	elem  uint32 // of an array
	label bool   // its binary format is its text: enumerations, citext
}

// types knows what this database has beyond builtins. It learns more when a
// result has a type made since.
type types struct {
	mu    sync.RWMutex
	known map[uint32]userType
}

func newTypes() *types { return &types{known: map[uint32]userType{}} }

func (ts *types) add(oid uint32, t userType) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.known[oid] = t
}

func (ts *types) lookup(oid uint32) (userType, bool) {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	t, ok := ts.known[oid]
	return t, ok
}

// named reports whether anything is known of a type.
func (ts *types) named(oid uint32) bool {
	if _, ok := builtins[oid]; ok {
		return true
	}
	if _, ok := builtinArrays[oid]; ok {
		return true
	}
	_, ok := ts.lookup(oid)
	return ok
}

// decoder makes the decoder of a type's binary format; nil: it has none here,
// and must be asked for as text.
func (ts *types) decoder(oid uint32, mod int32) decoder {
	if b, ok := builtins[oid]; ok {
		t := &encode.Type{Kind: b.kind, Name: modified(oid, b.name, mod)}
		if oid == oidNumeric {
			return newNumeric(t, mod)
		}
		return b.make(t)
	}
	elem, ok := builtinArrays[oid]
	if !ok {
		u, ok := ts.lookup(oid)
		switch {
		case !ok:
			return nil
		case u.label:
			return newPlain(&encode.Type{Kind: encode.Text, Name: u.name})
		case u.base != 0:
			// The server names the base type of a column; a domain stands only within arrays.
			if mod < 0 {
				mod = u.mod
			}
			return ts.decoder(u.base, mod)
		case u.elem == 0:
			return nil
		}
		elem = u.elem
	}
	leaf := ts.decoder(elem, mod)
	if leaf == nil {
		return nil
	}
	if _, nested := leaf.(*array); nested {
		return nil // a domain over an array, in an array
	}
	return newArray(&encode.Type{Name: leaf.vector().Type.Name + "[]"}, leaf)
}

// asText makes the decoder of a type that comes as text.
func (ts *types) asText(oid uint32) decoder {
	name := "text"
	if u, ok := ts.lookup(oid); ok {
		name = u.name
	} else if b, ok := builtins[oid]; ok {
		name = b.name
	}
	return newPlain(&encode.Type{Kind: encode.Text, Name: name})
}

// modified writes a type's name with its modifier, as format_type does.
func modified(oid uint32, name string, mod int32) string {
	if mod < 0 {
		if oid == 1042 {
			return "bpchar" // without a length it is another type to the standard
		}
		return name
	}
	switch oid {
	case oidNumeric:
		if mod < 4 {
			return name
		}
		scale := (mod - 4) & 0x7FF
		if scale >= 1024 {
			scale -= 2048
		}
		return fmt.Sprintf("numeric(%d,%d)", (mod-4)>>16&0xFFFF, scale)
	case 1042, 1043:
		return fmt.Sprintf("%s(%d)", name, mod-4)
	case 1560, 1562:
		return fmt.Sprintf("%s(%d)", name, mod)
	case 1083, 1114, 1184, 1266:
		word, rest, _ := strings.Cut(name, " ")
		return fmt.Sprintf("%s(%d) %s", word, mod, rest)
	default:
		return name
	}
}

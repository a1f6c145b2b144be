package postgres

import (
	"encoding/json"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// Whatever comes over the wire, decoding fails or gives valid JSON.
func FuzzDecode(f *testing.F) {
	f.Add(uint32(23), int32(-1), []byte{0, 0, 0, 7})
	f.Add(uint32(1700), int32(-1), []byte{0, 1, 0, 0, 0, 0, 0, 2, 0, 1})
	f.Add(uint32(1700), int32(327686), []byte{0, 2, 0, 1, 0x40, 0, 0, 2, 0, 1, 0, 9})
	f.Add(uint32(1700), int32(327686), []byte{0, 0, 0x7F, 0xFF, 0, 0, 0x3F, 0xFF})
	f.Add(uint32(1700), int32(-1), []byte{0, 0, 0x80, 0, 0, 0, 0x3F, 0xFF})
	f.Add(uint32(869), int32(-1), []byte{2, 24, 0, 4, 1, 2, 3, 4})
	f.Add(uint32(1560), int32(-1), []byte{0, 0, 0, 4, 0xA0})
	f.Add(uint32(1007), int32(-1), []byte{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 9})
	f.Add(uint32(1009), int32(-1), []byte{0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 25, 0, 0, 0, 1, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF})
	f.Add(uint32(1231), int32(327686), []byte{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 6, 0xA4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 0xC0, 0, 0, 0})
	f.Add(uint32(1187), int32(-1), []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0xA2})
	f.Fuzz(func(t *testing.T, oid uint32, mod int32, value []byte) {
		s := &statement{}
		if !s.describe(newTypes(), []pgproto3.FieldDescription{{Name: []byte("v"), DataTypeOID: oid, TypeModifier: mod, Format: pgproto3.BinaryFormat}}) {
			return
		}
		const limit = 1 << 20
		value = append([]byte{}, value...) // nil is NULL
		for _, format := range []encode.Format{encode.JSON, encode.NDJSON, encode.CSV, encode.TSV, encode.Arrow} {
			e, err := s.begin(encoding{format, encode.Options{MaxRowBytes: limit}})
			if err != nil {
				t.Fatal(err)
			}
			// Between others, as a row may be.
			for _, b := range [][]byte{nil, value, nil, value} {
				if err := s.rows.put([][]byte{b}, limit); err != nil {
					return
				}
			}
			out := e.Rows(e.Begin(nil), s.rows.columns(), 0, 4)
			if e.Err() != nil {
				continue
			}
			out = e.End(out, encode.Summary{Rows: 4})
			switch format {
			case encode.JSON:
				if !json.Valid(out) {
					t.Errorf("type %d, modifier %d: %s", oid, mod, out)
				}
			case encode.Arrow:
				if got := readArrow(t, out); got.rows != 4 || got.nulls[0] != 2 {
					t.Errorf("type %d, modifier %d: %+v", oid, mod, got)
				}
			default:
			}
		}
	})
}

package encode_test

import (
	"fmt"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

func Example() {
	columns := []encode.Column{
		{Name: "iata", Type: &encode.Type{Kind: encode.Text, Name: "VARCHAR"}},
		{Name: "flights", Type: &encode.Type{Kind: encode.Int64, Name: "BIGINT"}},
	}
	names := [][]byte{[]byte("ATL"), []byte("ORD")}
	chunk := encode.Chunk{Rows: 2, Columns: []encode.Vector{
		{Text: func(row int) []byte { return names[row] }},
		{Int64s: []int64{413851, 0}, Valid: []uint64{0b01}}, // the second is NULL
	}}
	enc, err := encode.New(encode.NDJSON, columns, encode.Options{MaxRowBytes: 1 << 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	out := enc.Begin(nil)
	out = enc.Rows(out, &chunk, 0, chunk.Rows)
	if err := enc.Err(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(enc.End(out, encode.Summary{Rows: 2})))
	// Output:
	// {"iata":"ATL","flights":413851}
	// {"iata":"ORD","flights":null}
}

package encode_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

func TestNDJSONNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ names, want []string }{
		{[]string{"a", "b"}, []string{"a", "b"}},
		{[]string{"a", "a", "a"}, []string{"a", "a_2", "a_3"}},
		{[]string{"a", "A"}, []string{"a", "A"}},
		{[]string{"a", "a", "a_2"}, []string{"a", "a_3", "a_2"}},
		{[]string{"a_2", "a", "a", "a_2"}, []string{"a_2", "a", "a_3", "a_2_2"}},
		{[]string{"", ""}, []string{"", "_2"}},
		{[]string{"\xff", "\xfe"}, []string{"\uFFFD", "\uFFFD_2"}},
	} {
		cols := make([]encode.Column, len(c.names))
		chunk := &encode.Chunk{Rows: 1, Columns: make([]encode.Vector, len(c.names))}
		want := make(map[string]any)
		for i, n := range c.names {
			cols[i] = encode.Column{Name: n, Type: intType}
			chunk.Columns[i].Int32s = []int32{int32(i)}
			want[c.want[i]] = num(fmt.Sprint(i)).value
		}
		var got map[string]any
		decode(t, whole(t, mustNew(t, encode.NDJSON, cols, encode.Options{}), chunk, encode.Summary{}), &got)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %v, want %v", c.names, got, want)
		}
	}
}

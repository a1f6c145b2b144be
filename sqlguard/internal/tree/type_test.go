package tree

import "testing"

func TestElements(t *testing.T) {
	t.Parallel()
	integer := Type{Name: "INTEGER"}
	array := func(size string, elem Type) Type { return Type{Name: "ARRAY", Size: size, Elem: &elem} }
	list := func(elem Type) Type { return Type{Name: "LIST", Elem: &elem} }
	structure := func(types ...Type) Type {
		s := Type{Name: "STRUCT"}
		for _, f := range types {
			s.Fields = append(s.Fields, Field{Name: "f", Type: f})
		}
		return s
	}
	deep := integer
	for range 20 {
		deep = array("4096", deep)
	}
	for _, c := range []struct {
		t    Type
		want int
	}{
		{integer, 1},
		{list(integer), 1},
		{array("3", integer), 3},
		{array("3", array("4", integer)), 12},
		{list(array("5", integer)), 5},
		{structure(integer, integer), 2},
		{structure(array("3", integer), array("4", integer)), 7},
		{array("10", structure(integer, array("2", integer))), 30},
		{deep, maxElements},
		{structure(deep, deep, deep), maxElements},
	} {
		if got := c.t.Elements(); got != c.want {
			t.Errorf("%+v: %d, want %d", c.t, got, c.want)
		}
	}
}

func TestHolds(t *testing.T) {
	t.Parallel()
	text := Type{Name: "VARCHAR"}
	for _, c := range []Type{text, {Name: "LIST", Elem: &text}, {Name: "STRUCT", Fields: []Field{{Type: Type{Name: "INTEGER"}}, {Type: Type{Name: "ARRAY", Elem: &text}}}}} {
		if !c.Holds("VARCHAR") || c.Holds("BIT") {
			t.Errorf("%+v", c)
		}
	}
}

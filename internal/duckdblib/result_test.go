package duckdblib

import (
	"strings"
	"testing"
)

// Texts of every length around that which stands inline, behind one another.
func TestTextsAreAppended(t *testing.T) {
	db, err := Open("", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	stmt, err := conn.Prepare("SELECT repeat('x', i::INTEGER) || CASE WHEN i > 0 THEN '.' ELSE '' END FROM range(30) r(i) ORDER BY i")
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	result, err := stmt.Run()
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	chunk, err := result.Next()
	if err != nil {
		t.Fatal(err)
	}
	defer chunk.Close()
	var want strings.Builder
	for i := range 30 {
		want.WriteString(strings.Repeat("x", i))
		if i > 0 {
			want.WriteString(".")
		}
	}
	texts := chunk.Vector(0).Texts(chunk.Rows())
	for _, room := range []int{0, 1, 12, 4096} { // the last copies with padding, the first cannot
		got := make([]byte, 0, room)
		for i := range texts {
			got = texts[i].AppendTo(got)
		}
		if string(got) != want.String() {
			t.Errorf("with room for %d: %q", room, got)
		}
	}
}

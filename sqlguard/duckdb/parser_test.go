package duckdb

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
)

// nestedCases is simple CASEs, the operand of each being the one within: the
// parser writes out the innermost 3^depth times.
func nestedCases(depth int) string {
	return "SELECT " + strings.Repeat("CASE ", depth) + "a" + strings.Repeat(" WHEN 0 THEN 1 WHEN 1 THEN 1 WHEN 2 THEN 1 END", depth)
}

// Statements that the text layers would have stopped are too deep to the
// parser, by the length of their tree or by its memory, and it goes on.
func TestLargeTrees(t *testing.T) {
	t.Parallel()
	a, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	for range a.parser.size {
		for _, sql := range []string{nestedCases(8), nestedCases(10)} {
			if _, err := a.Parse(t.Context(), sql); !errors.Is(err, dialect.ErrTooDeep) {
				t.Errorf("%.40q: %v", sql, err)
			}
		}
	}
	for range a.parser.size {
		if _, err := a.Parse(t.Context(), nestedCases(5)); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	}
}

// The memory of a large tree does not stay with the instance.
func TestLargeTreeIsNotKept(t *testing.T) {
	t.Parallel()
	in, err := openInstance()
	if err != nil {
		t.Fatal(err)
	}
	defer in.close()
	text, err := in.serialize(nestedCases(6))
	if err != nil || len(text) < keptTree {
		t.Fatalf("%d bytes, %v", len(text), err)
	}
	if _, err := in.read(text); err != nil {
		t.Fatal(err)
	}
	if kept := reflect.ValueOf(in.json); !kept.IsZero() {
		t.Error("the tree stays in memory")
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{
		`{"error":true,"error_type":"parser","error_message":"near \"error_type\":\"internal\""}`: false,
		`{"error":true,"error_type":"internal","error_message":"Allocation failure"}`:             true,
		`{"error":true,"error_type":"out of memory","error_message":"x"}`:                         true,
		`{"error":true,"error_type":"fatal","error_message":"x"}`:                                 true,
		`{"error":false,"statements":[]}`:                                                         false,
	} {
		if failed([]byte(answer)) != want {
			t.Errorf("%s: want %v", answer, want)
		}
	}
	for _, c := range []struct {
		err  error
		want bool
	}{
		{&duckdblib.Error{Kind: duckdblib.ErrorOutOfMemory}, true},
		{&duckdblib.Error{Message: "INTERNAL Error: Allocation failure"}, true},
		{fmt.Errorf("x: %w", &duckdblib.Error{Message: "Out of Memory Error: Allocation failure"}), true},
		{&duckdblib.Error{Message: "Binder Error"}, false},
	} {
		if isExhausted(c.err) != c.want {
			t.Errorf("%v: want %v", c.err, c.want)
		}
	}
}

// Who waits for an instance stops waiting when the request ends, and takes
// none with it.
func TestWaitingForAnInstanceEnds(t *testing.T) {
	t.Parallel()
	a, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	taken := make([]*instance, a.parser.size)
	for i := range taken {
		taken[i] = <-a.parser.free
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := a.Parse(ctx, "SELECT 1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while all are in use: %v", err)
	}
	for _, in := range taken {
		a.parser.free <- in
	}
	for range 20 { // a ready instance does not outweigh a request that has ended
		if _, err := a.Parse(ctx, "SELECT 1"); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("after the deadline: %v", err)
		}
	}
	if len(a.parser.free) != a.parser.size {
		t.Errorf("%d instances of %d", len(a.parser.free), a.parser.size)
	}
	if _, err := a.Parse(t.Context(), "SELECT 1"); err != nil {
		t.Error(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

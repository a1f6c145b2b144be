package duckdb

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/valyala/fastjson"
	"go.uber.org/goleak"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// adapter is opened once for all tests of the package.
var adapter *Adapter

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if adapter, err = Open(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := errors.Join(adapter.Close(), goleak.Find()); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// serialized is DuckDB's tree of a statement as JSON.
func serialized(t testing.TB, sql string) string {
	t.Helper()
	in := <-adapter.parser.free
	defer func() { adapter.parser.free <- in }()
	text, err := in.serialize(sql)
	if err != nil {
		t.Fatalf("%q: %v", sql, err)
	}
	return string(text)
}

// lowerText lowers a serialisation.
func lowerText(text string) (*tree.Statement, error) {
	document, err := fastjson.Parse(text)
	if err != nil {
		return nil, err
	}
	return lower(document)
}

// decoded is a serialisation that a test may change.
func decoded(t testing.TB, text string) map[string]any {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	return document
}

func encoded(t testing.TB, document any) string {
	t.Helper()
	text, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func isUnsupported(err error) bool {
	var unsupported *dialect.UnsupportedError
	return errors.As(err, &unsupported)
}

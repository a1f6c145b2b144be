package duckdb

import (
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
)

// No function that DuckDB comes with may be replaced, as its own catalog and
// the macros in it have them.
func TestNoBuiltInFunctionMayBeReplaced(t *testing.T) {
	t.Parallel()
	db, err := duckdblib.Open("", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	d := &database{conn: conn}
	rows, err := d.texts("SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE internal ORDER BY ALL")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, row := range rows {
		names[row[0]] = true
		if refuseImplicit([]string{"mine", row[0]}) == nil {
			t.Errorf("a macro %s would be served", row[0])
		}
	}
	// Called by DuckDB's own macros, and by its grammar and binder.
	for _, name := range []string{"string_split", "list_aggr", "in_search_path", "struct_extract", "struct_pack", "first", "list_value", "unnest", "count_star", "~~"} {
		if !names[name] || refuseImplicit([]string{name}) == nil {
			t.Errorf("a macro %s would be served", name)
		}
	}
	if len(names) < 700 {
		t.Errorf("only %d functions", len(names))
	}
	if err := refuseImplicit([]string{"area", "my_split_part"}); err != nil {
		t.Error(err)
	}
	if err := refuseImplicit([]string{"area", "sum"}); err == nil || !strings.Contains(err.Error(), "(sum)") {
		t.Errorf("the error does not name the macro: %v", err)
	}
}

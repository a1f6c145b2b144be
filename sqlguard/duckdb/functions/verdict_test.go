package functions_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard/duckdb/functions"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	if err := functions.Load(); err != nil {
		t.Fatal(err)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		want functions.Verdict // without Family and Reason
	}{
		{"lower", functions.Verdict{Allowed: true}},
		{"LOWER", functions.Verdict{Allowed: true}},
		{"count", functions.Verdict{Allowed: true, Aggregate: true}},
		{"row_number", functions.Verdict{Allowed: true}},
		{"geomean", functions.Verdict{Allowed: true, Aggregate: true}},
		{"list", functions.Verdict{Allowed: true, Aggregate: true, Gathering: true}},
		{"string_agg", functions.Verdict{Allowed: true, Aggregate: true, Gathering: true, Growing: true, Multiplying: true}},
		{"replace", functions.Verdict{Allowed: true, Growing: true, Multiplying: true}},
		{"bin", functions.Verdict{Allowed: true, Growing: true, Factor: 8}},
		{"nullif", functions.Verdict{Allowed: true, Copies: 2}},
		{"~~", functions.Verdict{Allowed: true, Pattern: true}},
		{"->", functions.Verdict{Allowed: true, Pattern: true}},
		{"current_date", functions.Verdict{Allowed: true, Value: true}},
		{"current_user", functions.Verdict{Rule: "sql.catalog", Value: true}},
		{"repeat", functions.Verdict{Rule: "sql.function"}},
		{"UNNEST", functions.Verdict{Rule: "sql.generator"}},
		{"unlist", functions.Verdict{Rule: "sql.generator"}},
		{"getenv", functions.Verdict{Rule: "sql.catalog"}},
		{"formatReadableSize", functions.Verdict{Allowed: true}},
		{"read_csv", functions.Verdict{Rule: "sql.file_source"}},
		{"query_table", functions.Verdict{Rule: "sql.file_source"}},
	} {
		got, judged := functions.Judge(test.name)
		if !judged {
			t.Errorf("%s has not been judged", test.name)
			continue
		}
		if got.Family == "" || got.Reason == "" {
			t.Errorf("%s: no family or no reason", test.name)
		}
		got.Family, got.Reason = "", ""
		if got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
	}
	for _, name := range []string{"", "no_such_function", "lower ", "# name", "\u017fum", "\u212aurtosis"} {
		if v, judged := functions.Judge(name); judged || v.Allowed {
			t.Errorf("%q is judged: %+v", name, v)
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, judged := functions.Judge("regexp_matches"); !judged {
			b.Fatal("not judged")
		}
	}
}

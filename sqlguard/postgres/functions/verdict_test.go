package functions_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard/postgres/functions"
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
		{"+", functions.Verdict{Allowed: true}},
		{"count", functions.Verdict{Allowed: true, Aggregate: true}},
		{"count_star", functions.Verdict{Allowed: true, Aggregate: true, Grammar: true}},
		{"row_number", functions.Verdict{Allowed: true}},
		{"array_agg", functions.Verdict{Allowed: true, Aggregate: true, Gathering: true}},
		{"string_agg", functions.Verdict{Allowed: true, Aggregate: true, Gathering: true, Growing: true, Multiplying: true}},
		{"replace", functions.Verdict{Allowed: true, Growing: true, Multiplying: true, Pattern: true}},
		{"encode", functions.Verdict{Allowed: true, Growing: true, Factor: 4}},
		{"^", functions.Verdict{Allowed: true, Growing: true, Factor: 64}},
		{"~~", functions.Verdict{Allowed: true, Pattern: true}},
		{"any_value", functions.Verdict{Allowed: true, Aggregate: true}},
		{"least", functions.Verdict{Allowed: true, Grammar: true}},
		{"row", functions.Verdict{Allowed: true, Grammar: true, Growing: true, Factor: 2}},
		{"current_user", functions.Verdict{Rule: "sql.catalog", Grammar: false}},
		{"repeat", functions.Verdict{Rule: "sql.function"}},
		{"pg_sleep", functions.Verdict{Rule: "sql.function"}},
		{"nextval", functions.Verdict{Rule: "sql.function"}},
		{"unnest", functions.Verdict{Rule: "sql.generator"}},
		{"generate_series", functions.Verdict{Rule: "sql.generator"}},
		{"to_regclass", functions.Verdict{Rule: "sql.catalog"}},
		{"pg_read_file", functions.Verdict{Rule: "sql.file_source"}},
		{"ts_stat", functions.Verdict{Rule: "sql.file_source"}},
		{"query_to_xml", functions.Verdict{Rule: "sql.file_source"}},
		{"lo_import", functions.Verdict{Rule: "sql.file_source"}},
		{"dblink", functions.Verdict{Rule: "sql.file_source", Extension: true}},
		{"crosstab", functions.Verdict{Rule: "sql.file_source", Extension: true}},
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
	for _, name := range []string{"", "no_such_function", "lower ", "# name"} {
		if v, judged := functions.Judge(name); judged || v.Allowed {
			t.Errorf("%q is judged: %+v", name, v)
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, judged := functions.Judge("regexp_match"); !judged {
			b.Fatal("not judged")
		}
	}
}

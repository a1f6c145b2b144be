package corpus_test

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/corpus"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

func TestPrint(t *testing.T) {
	t.Parallel()
	text := strings.Repeat(`{"sql":"SELECT 1"}`+"\n", 5) + strings.Repeat(`{"sql":"SELECT * FROM a, b"}`+"\n", 2) +
		`{"sql":"DROP TABLE a","dialect":"postgres"}`
	_, report, err := judgeAll(t, newJudge(t, sqlguard.Strict, nil), text, corpus.DuckDB)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := report.Print(&out, "preset strict"); err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`\Aaccepted  5 of 8, 62\.5%
refused   3
  sql\.multiple_sources +2 +25\.0%
  sql\.statement +1 +12\.5%
judged    preset strict; 7 as duckdb, 1 as postgres
guard     microseconds per query: median [\d.]+, p95 [\d.]+, max [\d.]+ \(cold: each judged once, without a cache\)
\z`)
	if !want.MatchString(out.String()) {
		t.Errorf("%s", out.String())
	}

	_, report, err = judgeAll(t, newJudge(t, sqlguard.Strict, nil), "", corpus.DuckDB)
	out.Reset()
	if err = errors.Join(err, report.Print(&out, "preset strict")); err != nil || !strings.HasPrefix(out.String(), "accepted  0 of 0, -\nrefused   0\n") {
		t.Errorf("%s, %v", out.String(), err)
	}
}

// TestPrintNearlyAll: a single refusal among thousands is not rounded away.
func TestPrintNearlyAll(t *testing.T) {
	t.Parallel()
	_, report, err := judgeAll(t, newJudge(t, sqlguard.Strict, nil), strings.Repeat(`{"sql":"SELECT 1"}`+"\n", 3_000)+`{"sql":"-"}`, corpus.DuckDB)
	var out bytes.Buffer
	if err = errors.Join(err, report.Print(&out, "")); err != nil || !strings.HasPrefix(out.String(), "accepted  3000 of 3001, 99.9%\n") {
		t.Errorf("%s, %v", out.String(), err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	refused := func(id, sql string) corpus.Verdict {
		return corpus.Verdict{ID: id, Rule: sqlguard.RuleTable, Sent: sql}
	}
	for _, c := range []struct {
		name     string
		list     corpus.Refusals
		verdicts []corpus.Verdict
		want     string
	}{
		{"none", corpus.Refusals{}, []corpus.Verdict{{ID: "1", Allowed: true}}, ""},
		{
			"first line",
			corpus.Refusals{},
			[]corpus.Verdict{refused("1", " \r\n\tSELECT  \r\n1")},
			"1                         sql.table                SELECT\n\n",
		},
		{"no query", corpus.Refusals{}, []corpus.Verdict{refused("1", "")}, "1                         sql.table\n\n"},
		{
			"limit",
			corpus.Refusals{Limit: 1},
			[]corpus.Verdict{refused("1", "a"), refused("2", "b"), refused("3", "c")},
			"1                         sql.table                a\nand 2 more refused (--refusals 0 lists all)\n\n",
		},
		{
			"terminal",
			corpus.Refusals{Width: 56},
			[]corpus.Verdict{refused("1", "abcdef"), refused("1", "abcde")},
			"1                         sql.table                abcd…\n1                         sql.table                abcde\n\n",
		},
		{
			"narrow",
			corpus.Refusals{Width: 10},
			[]corpus.Verdict{refused("1", "abcdef")},
			"1                         sql.table                …\n\n",
		},
		{
			"100",
			corpus.Refusals{},
			[]corpus.Verdict{refused("1", strings.Repeat("ü", 101))},
			"1                         sql.table                " + strings.Repeat("ü", 99) + "…\n\n",
		},
		{
			"escapes",
			corpus.Refusals{},
			[]corpus.Verdict{refused("a\x1b[2J\n", "\x1b]0;x\a\x00\u009b\u202ea\xffb\\")},
			`a\x1b[2J\n                sql.table                \x1b]0;x\a\x00\u009b\u202ea\xffb\` + "\n\n",
		},
		{
			"an escape is cut whole",
			corpus.Refusals{Width: 55},
			[]corpus.Verdict{refused("1", "a\u202e")},
			"1                         sql.table                a…\n\n",
		},
		{
			"long id",
			corpus.Refusals{},
			[]corpus.Verdict{refused(strings.Repeat("i", 1000), "a")},
			strings.Repeat("i", 23) + "…  sql.table                a\n\n",
		},
	} {
		var out bytes.Buffer
		c.list.W = &out
		for _, v := range c.verdicts {
			if err := c.list.Add(v); err != nil {
				t.Error(err)
			}
		}
		if err := c.list.Close(); err != nil {
			t.Error(err)
		}
		if out.String() != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, out.String(), c.want)
		}
	}
}

package guardtest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/postgres"
)

// recorder keeps the complaints of a test instead of failing.
type recorder struct {
	testing.TB
	mu         sync.Mutex
	complaints []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.complaints = append(r.complaints, fmt.Sprintf(format, args...))
}

func (r *recorder) Logf(string, ...any) {}

// fake is a scratch database that does not keep to what the guard says.
type fake struct {
	state    int
	rendered func(f *fake, sql string) Answer
	original func(f *fake, sql string) Answer
}

func (f *fake) Rendered(q sqlguard.Query, _ []string) Answer { return f.rendered(f, q.SQL()) }

func (f *fake) Original(sql string, _ sqlguard.Query, _ []string) Answer {
	return f.original(f, sql)
}

func (f *fake) State() (string, error) { return fmt.Sprint(f.state), nil }

func (f *fake) Close() {}

// The differential sees what it is there for: a change of the database, by the
// statement that made it, and an answer that is another.
func TestDifferentialComplains(t *testing.T) {
	t.Parallel()
	adapter, err := postgres.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = adapter.Close() }() // it holds nothing that can fail
	honest := func(_ *fake, _ string) Answer { return Answer{Columns: []string{"x"}, Rows: []string{"1", "2", "2"}} }
	is := func(sql string, answer Answer) func(*fake, string) Answer {
		return func(f *fake, text string) Answer {
			if strings.HasPrefix(text, sql) {
				return answer
			}
			return honest(f, text)
		}
	}
	changes := func(f *fake, text string) Answer {
		if strings.HasPrefix(text, "SELECT 3") {
			f.state++
		}
		return honest(f, text)
	}
	for name, test := range map[string]struct {
		rendered, original func(*fake, string) Answer
		want               string
	}{
		"honest":               {honest, honest, ""},
		"both fail":            {is("SELECT 3", Answer{Err: errors.New("no")}), is("SELECT 3", Answer{Err: errors.New("other")}), ""},
		"late":                 {is("SELECT 3", Answer{Err: errors.New("late"), Late: true}), honest, ""},
		"another order":        {is("SELECT 3", Answer{Columns: []string{"x"}, Rows: []string{"2", "1", "2"}}), honest, ""},
		"rendering changes":    {changes, honest, "it changed the database"},
		"original changes":     {honest, changes, "the original, not the rendering"},
		"a row is missing":     {is("SELECT 3", Answer{Columns: []string{"x"}, Rows: []string{"1", "2"}}), honest, "2 rows, want 3"},
		"a row is another":     {is("SELECT 3", Answer{Columns: []string{"x"}, Rows: []string{"1", "1", "2"}}), honest, "rows"},
		"a column is another":  {is("SELECT 3", Answer{Columns: []string{"y"}, Rows: []string{"1", "2", "2"}}), honest, "columns"},
		"the rendering fails":  {is("SELECT 3", Answer{Err: errors.New("no")}), honest, "only the rendering fails"},
		"the original fails":   {honest, is("SELECT 3", Answer{Err: errors.New("no")}), "only the original fails"},
		"too many of the rows": {is("SELECT 3", Answer{Columns: []string{"x"}, Rows: []string{"1", "2", "2", "2"}}), honest, "4 rows, want 3"},
	} {
		seen := &recorder{TB: t}
		d := Differential{Adapter: adapter, Workers: 2, Open: func() (Scratch, error) { return &fake{rendered: test.rendered, original: test.original}, nil }}
		d.Corpora(seen, []Entry{{SQL: "SELECT 1"}, {SQL: "DELETE FROM t"}, {SQL: "SELECT 3"}})
		all := strings.Join(seen.complaints, "\n")
		if test.want == "" && all != "" || !strings.Contains(all, test.want) || test.want != "" && !strings.Contains(all, "SELECT 3") {
			t.Errorf("%s: %q, want %q", name, all, test.want)
		}
	}
}

// A run that ran next to nothing is no proof.
func TestTallySuffices(t *testing.T) {
	t.Parallel()
	good := tally{made: 100, passed: 40, mutated: 5, ran: 30, outcomes: map[outcome]int{same: 25}}
	for name, change := range map[string]func(*tally){
		"": func(*tally) {}, "accepted": func(s *tally) { s.made = 1_000 }, "ran": func(s *tally) { s.ran = 10 }, "compared": func(s *tally) { s.outcomes = nil }, "mutated": func(s *tally) { s.mutated = 0 },
	} {
		s, seen := good, &recorder{TB: t}
		change(&s)
		s.suffices(seen, "strict")
		if all := strings.Join(seen.complaints, "\n"); (name == "") != (all == "") || !strings.Contains(all, name) {
			t.Errorf("%s: %q", name, all)
		}
	}
}

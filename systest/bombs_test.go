//go:build linux

package systest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// bombs are statements that take more than there is of time or memory, each in
// a way of its own. The guard refuses their functions, unless an operator
// allows them dangerously; then nothing but the limits around a worker is left.
// The table big has 400,000 rows, of which k has three values.
var bombs = []string{
	// Functions of two texts, deaf to interrupts.
	"SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))",
	"SELECT damerau_levenshtein(repeat('ab', 30000), repeat('ba', 30000))",
	"SELECT jaro_winkler_similarity(repeat('ab', 400000), repeat('cd', 400000))",
	"SELECT sum(editdist3(t, repeat(t, 5000))) FROM big",
	"SELECT jaccard(repeat('ab', 400000000), repeat('ba', 400000000))",
	// One enormous value.
	"SELECT length(repeat('x', 2000000000))",
	"SELECT length(lpad('x', 2000000000, 'y'))",
	"SELECT length(rpad('x', 2000000000, 'y'))",
	"SELECT length(format('{:>2000000000}', 'x'))",
	"SELECT length(printf('%2000000000d', 1))",
	"SELECT bit_count(bitstring('1', 2000000000))",
	"SELECT length(bitstring('1', 1000000000)::VARCHAR)",
	"SELECT sha256(repeat('x', 1500000000))",
	"SELECT length(replace(repeat('a', 100000000), 'a', 'bbbbbbbbbb'))",
	// Many large values.
	"SELECT max(repeat(t, 10000)) FROM big",
	"SELECT sum(length(rpad(t, 100000, 'y'))) FROM big",
	"SELECT sum(length(md5(repeat(t, 20000)))) FROM big",
	"SELECT length(string_agg(repeat(t, 100000), ',')) FROM big",
	"SELECT len(list(t)) FROM (SELECT repeat(t, 1000) AS t FROM big)",
	"SELECT DISTINCT repeat(t, 2000) AS s FROM big",
	"SELECT arg_max(repeat(t, 100000), n) FROM big",
	"SELECT range, repeat('x', 1000) AS s FROM range(10000000) ORDER BY s DESC, range DESC LIMIT 100000",
	// Patterns.
	"SELECT count(*) FROM big WHERE regexp_matches(repeat(t, 1000), '(a|aa|aaa)*(n|na|nam)*b')",
	"SELECT regexp_replace(repeat('a', 100000000), 'a', 'bbbbbbbbbbbbbbbb', 'g')",
	"SELECT len(regexp_extract_all(repeat('ab', 100000000), '.'))",
	"SELECT len(string_split(repeat('a,', 200000000), ','))",
	// Lists and documents.
	"SELECT list_sort(range(300000000))",
	"SELECT len(list_concat(range(200000000), range(200000000)))",
	"SELECT sum(list_position(range(100000), -n)) FROM big",
	"SELECT max(u) FROM (SELECT unnest(range(2000000000)) AS u)",
	"SELECT json_structure(to_json(range(50000000)))",
	"SELECT length(json_merge_patch(to_json(range(40000000)), to_json(range(40000000)))::VARCHAR)",
	"SELECT json_valid(repeat('[', 500000000))",
	// Rows without end.
	"SELECT sum(sin(range)) FROM range(100000000000)",
	"SELECT count(*) FROM generate_series(1, 100000000000) g(x) WHERE x % 7 = 3",
	"SELECT sum(date_diff('second', g.x, TIMESTAMP '2020-01-01')) FROM generate_series(TIMESTAMP '0001-01-01', TIMESTAMP '9999-01-01', INTERVAL '1 second') AS g(x)",
	"SELECT approx_quantile(range, 0.5) FROM range(100000000000)",
	"SELECT quantile_cont(range, 0.5) FROM range(2000000000)",
	"SELECT entropy(range) FROM range(2000000000)",
	"SELECT count(DISTINCT md5(range::VARCHAR)) FROM range(1000000000)",
	"SELECT n FROM big UNION SELECT range FROM range(1000000000)",
	// Rows multiplied.
	"SELECT count(*), sum(a.n * b.n) FROM big a JOIN big b ON a.k = b.k",
	"SELECT sum((SELECT count(*) FROM big b WHERE b.k = a.k AND b.n < a.n)) FROM big a",
	"SELECT n, (SELECT max(b.t) FROM big b WHERE b.k = a.k AND b.x > a.x) FROM big a ORDER BY n",
	"SELECT n, mode(t) OVER (ORDER BY n ROWS BETWEEN 200000 PRECEDING AND 200000 FOLLOWING) FROM big",
}

// called finds the functions of a statement.
var called = regexp.MustCompile(`\b([a-z_][a-z_0-9]*)\(`)

// opening allows every function that the bombs call.
func opening() string {
	var names []string
	for _, b := range bombs {
		for _, found := range called.FindAllStringSubmatch(b, -1) {
			names = append(names, found[1])
		}
	}
	slices.Sort(names)
	return "functions: {dangerously_allow: [" + strings.Join(slices.Compact(names), ", ") + "]}"
}

// bombed serves the bystander's table and that of the bombs.
func bombed(t *testing.T, p program, limits placed) *server {
	t.Helper()
	limits.location = database(t,
		"CREATE TABLE data AS SELECT i AS n FROM range(1, 5) r(i)",
		"CREATE TABLE big AS SELECT i AS n, i % 3 AS k, 'name ' || i AS t, i * 1.5::DOUBLE AS x FROM range(400000) r(i)",
	)
	limits.source = "preset: analyst\n    " + opening()
	limits.limits += ", plan_rows: 1000000000000000"
	s := p.start(t, limits.arguments(t)...)
	s.atRest(t)
	return s
}

// Every bomb ends within its deadline and a second, all of them together stay
// within the budget of memory, and whoever asks beside them gets every answer.
func TestResourceBombs(t *testing.T) {
	t.Parallel()
	const budget, deadline = 1280 << 20, 2 * time.Second
	s := bombed(t, program{path: binary}, placed{limits: "deadline: 2s, memory: 256MiB, temp: 256MiB", more: "memory: 1280MiB"})
	before := s.holds(t)
	watch, beside := s.watchMemory(10*time.Millisecond), s.bystander(t, 50*time.Millisecond)
	type end struct {
		bomb string
		asking
	}
	ends, fuses := make(chan end), make(chan [2]string)
	for _, address := range []string{"127.0.66.1", "127.0.67.1"} { // as many as there are regular places
		client := s.from(address)
		go func() {
			for bomb := range fuses {
				a, err := client.send(t.Context(), http.MethodPost, "/v1/query", client.key, bomb[1])
				ends <- end{bomb[0], asking{a, err}}
			}
			client.client.CloseIdleConnections()
		}()
	}
	var lit [][2]string
	for _, b := range bombs {
		lit = append(lit, [2]string{b, question(t, b)})
	}
	go func() {
		defer close(fuses)
		for _, b := range lit {
			fuses <- b
		}
	}()
	seen := map[string]int{}
	var all []time.Duration
	for range bombs {
		e := <-ends
		if e.err != nil {
			t.Errorf("%s: %v", e.bomb, e.err)
			continue
		}
		got := outcome(e.answer)
		seen[got]++
		if got != "sql.timeout" && got != "sql.memory" {
			t.Errorf("%s: %.200s", e.bomb, got)
		}
		took := s.took(t, e.answer)
		all = append(all, took)
		if took > deadline+slack {
			t.Errorf("%s: it took %v", e.bomb, took)
		}
	}
	t.Logf("%d bombs: %v; they took %s", len(bombs), seen, spread(all))
	beside.allAnswered(t)
	watch.within(t, budget)
	s.wantLevel(t, before)
}

// What a planner computes counts: a query has its deadline once, not once to be
// planned and once to run.
func TestPlanningCountsTowardsDeadline(t *testing.T) {
	t.Parallel()
	s := bombed(t, program{path: binary}, placed{limits: "deadline: 2s, memory: 256MiB"})
	// Some are planned within the deadline, whatever the machine: a planner
	// computes what is constant.
	for _, n := range []string{"16000", "20000", "24000", "28000", "32000"} {
		a := s.query(t, "SELECT damerau_levenshtein(repeat('ab', "+n+"), repeat('ba', "+n+"))")
		if got := outcome(a); a.status != http.StatusOK && got != "sql.timeout" && got != "sql.memory" {
			t.Errorf("%s: %s", n, got)
		}
		if took := s.took(t, a); took > 2*time.Second+slack {
			t.Errorf("%s: it took %v, %s", n, took, outcome(a))
		}
	}
}

// However many wait with bombs, each from an address of its own, what is small
// finds a place in the queue, too.
func TestBombsDoNotFillTheQueue(t *testing.T) {
	t.Parallel()
	s := bombed(t, program{path: binary}, placed{limits: "deadline: 2s, memory: 256MiB"})
	for range 20 { // so that it is known how small they are
		if a := s.request(t, http.MethodPost, "/v1/query", bystanderQuestion(t)); a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	before := s.holds(t)
	beside := s.bystander(t, 50*time.Millisecond)
	body := question(t, "SELECT sum(sin(range)) FROM range(100000000000)")
	var all sync.WaitGroup
	for i := range 80 { // more than wait for one source
		client := s.from(fmt.Sprintf("127.1.%d.1", i))
		all.Go(func() {
			defer client.client.CloseIdleConnections()
			a, err := client.send(t.Context(), http.MethodPost, "/v1/query", client.key, body)
			if got := outcome(a); err != nil || got != "sql.timeout" && got != "503" {
				t.Errorf("a bomb: %v %s", err, got)
			}
		})
	}
	all.Wait()
	beside.allAnswered(t)
	s.wantLevel(t, before)
}

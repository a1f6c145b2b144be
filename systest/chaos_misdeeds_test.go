//go:build linux

package systest

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// misdeeds serves with workers that can be told to misbehave.
func misdeeds(t *testing.T, p placed) *server {
	t.Helper()
	p.location = writeFile(t, "data.csv", bystanderRows)
	s := chaosProgram(t).start(t, p.arguments(t)...)
	s.atRest(t)
	return s
}

// outcome is how a query may end: a rule of a refusal, or "503".
func outcome(a answer) string {
	switch {
	case a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != "":
		return "503"
	case a.rule() != "":
		return a.rule()
	default:
		return http.StatusText(a.status) + " " + a.body
	}
}

// deadline is that of the queries here, and slack what the refusal may take
// beyond it.
const (
	deadline = time.Second
	slack    = time.Second
)

// Whatever a worker does to a query, its client is told within the deadline
// and a second, by the right rule; others do not notice; and nothing is left.
func TestMisdeeds(t *testing.T) {
	t.Parallel()
	const timeout, memory, failed, tooLong, unavailable = "sql.timeout", "sql.memory", "sql.failed", "sql.bytes", "503"
	s := misdeeds(t, placed{limits: "deadline: 1s, memory: 128MiB, temp: 64MiB", more: "memory: 1GiB"})
	offenders := map[string]*server{"json": s.from("127.0.66.1"), "ndjson": s.from("127.0.67.1")}
	before := s.holds(t)
	watch, beside := s.watchMemory(10*time.Millisecond), s.bystander(t, 50*time.Millisecond)
	for _, c := range []struct {
		word string
		want []string
	}{
		// Nothing, or not enough.
		{"silent", []string{timeout}},
		{"head", []string{timeout}},
		{"half", []string{timeout}},
		{"stop", []string{timeout}},
		{"spin", []string{timeout}},
		// Nonsense.
		{"malformed", []string{failed}},
		{"kind", []string{failed}},
		{"huge", []string{failed}},
		{"lie", []string{failed}},
		{"forge", []string{failed}},
		// Too much.
		{"flood", []string{tooLong}},
		{"memory", []string{timeout, memory}},
		{"threads", []string{timeout, memory, failed}},
		{"disk", []string{memory}},
		// The end.
		{"die", []string{unavailable}},
		{"midway", []string{unavailable}},
		{"exit", []string{failed}},
		{"panic", []string{failed}},
	} {
		// Both at once: there is a place for each, and a spare one for others.
		ends := make(chan asking)
		for format, offender := range offenders {
			body := asked(t, chaos(c.word), format)
			go func() {
				a, err := offender.send(t.Context(), http.MethodPost, "/v1/query", offender.key, body)
				ends <- asking{a, err}
			}()
		}
		for range offenders {
			end := <-ends
			if end.err != nil {
				t.Errorf("%s: %v", c.word, end.err)
				continue
			}
			if got := outcome(end.answer); !slices.Contains(c.want, got) {
				t.Errorf("%s: %s, want %v", c.word, got, c.want)
			}
			if took := s.took(t, end.answer); took > deadline+slack {
				t.Errorf("%s: it took %v", c.word, took)
			}
		}
	}
	for _, offender := range offenders {
		offender.client.CloseIdleConnections()
	}
	beside.allAnswered(t)
	watch.within(t, 1<<30)
	s.wantLevel(t, before)
	for _, cause := range []string{"malformed frame", "a worker crashed", "exit status 2", "as it was told"} {
		if !strings.Contains(s.log.String(), cause) {
			t.Errorf("the log does not say %q", cause)
		}
	}
}

// asked is a question in a format, with an end marker where there is one.
func asked(t *testing.T, sql, format string) string {
	t.Helper()
	members := map[string]any{"sql": sql, "format": format}
	if format == "ndjson" {
		members["end_marker"] = true
	}
	body, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// streamed is an answer as its client sees it arrive.
type streamed struct {
	answer
	broken error // before its end
	status string
}

// stream asks in a format of many pieces. each is called with how much has come.
func (s *server) stream(t *testing.T, sql, format string, each func(int)) streamed {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/v1/query", strings.NewReader(asked(t, sql, format)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Api-Key", s.key)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept-Encoding", "identity")
	response, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // broken, as a rule
	got := streamed{answer: answer{status: response.StatusCode, header: response.Header}}
	var tail []byte
	piece, length := make([]byte, 64<<10), 0
	for got.broken == nil {
		var n int
		n, got.broken = response.Body.Read(piece)
		length += n
		tail = append(tail, piece[:n]...)
		tail = tail[max(0, len(tail)-1000):]
		if n > 0 && each != nil {
			each(length)
		}
	}
	if got.broken == io.EOF { //nolint:errorlint // as Read gives it
		got.broken = nil
	}
	got.body, got.answer.status, got.status = string(tail), response.StatusCode, response.Trailer.Get("Sallyport-Status")
	return got
}

// wantBroken wants an answer that has begun and that nobody can take for a whole one.
func (a streamed) wantBroken(t *testing.T, what string) {
	t.Helper()
	if a.answer.status != http.StatusOK {
		t.Errorf("%s: %d %s, want an answer that has begun", what, a.answer.status, a.body)
	}
	if a.broken == nil || a.status != "" || strings.Contains(a.body, `"status":"complete"`) {
		t.Errorf("%s: it looks complete: %v, trailer %q, and at its end %q", what, a.broken, a.status, a.body)
	}
}

// An answer on its way when its worker misbehaves is no answer, and cannot be
// taken for one.
func TestMisdeedsMidstream(t *testing.T) {
	t.Parallel()
	s := misdeeds(t, placed{limits: "deadline: 1s, memory: 128MiB, bytes: 64MiB, rows: 1000000000"})
	offender := s.from("127.0.66.1")
	before := s.holds(t)
	beside := s.bystander(t, 50*time.Millisecond)
	for _, word := range []string{"silent", "stop", "malformed", "kind", "huge", "half", "lie", "forge", "flood", "die", "midway", "exit", "panic"} {
		a := offender.stream(t, chaos("stream "+word), "ndjson", nil)
		a.wantBroken(t, word)
		last := a.body[strings.LastIndexByte(strings.TrimSuffix(a.body, "\n"), '\n')+1:]
		if !strings.HasPrefix(last, `{"$end":{"status":"failed"`) {
			t.Errorf("%s: the last line is %q", word, last)
		}
		if took := s.took(t, a.answer); took > deadline+slack {
			t.Errorf("%s: it took %v", word, took)
		}
		offender.stream(t, chaos("stream "+word), "csv", nil).wantBroken(t, word+", csv")
	}
	offender.client.CloseIdleConnections()
	beside.allAnswered(t)
	s.wantLevel(t, before)
}

// Workers that take all the memory that they get, several at once and again
// and again, never take more than the budget.
func TestMemoryBudget(t *testing.T) {
	t.Parallel()
	s := misdeeds(t, placed{limits: "deadline: 2s, memory: 256MiB", more: "memory: 1GiB"})
	before := s.holds(t)
	watch, beside := s.watchMemory(10*time.Millisecond), s.bystander(t, 50*time.Millisecond)
	ends := make(chan []answer)
	for _, address := range []string{"127.0.66.1", "127.0.67.1", "127.0.68.1"} {
		offender := s.from(address)
		body := question(t, chaos("memory"))
		go func() {
			var all []answer
			for range 3 {
				a, err := offender.send(t.Context(), http.MethodPost, "/v1/query", offender.key, body)
				if err != nil {
					a.body = err.Error()
				}
				all = append(all, a)
			}
			offender.client.CloseIdleConnections()
			ends <- all
		}()
	}
	seen := map[string]int{}
	for range 3 {
		for _, a := range <-ends {
			seen[outcome(a)]++
			if took := s.took(t, a); took > 2*time.Second+slack {
				t.Errorf("%s: it took %v", outcome(a), took)
			}
		}
	}
	t.Log(seen)
	if seen["sql.memory"] == 0 || seen["sql.memory"]+seen["sql.timeout"]+seen["503"] != 9 {
		t.Errorf("%v, want refusals for memory or time", seen)
	}
	beside.allAnswered(t)
	watch.within(t, 1<<30)
	s.wantLevel(t, before)
}

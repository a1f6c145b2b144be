package event_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/event"
)

// keep is a sink that keeps copies, as a sink must.
type keep struct{ records []event.Record }

func (k *keep) Record(_ context.Context, r *event.Record) { k.records = append(k.records, *r) }

// ticking is a clock that goes on by one second at each look.
func ticking(start time.Time) func() time.Time {
	now := start.Add(-time.Second)
	return func() time.Time {
		now = now.Add(time.Second)
		return now
	}
}

var start = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func newRecorder(t *testing.T, sink event.Sink) *event.Recorder {
	t.Helper()
	rec, err := event.NewRecorder(event.Config{App: "test", Sink: sink, Now: ticking(start)})
	check(t, err)
	return rec
}

func TestRecorder(t *testing.T) {
	t.Parallel()
	base := event.Record{
		Time: start, Duration: time.Second, App: "test", Method: "POST",
		UserAgentClass: event.AgentCurl,
	}
	tests := []struct {
		name    string
		method  string
		handler http.HandlerFunc
		want    func(*event.Record)
	}{
		{
			name:    "nothing written is 200",
			handler: func(http.ResponseWriter, *http.Request) {},
			want:    func(r *event.Record) { r.Status = 200 },
		},
		{
			name: "fields, bytes and status",
			handler: func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				event.FromContext(r.Context()).Key = "k"
				w.WriteHeader(http.StatusAccepted)
				_, _ = io.WriteString(w, "answer")
			},
			want: func(r *event.Record) { r.Status, r.BytesIn, r.BytesOut, r.Key = 202, 11, 6, "k" },
		},
		{
			name: "a body not read to its end counts as far as it was read",
			handler: func(_ http.ResponseWriter, r *http.Request) {
				_, _ = r.Body.Read(make([]byte, 4))
			},
			want: func(r *event.Record) { r.Status, r.BytesIn = 200, 4 },
		},
		{
			name:    "an invented method is one word",
			method:  "CANARY",
			handler: func(http.ResponseWriter, *http.Request) {},
			want:    func(r *event.Record) { r.Status, r.Method = 200, "OTHER" },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sink := &keep{}
			method := tt.method
			if method == "" {
				method = http.MethodPost
			}
			r := httptest.NewRequestWithContext(t.Context(), method, "/path?canary", strings.NewReader("hello world"))
			r.Header.Set("User-Agent", "curl/8.14.1")
			newRecorder(t, sink).Wrap(tt.handler).ServeHTTP(httptest.NewRecorder(), r)
			want := base
			tt.want(&want)
			if len(sink.records) != 1 {
				t.Fatalf("%d records, want 1", len(sink.records))
			}
			if got := sink.records[0]; got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestRecorderOnPanic(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		write  bool
		status int
	}{{"before the response", false, 0}, {"after it began", true, 200}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sink := &keep{}
			h := newRecorder(t, sink).Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if tt.write {
					_, _ = io.WriteString(w, "half")
				}
				panic("boom")
			}))
			func() {
				defer func() {
					if v := recover(); v != "boom" {
						t.Errorf("recovered %v, want boom: the recorder must not swallow panics", v)
					}
				}()
				h.ServeHTTP(httptest.NewRecorder(), get(t))
			}()
			if len(sink.records) != 1 {
				t.Fatalf("%d records, want 1", len(sink.records))
			}
			if got := sink.records[0]; !got.Aborted || got.Status != tt.status {
				t.Errorf("aborted %v, status %d; want true, %d", got.Aborted, got.Status, tt.status)
			}
		})
	}
}

func TestRoute(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /tables/{name}", func(http.ResponseWriter, *http.Request) {})
	type key struct{}
	copying := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event.Routed(mux).ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, 1)))
	})
	tests := []struct {
		name string
		h    http.Handler
		path string
		want string
	}{
		{"directly inside the recorder", mux, "/tables/canary", "GET /tables/{name}"},
		{"behind middleware that copies the request", copying, "/tables/canary", "GET /tables/{name}"},
		{"no route", copying, "/canary", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sink := &keep{}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, tt.path, http.NoBody)
			newRecorder(t, sink).Wrap(tt.h).ServeHTTP(httptest.NewRecorder(), r)
			if got := sink.records[0].Route; got != tt.want {
				t.Errorf("route %q, want %q", got, tt.want)
			}
		})
	}
}

// A proxying handler's transport reads the body from a goroutine of its own,
// perhaps when the handler has returned; the race detector watches.
func TestBodyReadElsewhere(t *testing.T) {
	t.Parallel()
	done := make(chan error, 1)
	h := newRecorder(t, &keep{}).Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		go func() {
			_, err := io.Copy(io.Discard, r.Body)
			done <- err
		}()
	}))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", io.NopCloser(io.LimitReader(neverEnding('x'), 1<<20)))
	h.ServeHTTP(httptest.NewRecorder(), r)
	check(t, <-done)
}

func TestServerSentEventsArriveOneByOne(t *testing.T) {
	t.Parallel()
	next := make(chan struct{})
	sink := &keep{}
	h := newRecorder(t, sink).Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		rc := http.NewResponseController(w)
		for range 3 {
			_, _ = io.WriteString(w, "data: x\n\n")
			_ = rc.Flush()
			<-next
		}
	}))
	srv := httptest.NewServer(h)
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, http.NoBody)
	check(t, err)
	resp, err := srv.Client().Do(req)
	check(t, err)
	buf := make([]byte, len("data: x\n\n"))
	for range 3 {
		_, err := io.ReadFull(resp.Body, buf) // the handler waits until it has arrived
		check(t, err)
		next <- struct{}{}
	}
	check(t, resp.Body.Close())
	srv.Close()
	if got := sink.records[0].BytesOut; got != int64(3*len(buf)) {
		t.Errorf("bytes out %d, want %d", got, 3*len(buf))
	}
}

func TestNewRecorderReportsAllMistakes(t *testing.T) {
	t.Parallel()
	_, err := event.NewRecorder(event.Config{App: "a\nb"})
	if err == nil || !strings.Contains(err.Error(), "Sink is nil") || !strings.Contains(err.Error(), `"a\nb"`) {
		t.Errorf("error %v, want both mistakes", err)
	}
	_, err = event.NewRecorder(event.Config{App: strings.Repeat("a", 65), Sink: &keep{}})
	if err == nil || !strings.Contains(err.Error(), "65 bytes") {
		t.Errorf("error %v, want the length of the name", err)
	}
	rec, err := event.NewRecorder(event.Config{Sink: &keep{}}) // clock and name have defaults
	check(t, err)
	rec.Wrap(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), get(t))
}

func TestRecorderAllocations(t *testing.T) {
	h := newBenchHandler(t)
	w, r := &discard{header: http.Header{}}, get(t)
	if n := testing.AllocsPerRun(200, func() { h.ServeHTTP(w, r) }); n > 2 {
		t.Errorf("%v allocations a request, want at most 2: the record and the request's copy", n)
	}
}

func BenchmarkRecorder(b *testing.B) {
	h := newBenchHandler(b)
	w := &discard{header: http.Header{}}
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/", strings.NewReader("x"))
	r.Header.Set("User-Agent", "python-requests/2.32.3")
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}

func newBenchHandler(tb testing.TB) http.Handler {
	tb.Helper()
	rec, err := event.NewRecorder(event.Config{App: "bench", Sink: nothing{}})
	if err != nil {
		tb.Fatal(err)
	}
	body := []byte("ok")
	return rec.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
}

type nothing struct{}

func (nothing) Record(context.Context, *event.Record) {}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header       { return d.header }
func (*discard) WriteHeader(int)             {}
func (*discard) Write(p []byte) (int, error) { return len(p), nil }

var errLogOnly = errors.New("pq: relation \"secret\" does not exist")

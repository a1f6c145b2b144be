package concurrency

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/problem"
)

// misdeeds is a handler that does, as the path says, what handlers should not
// do, and what is right but awkward. It checks the caps while it is at it.
type misdeeds struct {
	t          *testing.T
	limiter    *Limiter
	all        gauge
	each       [8]gauge
	background sync.WaitGroup
	done       [misdeedCount]atomic.Int64
}

const (
	ordinary = iota
	panics
	exits
	hangs // until the client leaves
	times // out, in an http.TimeoutHandler
	streams
	hijacks
	holds
	holdsAndPanics
	misdeedCount
)

func (m *misdeeds) count(r *http.Request) (client int, end func()) {
	client, _ = strconv.Atoi(r.Header.Get("X-Number"))
	m.all.add(1)
	m.each[client].add(1)
	return client, func() {
		m.each[client].add(-1)
		m.all.add(-1)
	}
}

func (m *misdeeds) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
	_, end := m.count(r)
	m.done[kind].Add(1)
	ended := false
	defer func() {
		if !ended {
			end()
		}
	}()
	switch kind {
	case ordinary:
		_, _ = io.WriteString(w, "ok")
	case panics:
		panic("a mistake of the handler's")
	case exits:
		runtime.Goexit()
	case hangs:
		pause(r.Context(), 20*time.Millisecond)
	case times:
		pause(context.Background(), 5*time.Millisecond) // it does not listen
	case streams:
		rc := http.NewResponseController(w)
		w.Header().Set("Content-Type", "text/event-stream")
		for range 5 {
			_, err := io.WriteString(w, "data: x\n\n")
			if err != nil || rc.Flush() != nil {
				return
			}
			pause(r.Context(), time.Millisecond)
		}
	case hijacks:
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			m.t.Error(err)
			return
		}
		release, ok := Hold(r.Context())
		if !ok {
			m.t.Error("no hold in a handler")
		}
		ended = true
		m.background.Go(func() {
			defer release()
			defer end()
			defer func() { _ = conn.Close() }() // it may be gone already
			_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
			pause(context.Background(), time.Millisecond)
		})
	case holds, holdsAndPanics:
		release, ok := Hold(r.Context())
		if !ok {
			m.t.Error("no hold in a handler")
		}
		ended = true
		m.background.Go(func() {
			defer release()
			defer end()
			pause(context.Background(), 2*time.Millisecond) // the database that really stops
		})
		if kind == holdsAndPanics {
			panic("after a hold")
		}
	}
}

// chaos sends n requests of all kinds to a real server, and says what is left.
func chaos(t *testing.T, n int, leases Leases) *Limiter {
	t.Helper()
	l := newLimiter(t, Config{PerClient: 4, Global: 10, Queue: 50, Wait: 50 * time.Millisecond, Leases: leases})
	m := &misdeeds{t: t, limiter: l}
	silent := slog.New(slog.DiscardHandler)
	recorder, err := event.NewRecorder(event.Config{Sink: event.SlogSink(silent)})
	if err != nil {
		t.Fatal(err)
	}
	timed := http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		release, ok := Hold(r.Context())
		if !ok {
			return // it has timed out before it began
		}
		defer release()
		m.ServeHTTP(w, r)
	}), 2*time.Millisecond, "")
	handler := recorder.Wrap(problem.NewRecover(silent).Wrap(l.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/"+strconv.Itoa(times) {
			timed.ServeHTTP(w, r)
			return
		}
		m.ServeHTTP(w, r)
	}))))
	srv := httptest.NewUnstartedServer(handler)
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	srv.Start()
	client := srv.Client()
	client.Timeout = 30 * time.Second

	const workers = 48
	var statuses [600]atomic.Int64
	var next atomic.Int64
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(2026, uint64(worker))) // a seed, so that a failure comes again
			for next.Add(1) <= int64(n) {
				if status := misbehave(t, client, srv.URL, random); status > 0 {
					statuses[status].Add(1)
				}
			}
		})
	}
	wg.Wait()
	m.background.Wait()
	srv.Close()
	// What runs in a TimeoutHandler outlives the connection.
	eventually(t, "the end of all handlers", func() bool { return l.Stats().InFlight == 0 })

	if most := m.all.most.Load(); most > 10 {
		t.Errorf("%d in flight, the cap is 10", most)
	}
	for i := range m.each {
		if most := m.each[i].most.Load(); most > 4 {
			t.Errorf("%d of client %d in flight, the cap is 4", most, i)
		}
	}
	for kind := range m.done {
		if m.done[kind].Load() == 0 {
			t.Errorf("no handler did %d", kind)
		}
	}
	t.Logf("200: %d, 429: %d, 500: %d, 503: %d; %+v", statuses[200].Load(), statuses[429].Load(), statuses[500].Load(), statuses[503].Load(), l.Stats())
	return l
}

// misbehave sends one request, and perhaps does not wait for the answer.
func misbehave(t *testing.T, client *http.Client, url string, random *rand.Rand) int {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	kind, number := random.IntN(misdeedCount), min(random.IntN(12), 7) // one client more than the others
	leaves := kind == hangs || random.IntN(8) == 0
	if leaves {
		timer := time.AfterFunc(time.Duration(random.Int64N(int64(5*time.Millisecond))), cancel)
		defer timer.Stop()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/"+strconv.Itoa(kind), http.NoBody)
	if err != nil {
		t.Error(err)
		return 0
	}
	r.Header.Set("X-Client", addr(number).String())
	r.Header.Set("X-Number", strconv.Itoa(number))
	if kind == hijacks {
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", "x")
	}
	resp, err := client.Do(r)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			t.Error(err) // the client's own patience
		}
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	if kind == streams && random.IntN(2) == 0 {
		_, _ = resp.Body.Read(make([]byte, 5)) // and leaves in the middle
		return resp.StatusCode
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		_, _ = io.Copy(io.Discard, resp.Body)
	}
	return resp.StatusCode
}

func TestNothingLeaks(t *testing.T) {
	l := chaos(t, 10_000, nil)
	idle(t, l)
	_ = l.Close()
	idle(t, l)
}

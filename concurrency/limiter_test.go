package concurrency

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sallyport-dev/sallyport/event"
)

// Whole responses, against RFC 9457 (the document), RFC 6585, section 4 (429)
// and RFC 9110, sections 10.2.3 (Retry-After) and 15.6.4 (503).
func TestRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		config Config
		busy   []int // clients that have a slot already
		closed bool
		status int
		retry  string
		body   string
		rule   string
	}{
		{
			name: "the client's cap", config: Config{PerClient: 1, Global: 2, Wait: 5 * time.Second}, busy: []int{1},
			status: 429, retry: "5", body: `{"type":"about:blank","title":"Too Many Requests","status":429}`, rule: "concurrency.client",
		},
		{
			name: "the cap of all", config: Config{PerClient: 1, Global: 2, Wait: 1500 * time.Millisecond}, busy: []int{2, 3},
			status: 503, retry: "2", body: `{"type":"about:blank","title":"Service Unavailable","status":503}`, rule: "concurrency.global",
		},
		{
			name: "both", config: Config{PerClient: 1, Global: 2}, busy: []int{1, 2},
			status: 429, retry: "60", body: `{"type":"about:blank","title":"Too Many Requests","status":429}`, rule: "concurrency.client",
		},
		{
			name: "closed", config: Config{PerClient: 1, Global: 2}, closed: true,
			status: 503, retry: "60", body: `{"type":"about:blank","title":"Service Unavailable","status":503}`, rule: "concurrency.global",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newLimiter(t, tt.config)
			for _, n := range tt.busy {
				acquire(t, l, addr(n)) // and never released
			}
			if tt.closed {
				_ = l.Close()
			}
			record := new(event.Record)
			r := httptest.NewRequestWithContext(event.NewContext(t.Context(), record), http.MethodGet, "/", http.NoBody)
			r.Header.Set("X-Client", addr(1).String())
			w := httptest.NewRecorder()
			l.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("let through") })).ServeHTTP(w, r)
			wantHeader := http.Header{
				"Content-Type": {"application/problem+json"}, "Cache-Control": {"no-store"}, "X-Content-Type-Options": {"nosniff"},
				"Content-Length": w.Header()["Content-Length"], "Retry-After": {tt.retry},
			}
			if w.Code != tt.status || w.Body.String() != tt.body || !reflect.DeepEqual(w.Header(), wantHeader) {
				t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
			}
			if record.Protection != "concurrency" || record.Rule != tt.rule || record.Canceled {
				t.Errorf("record %+v", record)
			}
		})
	}
}

// Whatever ends a handler gives its slot back.
func TestEndsOfAHandler(t *testing.T) {
	t.Parallel()
	tests := map[string]func(http.ResponseWriter, *http.Request){
		"returns": func(http.ResponseWriter, *http.Request) {},
		"panics":  func(http.ResponseWriter, *http.Request) { panic("boom") },
		"aborts":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"exits":   func(http.ResponseWriter, *http.Request) { runtime.Goexit() },
		"holds and releases twice": func(_ http.ResponseWriter, r *http.Request) {
			release, ok := Hold(r.Context())
			if !ok {
				t.Error("no hold in a handler")
			}
			release()
			release()
		},
		"holds and panics": func(_ http.ResponseWriter, r *http.Request) {
			release, _ := Hold(r.Context())
			defer release()
			panic("boom")
		},
	}
	for name, handler := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLimiter(t, Config{PerClient: 1, Global: 1})
			done := make(chan struct{})
			go func() {
				defer close(done)
				defer func() { _ = recover() }()
				r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
				l.Wrap(http.HandlerFunc(handler)).ServeHTTP(httptest.NewRecorder(), r)
			}()
			<-done
			idle(t, l)
			if got := l.Stats().Acquired; got != 1 {
				t.Errorf("%d slots were acquired, want 1", got)
			}
		})
	}
}

// brokenLog is a log handler that panics.
type brokenLog struct{ slog.Handler }

func (brokenLog) Enabled(context.Context, slog.Level) bool  { return true }
func (brokenLog) Handle(context.Context, slog.Record) error { panic("disk full") }

func TestBrokenLogKeepsNoSlot(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, Config{PerClient: 1, Global: 1, Logger: slog.New(brokenLog{slog.DiscardHandler})})
	for range 3 {
		func() {
			defer func() {
				if v := recover(); v != "disk full" {
					t.Errorf("recovered %v", v)
				}
			}()
			serve(l.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
		}()
		idle(t, l)
	}
}

func TestReleaseIsIdempotent(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, Config{PerClient: 2, Global: 2})
	s, other := acquire(t, l, addr(1)), acquire(t, l, addr(1))
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(s.Release)
	}
	wg.Wait()
	if got := l.Stats(); got.InFlight != 1 || got.Released != 1 {
		t.Errorf("%+v, want one in flight and one released", got)
	}
	other.Release()
	(*Slot)(nil).Release()
	idle(t, l)
}

func TestWaitEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		busy     int // who has the only slot
		global   int
		ctx      func(context.Context) (context.Context, context.CancelFunc)
		close    bool
		waited   time.Duration
		status   int
		rule     string
		canceled bool
	}{
		{name: "time is up at the client's cap", busy: 1, global: 2, waited: 5 * time.Second, status: 429, rule: "concurrency.client"},
		{name: "time is up at the cap of all", busy: 2, global: 1, waited: 5 * time.Second, status: 503, rule: "concurrency.global"},
		{
			name: "the client leaves", busy: 2, global: 1, waited: time.Second, status: 503, canceled: true,
			ctx: func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(time.Second, cancel)
				return ctx, cancel
			},
		},
		{
			name: "a deadline of the caller's", busy: 2, global: 1, waited: time.Second, status: 503,
			ctx: func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, time.Second)
			},
		},
		{name: "the limiter is closed", busy: 2, global: 1, close: true, waited: 2 * time.Second, status: 503, rule: "concurrency.global"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLimiter(t, Config{PerClient: 1, Global: tt.global, Queue: 1, Wait: 5 * time.Second})
				busy := acquire(t, l, addr(tt.busy))
				record := new(event.Record)
				ctx := event.NewContext(t.Context(), record)
				if tt.ctx != nil {
					var cancel context.CancelFunc
					ctx, cancel = tt.ctx(ctx)
					defer cancel()
				}
				if tt.close {
					time.AfterFunc(2*time.Second, func() { _ = l.Close() })
				}
				r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody)
				r.Header.Set("X-Client", addr(1).String())
				w := httptest.NewRecorder()
				l.Wrap(http.NotFoundHandler()).ServeHTTP(w, r)
				if w.Code != tt.status || record.Rule != tt.rule || record.Canceled != tt.canceled || record.Query.Queue != tt.waited {
					t.Errorf("%d, record %+v", w.Code, record)
				}
				if got := l.Stats(); got.Waiting != 0 || got.InFlight != 1 {
					t.Errorf("%+v", got)
				}
				busy.Release()
				idle(t, l)
			})
		})
	}
}

func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(t, Config{PerClient: 1, Global: 1, Queue: 10, QueuePerClient: 3})
		busy := acquire(t, l, addr(99))
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wait := func(client int) {
			wg.Go(func() {
				_, err := l.Acquire(ctx, addr(client))
				refused(t, err, http.StatusServiceUnavailable, "")
			})
			synctest.Wait()
		}
		for client := range 3 {
			for range 3 {
				wait(client)
			}
		}
		_, err := l.Acquire(ctx, addr(0))
		refused(t, err, http.StatusTooManyRequests, "concurrency.client") // its share of the queue
		wait(3)
		_, err = l.Acquire(ctx, addr(3))
		refused(t, err, http.StatusServiceUnavailable, "concurrency.global") // the queue
		verify(t, l)
		if got := l.Stats(); got.Waiting != 10 || got.Clients != 5 {
			t.Errorf("%+v", got)
		}
		cancel()
		wg.Wait()
		if got := l.Stats(); got.Waiting != 0 || got.Clients != 1 || got.Canceled != 10 || got.DeniedClient != 1 || got.DeniedGlobal != 1 {
			t.Errorf("%+v", got)
		}
		busy.Release()
		idle(t, l)
	})
}

// Memory follows what is in flight, not how many clients there are.
func TestClientsAreForgotten(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, Config{PerClient: 1, Global: 4, Queue: 4, Wait: time.Millisecond})
	for n := range 10_000 {
		a := addr(0).As4()
		a[1], a[2] = byte(n>>8), byte(n)
		s := acquire(t, l, netipFrom(a))
		if got := l.Stats().Clients; got != 1 {
			t.Fatalf("%d clients are tracked", got)
		}
		s.Release()
	}
	idle(t, l)
}

func TestQueueTimeIsRecorded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		outer := newLimiter(t, Config{PerClient: 1, Global: 1, Queue: 1})
		inner := newLimiter(t, Config{PerClient: 1, Global: 1, Queue: 1})
		a, b := acquire(t, outer, addr(9)), acquire(t, inner, addr(9))
		time.AfterFunc(time.Second, a.Release)
		time.AfterFunc(3*time.Second, b.Release)
		record := new(event.Record)
		r := httptest.NewRequestWithContext(event.NewContext(t.Context(), record), http.MethodGet, "/", http.NoBody)
		outer.Wrap(inner.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))).ServeHTTP(httptest.NewRecorder(), r)
		if record.Query.Queue != 3*time.Second {
			t.Errorf("queue time %v, want 1s and 2s", record.Query.Queue)
		}
		idle(t, outer)
		idle(t, inner)
	})
}

func TestLog(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	l := newLimiter(t, Config{PerClient: 1, Global: 2, Logger: logger})
	s := acquire(t, l, addr(1))
	_, err := l.Acquire(t.Context(), addr(1))
	refused(t, err, http.StatusTooManyRequests, "concurrency.client")
	s.Release()
	want := strings.Join([]string{
		"level=DEBUG msg=ACQUIRED client=192.0.2.1 in_flight=1 waiting=0 waited=0s",
		"level=DEBUG msg=DENIED client=192.0.2.1 rule=concurrency.client in_flight=1 waiting=0 waited=0s",
		"level=DEBUG msg=RELEASED client=192.0.2.1 in_flight=0 waiting=0", "",
	}, "\n")
	if got := text.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestCloseIsIdempotent(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, Config{PerClient: 1, Global: 2})
	s := acquire(t, l, addr(1))
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	_, err := l.Acquire(t.Context(), addr(2))
	refused(t, err, http.StatusServiceUnavailable, "concurrency.global")
	if got := l.Stats().InFlight; got != 1 {
		t.Errorf("%d in flight, want the one that was", got)
	}
	s.Release()
	idle(t, l)
}

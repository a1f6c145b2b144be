package concurrency

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// serve sends one request through h.
func serve(h http.Handler) {
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
}

func TestHoldOutlivesTheHandler(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, Config{PerClient: 2, Global: 2})
	var ctx context.Context
	var first, second func()
	serve(l.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx = r.Context()
		first, _ = Hold(ctx)
		if got := l.Stats(); got.InFlight != 1 || got.Held != 0 {
			t.Errorf("%+v: held only counts when the handler has returned", got)
		}
	})))
	if got := l.Stats(); got.InFlight != 1 || got.Held != 1 || got.Clients != 1 {
		t.Errorf("%+v, want the slot held", got)
	}
	second, ok := Hold(ctx) // after the return, while another holds
	if !ok {
		t.Error("no second hold")
	}
	first()
	first()
	if got := l.Stats(); got.InFlight != 1 || got.Held != 1 {
		t.Errorf("%+v, want the slot held by the second", got)
	}
	second()
	idle(t, l)
	release, ok := Hold(ctx)
	if ok {
		t.Error("a slot that was given back was held")
	}
	release() // does nothing
	idle(t, l)
}

func TestHoldWhereThereIsNoSlot(t *testing.T) {
	t.Parallel()
	release, ok := Hold(t.Context())
	if ok {
		t.Error("held without a slot")
	}
	release()
}

func TestHoldKeepsTheSlotsOfAllLimiters(t *testing.T) {
	t.Parallel()
	outer, inner := newLimiter(t, Config{PerClient: 1, Global: 1}), newLimiter(t, Config{PerClient: 1, Global: 1})
	var ctx context.Context
	var release func()
	serve(outer.Wrap(inner.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx = r.Context()
		release, _ = Hold(ctx)
	}))))
	if outer.Stats().Held != 1 || inner.Stats().Held != 1 {
		t.Errorf("outer %+v, inner %+v; want both held", outer.Stats(), inner.Stats())
	}
	release()
	idle(t, outer)
	idle(t, inner)
	if _, ok := Hold(ctx); ok {
		t.Error("held after the end")
	}
}

// The inner slot is there and the outer is not: nothing is kept.
func TestHoldIsAllOrNothing(t *testing.T) {
	t.Parallel()
	outer, inner := newLimiter(t, Config{PerClient: 1, Global: 1}), newLimiter(t, Config{PerClient: 1, Global: 1})
	serve(outer.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, _ := r.Context().Value(holderKey{}).(*holder)
		inner.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			h.slot.Release() // as if the outer handler had returned
			if _, ok := Hold(r.Context()); ok {
				t.Error("held half")
			}
		})).ServeHTTP(w, r)
	})))
	idle(t, outer)
	idle(t, inner)
}

// http.TimeoutHandler returns while its handler runs on: the slot belongs to
// the work.
func TestTimeoutHandler(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(t, Config{PerClient: 1, Global: 1})
		stop := make(chan struct{})
		h := l.Wrap(http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			release, ok := Hold(r.Context())
			if !ok {
				t.Error("no hold in a handler")
			}
			defer release()
			<-stop
		}), time.Second, ""))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		if got := l.Stats(); w.Code != http.StatusServiceUnavailable || got.InFlight != 1 || got.Held != 1 {
			t.Errorf("%d with %+v; the work still runs", w.Code, got)
		}
		close(stop)
		synctest.Wait()
		idle(t, l)
	})
}

// Hold, in any order with the handler's return and with other holds.
func TestHoldRaces(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, Config{PerClient: 4, Global: 4, Queue: 100, QueuePerClient: 100})
	var wg sync.WaitGroup
	h := l.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		for range 3 {
			wg.Go(func() {
				release, ok := Hold(r.Context())
				if ok && l.Stats().InFlight == 0 {
					t.Error("held, and nothing is in flight")
				}
				release()
			})
		}
	}))
	var requests sync.WaitGroup
	for range 8 {
		requests.Go(func() {
			for range 200 {
				serve(h)
			}
		})
	}
	requests.Wait()
	wg.Wait()
	idle(t, l)
}

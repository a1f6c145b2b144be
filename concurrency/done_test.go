package concurrency

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A handler whose work is over gives its slot to another while it still sends
// its answer; a Hold keeps it all the same.
func TestDone(t *testing.T) {
	t.Parallel()
	for _, held := range []bool{false, true} {
		l, err := New(Config{Client: byHeader, PerClient: 1, Global: 1, Wait: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		inner, err := New(Config{Client: byHeader, PerClient: 1, Global: 1, Wait: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		served := false
		h := l.Wrap(inner.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			served = true
			release := func() {}
			if held {
				release, _ = Hold(r.Context())
			}
			Done(r.Context())
			Done(r.Context())
			want := 0
			if held {
				want = 1
			}
			if n, m := l.Stats().InFlight, inner.Stats().InFlight; n != want || m != want {
				t.Errorf("held %v: %d and %d in flight after Done, want %d", held, n, m, want)
			}
			release()
			if n, m := l.Stats().InFlight, inner.Stats().InFlight; n != 0 || m != 0 {
				t.Errorf("held %v: %d and %d in flight at the end", held, n, m)
			}
		})))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
		if s := l.Stats(); !served || s.InFlight != 0 || s.Held != 0 || s.Acquired != 1 || s.Released != 1 {
			t.Errorf("held %v: served %v, %+v", held, served, s)
		}
	}
	Done(t.Context()) // where there is no slot
}

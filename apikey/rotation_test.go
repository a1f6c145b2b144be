package apikey

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/event"
)

// Keys are rotated while requests run: a key that stays always works, and one
// that is revoked does not work once Reload has returned.
func TestRotationUnderLoad(t *testing.T) {
	t.Parallel()
	stays, staysSecret := generate(t, "stays", time.Time{}, Query)
	goes, goesSecret := generate(t, "goes", time.Time{}, Query)
	path := filepath.Join(t.TempDir(), "keys.yaml")
	check(t, WriteFile(path, newSet(t, stays, goes)))
	store := new(Store)
	w, err := NewWatcher(WatchConfig{Path: path, Store: store, Interval: minInterval, Logger: slog.New(slog.DiscardHandler)})
	check(t, err)
	t.Cleanup(func() { check(t, w.Close()) })
	auth, err := New(Config{Keys: store, Client: strangers()})
	check(t, err)
	guarded := auth.Require(Query).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		guarded.ServeHTTP(w, r.WithContext(event.NewContext(r.Context(), new(event.Record)))) // which keeps refusals out of the log
	}))
	t.Cleanup(server.Close)
	try := func(ctx context.Context, secret string) int {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, http.NoBody)
		if err != nil {
			return 0
		}
		r.Header.Set("X-API-Key", secret)
		response, err := server.Client().Do(r)
		if err != nil || response.Body.Close() != nil {
			return 0
		}
		return response.StatusCode
	}

	var stop atomic.Bool
	var load sync.WaitGroup
	for range 3 {
		load.Go(func() {
			for !stop.Load() {
				if got := try(t.Context(), staysSecret); got != http.StatusOK {
					t.Errorf("the key that stays: %d", got)
					return
				}
				if got := try(t.Context(), goesSecret); got != http.StatusOK && got != http.StatusForbidden {
					t.Errorf("the key that goes: %d", got)
					return
				}
			}
		})
	}
	for round := range 40 {
		goes.Disabled = round%2 == 0
		want := http.StatusOK
		if goes.Disabled {
			want = http.StatusForbidden
		}
		check(t, WriteFile(path, newSet(t, stays, goes)))
		check(t, w.Reload(t.Context()))
		if got := try(t.Context(), goesSecret); got != want {
			t.Errorf("round %d: %d, want %d", round, got, want)
		}
	}
	stop.Store(true)
	load.Wait()
	if s := auth.Stats(); s.Accepted == 0 || s.Refused["key.disabled"] < 20 || s.Refused["key.unknown"] != 0 {
		t.Errorf("%+v", s)
	}
}

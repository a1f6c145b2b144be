package ratelimit

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(childURL); url != "" {
		os.Exit(child(url))
	}
	goleak.VerifyTestMain(m)
}

// fakeClock is a clock that the test sets.
type fakeClock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *fakeClock { return &fakeClock{now: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)} }

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// remote reads the address that the test gave the request.
func remote(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr()
}

// from makes a request of a client.
func from(t testing.TB, addr string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	if addr != "" {
		r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(addr), 1234).String()
	} else {
		r.RemoteAddr = ""
	}
	return r
}

func newLimiter(t testing.TB, c Config) *Limiter {
	t.Helper()
	l, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func newMemory(t testing.TB, c MemoryConfig) *MemoryStore {
	t.Helper()
	s, err := NewMemoryStore(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// admits counts how many of n events are allowed.
func admits(l *Limiter, r *http.Request, n int) (admitted int) {
	for range n {
		if l.Allow(r).Allowed {
			admitted++
		}
	}
	return admitted
}

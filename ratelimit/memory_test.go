package ratelimit

import (
	"encoding/binary"
	"net/http"
	"net/netip"
	"runtime"
	"testing"
)

// heap is the memory in use, after everything that is not has been collected.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// addresses gives each call an IPv6 address of a /64 of its own.
type addresses struct{ n uint64 }

func (a *addresses) next(*http.Request) netip.Addr {
	a.n++
	b := [16]byte{0x20, 0x01, 0x0d, 0xb8}
	binary.BigEndian.PutUint32(b[4:], uint32(a.n))
	return netip.AddrFrom16(b)
}

// Not parallel: it measures the heap.
func TestAMillionAddressesTakeNoMoreMemory(t *testing.T) {
	before := heap()
	var clients addresses
	l := newLimiter(t, Config{Limit: PerHour(30), Key: clients.next}) // none is whole again meanwhile
	h := l.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	w, r := &discard{header: http.Header{}}, from(t, "192.0.2.1")
	for range 1_000_000 {
		clear(w.header)
		h.ServeHTTP(w, r)
	}
	grown := heap() - before
	runtime.KeepAlive(h)
	if budget := DefaultBytes + 1<<20; grown > budget {
		t.Errorf("the heap grew by %d bytes, the budget is %d", grown, budget)
	}
	if s := l.Stats(); s.Admitted != 1_000_000 {
		t.Errorf("%+v: a first event was refused though there is room", s)
	}
}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header       { return d.header }
func (*discard) WriteHeader(int)             {}
func (*discard) Write(p []byte) (int, error) { return len(p), nil }

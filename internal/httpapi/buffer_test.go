package httpapi

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

// What is reserved is what is there, and never more than twice what is needed.
func TestBuffersReserveTheirCapacity(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		l := &ledger{limit: 8 << 20}
		counted := &account{ledger: l}
		b := &buffer{limit: 5 << 20, account: counted}
		var want []byte
		var err error
		for err == nil {
			piece := bytes.Repeat([]byte{byte(len(want))}, random.IntN(256<<10))
			if _, err = b.Write(piece); err == nil {
				want = append(want, piece...)
			}
			if held := l.held.Load(); held != int64(cap(b.bytes)) || held != counted.held || held > l.limit || held > 2*int64(max(len(b.bytes), 1)) {
				t.Fatalf("%d bytes reserved, and %d in the account, for %d of %d bytes", held, counted.held, len(b.bytes), cap(b.bytes))
			}
		}
		if !bytes.Equal(b.bytes, want) || errors.Is(err, engine.ErrUnavailable) {
			t.Fatalf("%d bytes where %d were written: %v", len(b.bytes), len(want), err)
		}
		b.release()
		if l.held.Load() != 0 || counted.held != 0 {
			t.Fatalf("%d bytes are still reserved, %d of them in the account", l.held.Load(), counted.held)
		}
	}
}

// A buffer left by another answer is taken with its capacity counted, or not at all.
func TestPooledBuffersAreCounted(t *testing.T) {
	t.Parallel()
	l := &ledger{limit: 4 << 10}
	counted := &account{ledger: l}
	for range 100 {
		(&buffer{bytes: make([]byte, 0, 3<<10)}).release()
		b, second := takeBuffer(1<<20, counted), takeBuffer(1<<20, counted)
		if held, want := l.held.Load(), int64(cap(b.bytes)+cap(second.bytes)); held != want || held > l.long() {
			t.Fatalf("%d bytes reserved for %d", held, want)
		}
		_, err := b.Write(make([]byte, 5<<10))
		if !errors.Is(err, engine.ErrUnavailable) {
			t.Fatalf("error %v", err)
		}
		b.release()
		second.release()
		if held := l.held.Load(); held != 0 {
			t.Fatalf("%d bytes are still reserved", held)
		}
	}
}

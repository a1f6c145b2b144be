package lockout

import "testing"

// What every request pays.
func BenchmarkLocked(b *testing.B) {
	counter, err := New(Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		counter.Locked(alice)
	}
}

// A locked client is looked up twice.
func BenchmarkLockedClient(b *testing.B) {
	counter, err := New(Config{Failures: 1, Pause: MaxPause})
	if err != nil {
		b.Fatal(err)
	}
	counter.Failed(alice)
	b.ReportAllocs()
	for b.Loop() {
		counter.Locked(alice)
	}
}

// Ever new clients.
func BenchmarkFailed(b *testing.B) {
	counter, err := New(Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	n := uint64(0)
	for b.Loop() {
		n++
		counter.Failed(numbered(n))
	}
}

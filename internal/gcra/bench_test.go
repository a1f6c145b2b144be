package gcra

import (
	"encoding/binary"
	"testing"
	"time"
)

// Ever new keys: the worst there is for caches and for the choice of a place.
func BenchmarkTakeNewKeys(b *testing.B) {
	table := newTable(b, 64<<20)
	rate := Rate{30, time.Minute, 30}
	b.ReportAllocs()
	n := uint64(0)
	for b.Loop() {
		n++
		var name [16]byte
		binary.LittleEndian.PutUint64(name[:], n)
		take(table, second, cellOf(table.Key(1, name[:]), rate))
	}
}

func BenchmarkTakeOneKey(b *testing.B) {
	table := newTable(b, 64<<20)
	c := cellOf(table.Key(1, []byte("key")), Rate{MaxEvents, time.Second, 1})
	b.ReportAllocs()
	now := second
	for b.Loop() {
		now += 10
		take(table, now, c)
	}
}

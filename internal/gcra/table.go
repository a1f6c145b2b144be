package gcra

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"math/bits"
	"slices"
	"sync"
)

const (
	// ways is the number of keys in a bucket: two cache lines.
	ways = 8
	// entrySize is what a key takes, in bytes.
	entrySize = 16
	// MinBytes is the least budget of a [Table].
	MinBytes = 64 << 10
	// MaxBytes is the largest.
	MaxBytes = 4 << 30
	// MaxCells is how many cells one event may be counted against. All of them
	// find a place even if they fall into one bucket.
	MaxCells = ways
	// stripes is the number of locks.
	stripes = 256
)

// entry is one key; a key of zero is a free place.
type entry struct {
	key uint64
	tat int64
}

type bucket [ways]entry

// stripe is a lock with a cache line to itself.
type stripe struct {
	sync.Mutex
	_ [56]byte
}

// Table counts events by key. It is safe for concurrent use.
type Table struct {
	seed    maphash.Seed
	buckets []bucket
	shift   uint // of a key, to the number of its bucket
	locks   [stripes]stripe
}

// NewTable returns a table that uses at most budget bytes: the largest power
// of two that fits. The memory is the operating system's to hand out, page by
// page, as keys come.
func NewTable(budget int64) (*Table, error) {
	if budget < MinBytes || budget > MaxBytes {
		return nil, fmt.Errorf("gcra: a budget of %d bytes is not between %d and %d", budget, MinBytes, MaxBytes)
	}
	n := 1 << (bits.Len64(uint64(budget)/(ways*entrySize)) - 1)
	return &Table{
		seed:    maphash.MakeSeed(),
		buckets: make([]bucket, n),
		shift:   uint(64 - bits.TrailingZeros(uint(n))), // n is a power of two between 2^9 and 2^25
	}, nil
}

// Capacity is how many keys there is room for.
func (t *Table) Capacity() int { return len(t.buckets) * ways }

// Bytes is the memory that the table takes when it is full.
func (t *Table) Bytes() int64 { return int64(len(t.buckets)) * ways * entrySize }

// Key makes a key of a name in a space: two spaces never share a count, except
// by collision. It allocates nothing.
func (t *Table) Key(space uint32, name []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(t.seed)
	var prefix [4]byte
	binary.LittleEndian.PutUint32(prefix[:], space)
	_, _ = h.Write(prefix[:]) // never fails
	_, _ = h.Write(name)
	return max(h.Sum64(), 1) // 0 is a free place
}

// Take counts one event against all cells at once if every one of them allows
// it, and against none otherwise. It reports which, and fills states, which
// has the length of cells. The cells have different keys.
func (t *Table) Take(now int64, cells []Cell, states []State) (allowed bool) {
	if len(cells) > MaxCells || len(states) != len(cells) {
		panic("gcra: Take with more than MaxCells cells, or not a state for each")
	}
	var held [MaxCells]uint32
	locks := t.lock(cells, held[:0])
	var places [MaxCells]*entry
	var next [MaxCells]int64
	allowed = true
	for i := range cells {
		c := &cells[i]
		e, tat := t.find(now, c.Key, places[:i], cells)
		after, ok := c.judge(now, tat)
		places[i], next[i] = e, after
		states[i] = c.state(now, tat, ok)
		allowed = allowed && ok
		if ahead := now + int64(c.Span); e.key == c.Key && tat > ahead {
			e.tat = ahead // the clock was set back: from here on it runs down
		}
	}
	if allowed {
		for i := range cells {
			*places[i] = entry{cells[i].Key, next[i]}
			states[i] = cells[i].state(now, next[i], true)
		}
	}
	for _, n := range locks {
		t.locks[n].Unlock()
	}
	return allowed
}

// Peek says what Take would, for one cell, and counts nothing.
func (t *Table) Peek(now int64, c Cell) State {
	lock := &t.locks[t.stripe(c.Key)]
	lock.Lock()
	_, tat := t.find(now, c.Key, nil, nil)
	lock.Unlock()
	_, ok := c.judge(now, tat)
	return c.state(now, tat, ok)
}

// lock takes the locks of all cells in ascending order, each once.
func (t *Table) lock(cells []Cell, held []uint32) []uint32 {
	for i := range cells {
		held = append(held, t.stripe(cells[i].Key))
	}
	slices.Sort(held)
	held = slices.Compact(held)
	for _, n := range held {
		t.locks[n].Lock()
	}
	return held
}

func (t *Table) bucket(key uint64) uint64 { return key >> t.shift }

func (t *Table) stripe(key uint64) uint32 { return uint32(t.bucket(key) % stripes) } // below stripes

// find returns the place of a key and its theoretical arrival time. A key
// without a place gets one that is free, or whose key is whole again, or else
// that of the key that will be whole first, and its time with it. Places that
// other keys of the same event have or were given are left to them.
func (t *Table) find(now int64, key uint64, given []*entry, event []Cell) (*entry, int64) {
	b := &t.buckets[t.bucket(key)]
	var victim *entry
	for i := range b {
		e := &b[i]
		if e.key == key {
			return e, e.tat
		}
		if (victim == nil || e.tat < victim.tat) && !slices.Contains(given, e) && !holds(event, e.key) {
			victim = e
		}
	}
	if victim.tat <= now { // free, with a time of 0, or whole again
		return victim, 0
	}
	return victim, victim.tat
}

// holds says whether one of the cells has the key.
func holds(cells []Cell, key uint64) bool {
	for i := range cells {
		if cells[i].Key == key {
			return true
		}
	}
	return false
}

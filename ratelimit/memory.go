package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sallyport-dev/sallyport/internal/gcra"
)

const (
	// DefaultBytes is the memory of a [MemoryStore] whose size is not given:
	// room for four million keys.
	DefaultBytes int64 = 64 << 20
	// MinBytes is the least memory of a [MemoryStore].
	MinBytes int64 = gcra.MinBytes
	// MaxBytes is the most: room for sixteen million keys.
	MaxBytes int64 = 256 << 20
)

// MemoryConfig configures a [MemoryStore]. The zero value is right for most.
type MemoryConfig struct {
	// Bytes is the memory that the counts may take, MinBytes to MaxBytes; the
	// largest power of two within it is used, at 16 bytes a key. Zero is
	// DefaultBytes. It never grows, whoever calls.
	Bytes int64
	// Now is the clock. Nil is a clock that no change of the system's time
	// moves.
	Now func() time.Time
}

// MemoryStore counts in the memory of this process. It is safe for concurrent
// use and may be shared by many limiters. It starts no goroutine and needs no
// closing.
type MemoryStore struct {
	table *gcra.Table
	now   func() time.Time
	start time.Time

	mu     sync.Mutex
	spaces map[string]uint32 // by scope and policy
}

// NewMemoryStore returns an empty store.
func NewMemoryStore(c MemoryConfig) (*MemoryStore, error) {
	if c.Bytes == 0 {
		c.Bytes = DefaultBytes
	}
	if c.Bytes < MinBytes || c.Bytes > MaxBytes {
		return nil, fmt.Errorf("ratelimit: Bytes is %d; it must be between %d and %d, or 0 for %d", c.Bytes, MinBytes, MaxBytes, DefaultBytes)
	}
	table, err := gcra.NewTable(c.Bytes)
	if err != nil {
		return nil, err
	}
	s := &MemoryStore{table: table, now: c.Now, spaces: make(map[string]uint32)}
	if s.now == nil {
		s.now = time.Now
	}
	s.start = s.now()
	return s, nil
}

// Bytes is the memory that the counts take when all places are used.
func (s *MemoryStore) Bytes() int64 { return s.table.Bytes() }

// origin is the time of the table at the store's beginning. It leaves room for
// clocks that are set back to before that.
const origin = int64(1) << 60

// clock reads the table's time. A time.Time from time.Now has a monotonic part,
// and the difference of two such is not moved when the system's clock is.
func (s *MemoryStore) clock() int64 {
	elapsed := int64(s.now().Sub(s.start))
	return origin + min(max(elapsed, 1-origin), origin)
}

func (s *MemoryStore) open(scope string, policies []Policy) (counter, []error) {
	if s == nil || s.table == nil {
		return nil, []error{errors.New("ratelimit: Store is a nil or zero *MemoryStore; was the error of NewMemoryStore ignored?")}
	}
	return s.counter(scope, policies), nil
}

func (s *MemoryStore) counter(scope string, policies []Policy) *memoryCounter {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &memoryCounter{store: s}
	for _, p := range policies {
		name := scope + " " + p.Name
		space, ok := s.spaces[name]
		if !ok {
			space = uint32(len(s.spaces)) + 1 //nolint:gosec // nobody configures four billion policies
			s.spaces[name] = space
		}
		rate := p.Limit.rate()
		c.spaces = append(c.spaces, space)
		c.cells = append(c.cells, gcra.Cell{Interval: rate.Interval(), Span: rate.Span()})
	}
	return c
}

// memoryCounter is a limiter's part of a MemoryStore.
type memoryCounter struct {
	store  *MemoryStore
	spaces []uint32
	cells  []gcra.Cell // without keys
}

func (c *memoryCounter) take(_ context.Context, d *decision) bool {
	c.fill(d)
	return c.store.table.Take(c.store.clock(), d.cells[:d.n], d.states[:d.n])
}

// raise makes the counts at least what somebody else found them to be.
func (c *memoryCounter) raise(d *decision) {
	c.fill(d)
	var used [maxPolicies]time.Duration
	for i := range d.n {
		used[i] = d.states[i].Reset
	}
	c.store.table.Raise(c.store.clock(), d.cells[:d.n], used[:d.n])
}

func (c *memoryCounter) fill(d *decision) {
	for i := range d.n {
		d.cells[i] = c.cells[i]
		d.cells[i].Key = c.store.table.Key(c.spaces[i], d.partition(i))
	}
}

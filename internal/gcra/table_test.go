package gcra

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const second = int64(time.Second)

func newTable(t testing.TB, budget int64) *Table {
	t.Helper()
	table, err := NewTable(budget)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func cellOf(key uint64, r Rate) Cell { return Cell{Key: key, Interval: r.Interval(), Span: r.Span()} }

func take(table *Table, now int64, c Cell) State {
	var s [1]State
	table.Take(now, []Cell{c}, s[:])
	return s[0]
}

func TestExactAdmission(t *testing.T) {
	t.Parallel()
	rate := Rate{Events: 30, Period: time.Minute, Burst: 30}
	table := newTable(t, MinBytes)
	c := cellOf(table.Key(1, []byte("a")), rate)
	now := 1000 * second
	for i := range 30 {
		s := take(table, now, c)
		if !s.Allowed || s.Remaining != int64(29-i) {
			t.Fatalf("event %d of the burst: %+v", i+1, s)
		}
	}
	s := take(table, now, c)
	if s.Allowed || s.Remaining != 0 || s.Wait != 2*time.Second || s.Reset != time.Minute {
		t.Fatalf("event 31: %+v", s)
	}
	if s := take(table, now+2*second-1, c); s.Allowed || s.Wait != 1 {
		t.Errorf("a nanosecond too early: %+v", s)
	}
	if s := take(table, now+2*second, c); !s.Allowed || s.Remaining != 0 {
		t.Errorf("after the wait it was told: %+v", s)
	}
	// A steady stream at the rate is admitted without end.
	for i := range 10_000 {
		if at := now + int64(i+2)*2*second; !take(table, at, c).Allowed {
			t.Fatalf("event %d of a steady stream is refused", i)
		}
	}
}

// Over any stretch of time no more than the burst and the rate's share of it.
func TestNeverMoreThanTheRate(t *testing.T) {
	t.Parallel()
	for _, rate := range []Rate{
		{7, time.Minute, 7},
		{1, time.Second, 1},
		{1000, time.Second, 5},
		{3, 10 * time.Millisecond, 100},
		{999_999_937, time.Second, 13}, // rounds to 2 ns
	} {
		table := newTable(t, MinBytes)
		c := cellOf(table.Key(1, nil), rate)
		random := rand.New(rand.NewPCG(1, 2))
		start, now, admitted := 5*second, 5*second, int64(0)
		for range 20_000 {
			now += random.Int64N(2 * int64(rate.Interval()))
			if take(table, now, c).Allowed {
				admitted++
			}
			if most := int64(rate.Burst) + (now-start)/int64(rate.Interval()); admitted > most {
				t.Fatalf("%+v: %d admitted within %v, at most %d may be", rate, admitted, time.Duration(now-start), most)
			}
		}
	}
}

func TestClockSteps(t *testing.T) {
	t.Parallel()
	rate := Rate{Events: 60, Period: time.Minute, Burst: 10}
	table := newTable(t, MinBytes)
	c := cellOf(table.Key(1, nil), rate)
	now := 1_000_000 * second
	for range 10 {
		take(table, now, c)
	}
	now -= 100_000 * second // set back by more than a day
	if s := take(table, now, c); s.Allowed || s.Wait != time.Second {
		t.Errorf("after a step back: %+v, want a wait of one interval", s)
	}
	for i := range 10 {
		if !take(table, now+int64(i+1)*second, c).Allowed {
			t.Errorf("event %d after the step back is refused", i)
		}
	}
	now += 500_000 * second // and forward
	for i := range 10 {
		if !take(table, now, c).Allowed {
			t.Errorf("event %d after the step forward is refused", i)
		}
	}
	if take(table, now, c).Allowed {
		t.Error("a step forward allows more than a burst")
	}
}

func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	table := newTable(t, MinBytes)
	wide := cellOf(table.Key(1, nil), Rate{100, time.Minute, 100})
	narrow := cellOf(table.Key(2, nil), Rate{1, time.Minute, 1})
	now := second
	var states [2]State
	if !table.Take(now, []Cell{wide, narrow}, states[:]) || states[0].Remaining != 99 || states[1].Remaining != 0 {
		t.Fatalf("first: %+v", states)
	}
	for range 50 {
		if table.Take(now, []Cell{wide, narrow}, states[:]) {
			t.Fatal("the narrow rate was passed")
		}
		if !states[0].Allowed || states[1].Allowed || states[0].Remaining != 99 {
			t.Fatalf("a refused event was counted: %+v", states)
		}
	}
	if s := table.Peek(now, wide); s.Remaining != 99 || !s.Allowed {
		t.Errorf("Peek: %+v", s)
	}
	if s := table.Peek(now, narrow); s.Allowed || s.Wait != time.Minute {
		t.Errorf("Peek: %+v", s)
	}
}

// Under any number of keys, no key gets more than its burst in an instant: the
// promise of the package, against a model that remembers everything.
func TestFullTableNeverAllowsMore(t *testing.T) {
	t.Parallel()
	table := newTable(t, MinBytes) // 4,096 keys
	rates := []Rate{{30, time.Minute, 3}, {5, time.Second, 5}, {1, time.Hour, 2}}
	model := map[[2]uint64]int64{}
	random := rand.New(rand.NewPCG(3, 4))
	now, less := 1000*second, 0
	for range 300_000 {
		now += random.Int64N(int64(3 * time.Millisecond))
		var cells [2]Cell
		var ids [2][2]uint64
		for i := range cells {
			space, n := uint64(random.IntN(len(rates))), random.Uint64N(20_000)
			var name [8]byte
			binary.LittleEndian.PutUint64(name[:], n)
			cells[i] = cellOf(table.Key(uint32(space), name[:]), rates[space])
			ids[i] = [2]uint64{space, n}
		}
		if ids[0] == ids[1] {
			continue
		}
		var states [2]State
		got := table.Take(now, cells[:], states[:])
		want := true
		var next [2]int64
		for i := range cells {
			var ok bool
			next[i], ok = cells[i].judge(now, model[ids[i]])
			want = want && ok
		}
		if got && !want {
			t.Fatal("an event was allowed that its rate does not allow")
		}
		if want && !got {
			less++
		}
		if got {
			for i := range ids {
				// The table may believe that more was used, never less.
				model[ids[i]] = next[i]
			}
		}
	}
	if less == 0 {
		t.Error("the table was never full: the test shows nothing")
	}
}

func TestCellsOfOneBucket(t *testing.T) {
	t.Parallel()
	table := newTable(t, MinBytes)
	cells := make([]Cell, MaxCells)
	for i := range cells {
		cells[i] = cellOf(uint64(i+1), Rate{10, time.Minute, 10}) // the high bits, which choose the bucket, are equal
	}
	states := make([]State, len(cells))
	for i := range 10 {
		if !table.Take(second, cells, states) {
			t.Fatalf("event %d is refused", i)
		}
	}
	if table.Take(second, cells, states) {
		t.Error("one more than the burst is allowed")
	}
}

// A key that gets a place must not get that of another key of the same event:
// the one written first would lose its count.
func TestKeysOfOneEventDoNotDisplaceEachOther(t *testing.T) {
	t.Parallel()
	table := newTable(t, MinBytes)
	once := Rate{1, time.Hour, 1}
	many := Rate{100, time.Hour, 100}
	// Small numbers share a bucket. Keys 2 to 8 are further ahead than key 1.
	if !take(table, second, cellOf(1, many)).Allowed {
		t.Fatal("refused")
	}
	for key := uint64(2); key <= ways; key++ {
		for range 2 {
			take(table, second, cellOf(key, many))
		}
	}
	newcomer := cellOf(100, once) // inherits a time that its span cuts to nothing left
	var states [2]State
	table.Take(second+int64(59*time.Minute), []Cell{newcomer, cellOf(1, many)}, states[:])
	later := second + int64(59*time.Minute)
	if !states[0].Allowed {
		t.Fatalf("the newcomer is refused: %+v", states[0])
	}
	if take(table, later, newcomer).Allowed {
		t.Error("the newcomer's count is lost")
	}
}

func TestRaise(t *testing.T) {
	t.Parallel()
	table := newTable(t, MinBytes)
	rate := Rate{30, time.Minute, 30}
	c := cellOf(table.Key(1, []byte("a")), rate)
	d := cellOf(table.Key(2, []byte("a")), rate)
	now := 1000 * second
	take(table, now, d)
	take(table, now, d)
	table.Raise(now, []Cell{c, d}, []time.Duration{58 * time.Second, 0})
	if s := table.Peek(now, c); s.Remaining != 1 || s.Reset != 58*time.Second {
		t.Errorf("raised to 58 s: %+v", s)
	}
	if s := table.Peek(now, d); s.Remaining != 28 {
		t.Errorf("lowered: %+v", s)
	}
	table.Raise(now, []Cell{c}, []time.Duration{time.Second}) // less than it has
	table.Raise(now, []Cell{d}, []time.Duration{time.Hour})   // more than there is
	if s := table.Peek(now, c); s.Reset != 58*time.Second {
		t.Errorf("lowered: %+v", s)
	}
	if s := table.Peek(now, d); s.Allowed || s.Wait != 2*time.Second || s.Reset != time.Minute {
		t.Errorf("raised beyond its span: %+v", s)
	}
	if !take(table, now, c).Allowed || take(table, now, c).Allowed {
		t.Error("one event was left, and one only")
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic without a time for each cell")
		}
	}()
	table.Raise(now, []Cell{c}, nil)
}

func TestConcurrentTakesAreExact(t *testing.T) {
	t.Parallel()
	table := newTable(t, MinBytes)
	rate := Rate{Events: 1000, Period: time.Hour, Burst: 1000}
	shared := cellOf(table.Key(0, nil), rate)
	var admitted atomic.Int64
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			own := cellOf(table.Key(1, []byte{byte(worker)}), Rate{1_000_000, time.Second, 1_000_000})
			var states [2]State
			for range 500 {
				if table.Take(second, []Cell{own, shared}, states[:]) {
					admitted.Add(1)
				}
			}
		})
	}
	group.Wait()
	if admitted.Load() != 1000 {
		t.Errorf("%d admitted, want exactly 1000", admitted.Load())
	}
}

func TestTakeDoesNotAllocate(t *testing.T) {
	table := newTable(t, MinBytes)
	name := []byte("0123456789abcdef")
	if n := testing.AllocsPerRun(100, func() {
		cells := [2]Cell{cellOf(table.Key(1, name), Rate{1, time.Second, 1}), cellOf(table.Key(2, name), Rate{1, time.Second, 1})}
		var states [2]State
		table.Take(second, cells[:], states[:])
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	for _, budget := range []int64{0, MinBytes - 1, MaxBytes + 1} {
		if _, err := NewTable(budget); err == nil {
			t.Errorf("a budget of %d is accepted", budget)
		}
	}
	for _, budget := range []int64{MinBytes, MinBytes + 1, 3 << 20, 64 << 20} {
		if table := newTable(t, budget); table.Bytes() > budget || table.Bytes() <= budget/2 {
			t.Errorf("of a budget of %d, %d are used", budget, table.Bytes())
		}
	}
}

func TestRateValidate(t *testing.T) {
	t.Parallel()
	for _, r := range []Rate{
		{},
		{Events: -1, Period: time.Minute, Burst: 1},
		{Events: MaxEvents + 1, Period: time.Minute, Burst: 1},
		{Events: 1, Period: 25 * time.Hour, Burst: 1},
		{Events: 1, Period: time.Microsecond, Burst: 1},
		{Events: 1, Period: time.Minute},
		{Events: 1, Period: 24 * time.Hour, Burst: 31},
	} {
		if r.Validate() == nil {
			t.Errorf("%+v is valid", r)
		}
	}
	for _, r := range []Rate{{30, time.Minute, 30}, {1, 24 * time.Hour, 30}, {MaxEvents, time.Second, 1}} {
		if err := r.Validate(); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

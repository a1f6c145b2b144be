package guardtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/sqlgen"
)

// Differential runs whatever the guard accepts against a database that may be
// written, which must stay as it was, and compares what it made of a statement
// with the statement itself.
type Differential struct {
	Adapter dialect.Adapter
	// Catalog is what the scratch database holds.
	Catalog *sqlguard.Catalog
	// Open opens a scratch database, each time a new one.
	Open func() (Scratch, error)
	// Workers is how many of them are used at once.
	Workers int

	// statement makes the statement of a number; a free one is meant for
	// analyst. seed is what a generator was made with.
	statement func(number uint64, free bool) sqlgen.Statement
	seed      uint64
}

const (
	// batch is after how many statements the state is looked at.
	batch = 500
	// fewRows is the row limit of every fourth statement; that of the others
	// is none to speak of.
	fewRows, allRows = 7, 1 << 40
	// enough is after how many complaints a run ends.
	enough = 25
)

// runner is a Differential at work.
type runner struct {
	Differential
	t      testing.TB
	guards map[sqlguard.Preset][2]*sqlguard.Guard // with few rows and with all
	next   atomic.Uint64
	wrong  atomic.Int64
	mu     sync.Mutex
	tally  map[sqlguard.Preset]*tally
}

// run judges and runs the statements from number first on.
func (d Differential) run(t testing.TB, first, count uint64) {
	t.Helper()
	r := &runner{Differential: d, t: t, guards: map[sqlguard.Preset][2]*sqlguard.Guard{}, tally: map[sqlguard.Preset]*tally{}}
	for _, preset := range presets {
		r.guards[preset] = [2]*sqlguard.Guard{
			NewGuard(t, d.Adapter, sqlguard.Policy{Preset: preset, MaxRows: fewRows}, d.Catalog),
			NewGuard(t, d.Adapter, sqlguard.Policy{Preset: preset, MaxRows: allRows}, d.Catalog),
		}
		r.tally[preset] = newTally()
	}
	var workers sync.WaitGroup
	for range d.Workers {
		workers.Go(func() { r.work(first, first+count) })
	}
	workers.Wait()
	for name, preset := range presets {
		t.Logf("seed %d, %s: %s", d.seed, name, r.tally[preset])
		if count >= 20*batch {
			r.tally[preset].suffices(t, name)
		}
	}
}

// work takes batches until none is left.
func (r *runner) work(first, end uint64) {
	scratch, before, err := r.open()
	if err != nil {
		r.t.Error(err)
		return
	}
	defer func() { scratch.Close() }()
	for r.wrong.Load() < enough {
		from := first + (r.next.Add(1)-1)*batch
		if from >= end {
			return
		}
		to := min(from+batch, end)
		sums := map[sqlguard.Preset]*tally{sqlguard.Strict: newTally(), sqlguard.Analyst: newTally()}
		for number := from; number < to; number++ {
			r.one(scratch, number, sums)
		}
		r.mu.Lock()
		for preset, sum := range sums {
			r.tally[preset].add(sum)
		}
		r.mu.Unlock()
		if after, err := scratch.State(); err != nil || after != before {
			r.blame(from, to, fmt.Sprintf("%v\n%s\n%s", err, before, after))
			scratch.Close()
			if scratch, before, err = r.open(); err != nil {
				r.t.Error(err)
				return
			}
		}
	}
}

func (r *runner) open() (scratch Scratch, state string, err error) {
	if scratch, err = r.Open(); err != nil {
		return nil, "", err
	}
	state, err = scratch.State()
	return scratch, state, err
}

// preset is under which a statement is judged, and guard by what.
func (r *runner) guard(number uint64) (sqlguard.Preset, *sqlguard.Guard) {
	preset := sqlguard.Preset(number % 2)
	which := 1
	if number%8 < 2 {
		which = 0
	}
	return preset, r.guards[preset][which]
}

// one makes, judges and runs a statement.
func (r *runner) one(scratch Scratch, number uint64, sums map[sqlguard.Preset]*tally) {
	preset, guard := r.guard(number)
	sum := sums[preset]
	statement := r.statement(number, preset == sqlguard.Analyst)
	q, err := guard.Check(context.Background(), statement.SQL)
	var refusal *sqlguard.Refusal
	switch {
	case errors.As(err, &refusal):
		sum.refused(refusal.Rule)
		return
	case err != nil:
		sum.refused("")
		r.complain(number, statement.SQL, "", err.Error())
		return
	}
	if number%64 < 2 {
		if err := fixedPoint(guard, q); err != nil {
			r.complain(number, statement.SQL, q.SQL(), err.Error())
		}
	}
	params := paramsOf(q)
	got := scratch.Rendered(q, params)
	want := scratch.Original(statement.SQL, q, params)
	what, why := compare(statement.SQL, q, got, want)
	sum.accepted(statement, what, got)
	if what == differs {
		r.complain(number, statement.SQL, q.SQL(), why)
	}
}

// paramsOf are values that most types can be read from.
func paramsOf(q sqlguard.Query) []string {
	params := make([]string, q.NumParams())
	for i := range params {
		params[i] = "1"
	}
	return params
}

func (r *runner) complain(number uint64, sql, rendered, why string) {
	if r.wrong.Add(1) <= enough {
		r.t.Errorf("statement %d of seed %d: %s\n%s\n%s", number, r.seed, why, sql, rendered)
	}
}

// blame runs a batch that changed something again, in a new database and with
// a look at its state after each statement.
func (r *runner) blame(from, to uint64, change string) {
	scratch, before, err := r.open()
	if err != nil {
		r.t.Error(err)
		return
	}
	defer scratch.Close()
	for number := from; number < to; number++ {
		preset, guard := r.guard(number)
		statement := r.statement(number, preset == sqlguard.Analyst)
		q, err := guard.Check(context.Background(), statement.SQL)
		if err != nil {
			continue
		}
		scratch.Rendered(q, paramsOf(q))
		if after, err := scratch.State(); err != nil || after != before {
			r.complain(number, statement.SQL, q.SQL(), fmt.Sprintf("it changed the database: %v\n%s\n%s", err, before, after))
			return
		}
		scratch.Original(statement.SQL, q, paramsOf(q))
		if after, err := scratch.State(); err != nil || after != before {
			r.complain(number, statement.SQL, q.SQL(), fmt.Sprintf("the original, not the rendering, changed the database: %v\n%s\n%s", err, before, after))
			return
		}
	}
	r.complain(from, "", "", fmt.Sprintf("one of the statements up to %d changed the database, but none of them alone: %s", to, change))
}

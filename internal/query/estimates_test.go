package query

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

// counting is an engine that counts how often its planner is asked.
type counting struct {
	engine.Engine
	asked int
}

func (c *counting) Estimate(context.Context, engine.Request) (engine.Estimate, error) {
	c.asked++
	return engine.Estimate{Rows: float64(c.asked)}, nil
}

func TestAnEstimateGrowsOld(t *testing.T) {
	now := time.Unix(1000, 0)
	e, from := newEstimates(func() time.Time { return now }), &counting{}
	for _, step := range []struct {
		later time.Duration
		want  float64
	}{{0, 1}, {30 * time.Second, 1}, {30*time.Second - 1, 1}, {1, 2}, {59 * time.Second, 2}, {time.Hour, 3}, {0, 3}} {
		now = now.Add(step.later)
		got, err := e.get(t.Context(), from, engine.Request{})
		if err != nil || got.Rows != step.want {
			t.Errorf("at %v: %v rows, %v, want %v", now, got.Rows, err, step.want)
		}
	}
}

func TestEstimatesTakeBoundedMemory(t *testing.T) {
	e, from := newEstimates(time.Now), &counting{}
	for i := range 3 * maxEstimates {
		if _, err := e.get(t.Context(), from, engine.Request{Params: []any{fmt.Sprint(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	e.cache.CleanUp()
	if n := e.cache.EstimatedSize(); n > maxEstimates {
		t.Errorf("%d estimates are kept", n)
	}
}

func BenchmarkKnownEstimate(b *testing.B) {
	e, from := newEstimates(time.Now), &counting{}
	r := engine.Request{Params: []any{"a parameter", int64(42)}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.get(b.Context(), from, r); err != nil {
			b.Fatal(err)
		}
	}
}

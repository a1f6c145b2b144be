package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSpread(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		values []float64
		want   spread
	}{
		{nil, spread{}},
		{[]float64{3}, spread{3, 3, 3}},
		{[]float64{9, 1, 4}, spread{4, 1, 9}},
		{[]float64{9, 1, 4, 2}, spread{3, 1, 9}},
	} {
		given := slices.Clone(test.values)
		if got := spreadOf(test.values); got != test.want {
			t.Errorf("%v: got %v, want %v", test.values, got, test.want)
		}
		if !slices.Equal(given, test.values) {
			t.Errorf("%v was sorted in place: rounds would lose their neighbours", given)
		}
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	for _, test := range []struct {
		sorted []time.Duration
		share  float64
		want   time.Duration
	}{
		{nil, 0.5, 0},
		{hundred, 0.50, 50},
		{hundred, 0.99, 99},
		{hundred, 1, 100},
		{hundred[:1], 0.99, 1},
		{hundred[:10], 0.99, 10},
		{hundred[:10], 0.50, 5},
	} {
		if got := percentile(test.sorted, test.share); got != test.want {
			t.Errorf("%v of %d: got %d, want %d", test.share, len(test.sorted), got, test.want)
		}
	}
}

func TestRatioIsOfNeighbours(t *testing.T) {
	t.Parallel()
	c := comparison{
		bare: []round{{perSec: 100}, {perSec: 10}, {perSec: 1000}},
		full: []round{{perSec: 50}, {perSec: 6}, {perSec: 400}},
	}
	if got := c.ratio(perSec); got != (spread{0.5, 0.4, 0.6}) {
		t.Errorf("got %v", got)
	}
	if got := ratios([]float64{1, 2}, []float64{0, 4}); !slices.Equal(got, []float64{0.5}) {
		t.Errorf("got %v: nothing can be divided by nothing", got)
	}
}

func TestGoalsSayWhatFallsShort(t *testing.T) {
	t.Parallel()
	rounds := func(perSec float64, p99 time.Duration) []round { return []round{{perSec: perSec, p99: p99}} }
	r := &results{
		compared: []comparison{
			{load: load{name: "slow", goal: 0.6}, bare: rounds(100, 2), full: rounds(59, 1)},
			{load: load{name: "fast", goal: 0.9}, bare: rounds(100, 1), full: rounds(90, 2)},
			{load: load{name: "without a goal"}, bare: rounds(100, 1), full: rounds(1, 2)},
		},
		guard: []guardCost{
			{name: typical, cold: cost{micros: spread{median: 149}}, cached: cost{micros: spread{median: 1.5}}},
			{name: "long", cold: cost{micros: spread{median: 9999}}},
		},
		profiles: []profile{{load: "slow", server: part{1.5, []area{{"net/http", 0.7, 0, ""}}}, workers: part{0.5, []area{{"DuckDB: parsing", 1, 0, ""}}}}},
	}
	p := &page{}
	r.goals(p)
	for _, want := range []string{
		"| slow, requests/s beside the bare handler | ≥ 60% | 59% (59 to 59) | **short** |",
		"| slow, p99 beside the bare handler | ≤ 100% | 50% (50 to 50) | met |",
		"| fast, requests/s beside the bare handler | ≥ 90% | 90% (90 to 90) | met |",
		"| fast, p99 beside the bare handler | ≤ 100% | 200% (200 to 200) | **short** |",
		"| guard, typical query, cold | < 150 µs | 149 µs | met |",
		"| guard, typical query, cached | < 1 µs | 1.50 µs | **short** |",
		"the server uses 1.50 cores, most of it in `net/http` (70%); the workers together use 0.50 cores, most of it in DuckDB: parsing (100%)",
	} {
		if !strings.Contains(p.String(), want) {
			t.Errorf("no %q in:\n%s", want, p.String())
		}
	}
	for _, unwanted := range []string{"without a goal", "9999"} {
		if strings.Contains(p.String(), unwanted) {
			t.Errorf("there is no goal for %q:\n%s", unwanted, p.String())
		}
	}
}

func TestMemoryNotMeasured(t *testing.T) {
	t.Parallel()
	r := &results{noMemory: "not measured: plan9 has no /proc"}
	p := &page{}
	r.memory(p)
	if !strings.Contains(p.String(), "plan9 has no /proc") || strings.Contains(p.String(), "MiB") {
		t.Errorf("got %s", p.String())
	}
}

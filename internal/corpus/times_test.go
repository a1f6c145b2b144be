package corpus

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	t.Parallel()
	var none times
	if none.quantile(0.5) != 0 || none.most != 0 {
		t.Error("none took time")
	}
	source := rand.New(rand.NewPCG(1, 2))
	var counted times
	var all []time.Duration
	for range 10_000 {
		d := time.Duration(source.Int64N(1 << (1 + source.IntN(40))))
		counted.add(d)
		all = append(all, d)
	}
	slices.Sort(all)
	for _, share := range []float64{0, 0.1, 0.5, 0.95, 0.999, 1} {
		want := all[int(share*float64(len(all)-1))]
		got := counted.quantile(share)
		if got > want || float64(want-got) > 0.01*float64(want) {
			t.Errorf("%v: %v, want %v", share, got, want)
		}
	}
	if counted.most != all[len(all)-1] {
		t.Errorf("the longest is %v, want %v", counted.most, all[len(all)-1])
	}
	counted.add(-1)
	counted.add(1<<63 - 1)
	if counted.quantile(0) != 0 || counted.quantile(1) < 1<<62 {
		t.Error("the ends of the range")
	}
}

// TestSteps: each step begins where it says, and they follow one another.
func TestSteps(t *testing.T) {
	t.Parallel()
	for i := range step(1<<63 - 1) {
		if v := smallest(i); step(v) != i || i > 0 && step(v-1) != i-1 {
			t.Fatalf("step %d begins at %d, which is in step %d", i, v, step(v))
		}
	}
}

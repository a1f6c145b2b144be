package membudget

import (
	"fmt"
	"slices"
	"testing"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	flights := Demand{Name: "sources.flights.limits.memory", Memory: 512 << 20, Workers: 3}
	small := Demand{Name: "sources.small.limits.memory", Memory: 128 << 20, Workers: 1}
	for _, c := range []struct {
		name    string
		limit   int64
		demands []Demand
		want    Shares
		err     string
	}{
		{"plenty", 16 << 30, []Demand{flights}, Shares{
			Server: 2 << 30, Heap: 2<<30 - outside, Data: []int64{(512 + 768) << 20}, Promised: 2<<30 + 3*(512+768)<<20,
		}, ""},
		{"more is promised than there is", 2 << 30, []Demand{flights, small}, Shares{
			Server: 512 << 20, Heap: 416 << 20, Data: []int64{1280 << 20, 896 << 20}, Promised: (512 + 3*1280 + 896) << 20,
		}, ""},
		{"one alone is bounded by what there is", 1228 << 20, []Demand{flights}, Shares{
			Server: 307 << 20, Heap: 211 << 20, Data: []int64{(1228 - 307 - 2*48) << 20}, Promised: (307 + 3*825) << 20,
		}, ""},
		{"the server gives way", 864 << 20, []Demand{flights}, Shares{
			Server: 208 << 20, Heap: 112 << 20, Data: []int64{704 << 20}, Promised: (208 + 3*704) << 20,
		}, ""},
		{"just enough", 848 << 20, []Demand{flights}, Shares{
			Server: 192 << 20, Heap: 96 << 20, Data: []int64{704 << 20}, Promised: (192 + 3*704) << 20,
		}, ""},
		{"no DuckDB", 256 << 20, nil, Shares{Server: 192 << 20, Heap: 96 << 20, Promised: 192 << 20}, ""},
		{
			"one query does not fit", 847 << 20,
			[]Demand{flights},
			Shares{},
			"sources.flights.limits.memory 512MiB × 3 workers + server 192MiB does not fit in memory budget 847MiB: " +
				"the server, one query at its limit (512MiB) and 3 workers at rest (144MiB) need 848MiB; " +
				"lower sources.flights.limits.memory to 511MiB or less, or raise the budget to 848MiB or more",
		},
		{
			"not even at rest", 256 << 20,
			[]Demand{flights, small},
			Shares{},
			"sources.flights.limits.memory 512MiB × 3 workers + sources.small.limits.memory 128MiB × 1 worker + server 192MiB does not fit in memory budget 256MiB: " +
				"the server, one query at its limit (512MiB) and 4 workers at rest (192MiB) need 896MiB; " +
				"lower the number of workers, or raise the budget to 896MiB or more",
		},
		{"no budget", 0, nil, Shares{}, "server 192MiB does not fit in memory budget 0MiB: raise the budget"},
		{"no workers", 1 << 30, []Demand{{Name: "x", Memory: 1}}, Shares{}, "membudget: x: 0 workers"},
		{"beyond all numbers", 1 << 62, []Demand{{Name: "x", Memory: 1 << 62, Workers: 1}}, Shares{}, "membudget: x: 1 workers with 4611686018427387904 bytes each"},
	} {
		got, err := Split(c.limit, c.demands)
		switch {
		case c.err == "" && err != nil, c.err != "" && (err == nil || err.Error() != c.err):
			t.Errorf("%s: %v", c.name, err)
		case got.Server != c.want.Server || got.Heap != c.want.Heap || got.Promised != c.want.Promised || !slices.Equal(got.Data, c.want.Data):
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// What Split accepts can work, and what it says to configure instead is accepted.
func TestSplitMeansWhatItSays(t *testing.T) {
	t.Parallel()
	for limit := int64(192); limit < 4096; limit += 37 {
		for _, memory := range []int64{128, 512, 1024} {
			for workers := 1; workers < 9; workers++ {
				d := Demand{Name: "x", Memory: memory << 20, Workers: workers}
				s, err := Split(limit<<20, []Demand{d})
				if err != nil {
					room := limit<<20 - leastServer - int64(workers)*atRest
					if d.Memory = room >> 20 << 20; d.Memory > 0 {
						if _, err := Split(limit<<20, []Demand{d}); err != nil {
							t.Fatalf("%d MiB: the lower memory it names is refused: %v", limit, err)
						}
					}
					continue
				}
				one := fmt.Sprintf("%d MiB, %d MiB × %d: %+v", limit, memory, workers, s)
				if s.Server < leastServer || s.Heap < leastServer-outside || s.Heap >= s.Server {
					t.Fatal("the server has too little: ", one)
				}
				if s.Data[0] < d.Memory+leastSlack || s.Data[0] > d.Memory+mostSlack {
					t.Fatal("RLIMIT_DATA: ", one)
				}
				if s.Server+d.Memory+int64(workers)*atRest > limit<<20 {
					t.Fatal("one query does not fit: ", one)
				}
			}
		}
	}
}

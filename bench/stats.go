package main

import (
	"slices"
	"time"
)

// spread sums up the same measurement made several times.
type spread struct{ median, low, high float64 }

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	s := spread{median: sorted[middle], low: sorted[0], high: sorted[len(sorted)-1]}
	if len(sorted)%2 == 0 {
		s.median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return s
}

// percentile is the latency that the given share of sorted latencies does not
// exceed (nearest rank).
func percentile(sorted []time.Duration, share float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(share*float64(len(sorted)) + 0.999999)
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// ratios divides each value by its neighbour in the other series.
func ratios(over, under []float64) []float64 {
	var list []float64
	for i, divisor := range under {
		if i < len(over) && divisor > 0 {
			list = append(list, over[i]/divisor)
		}
	}
	return list
}

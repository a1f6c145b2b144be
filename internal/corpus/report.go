package corpus

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// Report counts the verdicts of a corpus.
type Report struct {
	Accepted, Refused int64
	ByRule            map[sqlguard.Rule]int64 // the refused
	ByDialect         map[string]int64        // as which they were judged
	times             times
}

func newReport() *Report {
	return &Report{ByRule: map[sqlguard.Rule]int64{}, ByDialect: map[string]int64{}}
}

func (r *Report) count(v Verdict) {
	r.ByDialect[v.Dialect]++
	if v.Allowed {
		r.Accepted++
	} else {
		r.Refused++
		r.ByRule[v.Rule]++
	}
	if v.Time > 0 {
		r.times.add(v.Time)
	}
}

// Total is how many queries were judged.
func (r *Report) Total() int64 { return r.Accepted + r.Refused }

// Quantile is the time of the guard that a share of the queries, such as 0.95,
// did not exceed, exact to a percent; those refused before the guard do not count.
func (r *Report) Quantile(share float64) time.Duration { return r.times.quantile(share) }

// Longest is the longest time of the guard.
func (r *Report) Longest() time.Duration { return r.times.most }

// Print writes the report for people; under says how it was judged.
func (r *Report) Print(w io.Writer, under string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "accepted  %d of %d, %s\n", r.Accepted, r.Total(), percent(r.Accepted, r.Total()))
	fmt.Fprintf(&b, "refused   %d\n", r.Refused)
	rules := slices.SortedFunc(maps.Keys(r.ByRule), func(a, b sqlguard.Rule) int {
		return cmp.Or(cmp.Compare(r.ByRule[b], r.ByRule[a]), cmp.Compare(a, b))
	})
	for _, rule := range rules {
		fmt.Fprintf(&b, "  %-*s  %6d  %6s\n", ruleWidth, rule, r.ByRule[rule], percent(r.ByRule[rule], r.Total()))
	}
	fmt.Fprintf(&b, "judged    %s; ", under)
	for i, dialect := range slices.Sorted(maps.Keys(r.ByDialect)) {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%d as %s", r.ByDialect[dialect], dialect)
	}
	if len(r.ByDialect) == 0 {
		b.WriteString("no query")
	}
	fmt.Fprintf(&b, "\nguard     microseconds per query: median %s, p95 %s, max %s (cold: each judged once, without a cache)\n",
		micros(r.Quantile(0.5)), micros(r.Quantile(0.95)), micros(r.Longest()))
	_, err := io.WriteString(w, b.String())
	return err
}

func percent(part, whole int64) string {
	if whole == 0 {
		return "-"
	}
	share := 100 * float64(part) / float64(whole)
	text := fmt.Sprintf("%.1f%%", share)
	if text == "100.0%" && part < whole {
		return "99.9%" // the one that is missing is what is looked for
	}
	return text
}

func micros(d time.Duration) string {
	us := float64(d) / float64(time.Microsecond)
	if us < 10 {
		return fmt.Sprintf("%.1f", us)
	}
	return fmt.Sprintf("%.0f", us)
}

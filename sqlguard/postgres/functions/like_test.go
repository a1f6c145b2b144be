package functions

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// likePatterns are of the length that the guard lets through at most, made to
// be tried again and again: pieces that nearly match, with wildcards between.
var likePatterns = map[string]string{
	"underscores":             "%" + strings.Repeat("_", 254) + "b",
	"pairs":                   strings.Repeat("%_", 127) + "b",
	"pieces":                  strings.Repeat("%a_", 84) + "b",
	"long pieces":             strings.Repeat("%"+strings.Repeat("a_", 20)+"b", 6),
	"pieces that nearly fit":  "%" + strings.Repeat("_a", 126) + "b%",
	"several that nearly fit": strings.Repeat("%"+strings.Repeat("a", 60)+"_", 4) + "b%",
	"wildcards":               strings.Repeat("%", 250) + "b%",
	"from the start":          strings.Repeat("a%_", 80) + "b",
	"long first":              strings.Repeat("_", 200) + "%" + strings.Repeat("a", 50) + "b%c",
}

// TestLikeIsLinear shows that LIKE and ILIKE take time with the product of the
// lengths of text and pattern at most, whatever the wildcards: a text ten times as
// long takes about ten times as long, and none is slow. On that rests that the
// guard counts no wildcards of PostgreSQL's.
func TestLikeIsLinear(t *testing.T) {
	t.Parallel()
	conn := open(t)
	run := func(sql string) time.Duration {
		start := time.Now()
		if err := conn.ExecParams(t.Context(), sql, nil, nil, nil, nil).Read().Err; err != nil {
			t.Fatalf("%.200s: %v", sql, err)
		}
		return time.Since(start)
	}
	const short, long = 100_000, 1_000_000
	run(fmt.Sprintf("CREATE TABLE text AS SELECT n, repeat('a', n) AS a, repeat('ä', n) AS wide, repeat('ab', n / 2) AS ab FROM (VALUES (%d), (%d)) AS v (n)", short, long))
	run("SET statement_timeout = '60s'")
	for name, pattern := range likePatterns {
		if len(pattern) > 256 {
			t.Errorf("%s: %d bytes", name, len(pattern))
		}
		for _, operator := range []string{"LIKE", "ILIKE", "NOT LIKE"} {
			for _, column := range []string{"a", "wide", "ab"} {
				took := map[int]time.Duration{}
				for _, n := range []int{short, long} {
					query := fmt.Sprintf("SELECT %s %s '%s' FROM text WHERE n = %d", column, operator, pattern, n)
					took[n] = slices.Min([]time.Duration{run(query), run(query)})
				}
				// Ten times as much, with room for a busy machine; squared it would be a hundred times.
				if took[long] > 50*max(took[short], 5*time.Millisecond) || took[long] > patience/2 {
					t.Errorf("%s: %s %s: %v for %d characters, %v for %d", name, column, operator, took[short], short, took[long], long)
				}
			}
		}
	}
}

package guardtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/sqlgen"
)

// tally counts what became of statements.
type tally struct {
	made, passed, mutated, ran, late int
	outcomes                         map[outcome]int
	rules                            map[sqlguard.Rule]int
	failures                         map[string]int
}

func newTally() *tally {
	return &tally{outcomes: map[outcome]int{}, rules: map[sqlguard.Rule]int{}, failures: map[string]int{}}
}

func (s *tally) refused(rule sqlguard.Rule) {
	s.made++
	s.rules[rule]++
}

func (s *tally) accepted(made sqlgen.Statement, what outcome, got Answer) {
	s.made++
	s.passed++
	if made.Mutated {
		s.mutated++
	}
	switch {
	case got.Late:
		s.late++
	case got.Err == nil:
		s.ran++
	default:
		text, _, _ := strings.Cut(got.Err.Error(), "\n")
		s.failures[fmt.Sprintf("%.60s", text)]++
	}
	s.outcomes[what]++
}

func (s *tally) add(other *tally) {
	s.made, s.passed, s.mutated, s.ran, s.late = s.made+other.made, s.passed+other.passed, s.mutated+other.mutated, s.ran+other.ran, s.late+other.late
	for k, n := range other.outcomes {
		s.outcomes[k] += n
	}
	for k, n := range other.rules {
		s.rules[k] += n
	}
	for k, n := range other.failures {
		s.failures[k] += n
	}
}

func (s *tally) String() string {
	return fmt.Sprintf("%d generated, %d accepted (%d of them mutated), %d ran, %d ended by the deadline; same rows %d, same number %d, both failed %d, not compared %d; refused %v; failures %v",
		s.made, s.passed, s.mutated, s.ran, s.late, s.outcomes[same], s.outcomes[shortage], s.outcomes[failed], s.outcomes[unlike], most(s.rules), most(s.failures))
}

// most are the largest counts.
func most[K ~string](counts map[K]int) []string {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b K) int { return counts[b] - counts[a] })
	var list []string
	for _, k := range keys[:min(len(keys), 12)] {
		list = append(list, fmt.Sprintf("%s: %d", k, counts[k]))
	}
	return list
}

// suffices sees that the run has proved something: enough passes the guard,
// runs, and is compared.
func (s *tally) suffices(t testing.TB, name string) {
	t.Helper()
	if s.passed*4 < s.made {
		t.Errorf("%s: only %d of %d statements were accepted", name, s.passed, s.made)
	}
	if s.ran*10 < s.passed*3 {
		t.Errorf("%s: only %d of %d accepted statements ran", name, s.ran, s.passed)
	}
	if s.outcomes[same]*10 < s.passed*2 {
		t.Errorf("%s: only %d of %d accepted statements were compared by their rows", name, s.outcomes[same], s.passed)
	}
	if s.mutated*50 < s.passed {
		t.Errorf("%s: only %d of %d accepted statements were mutated", name, s.mutated, s.passed)
	}
}

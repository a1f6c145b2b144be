package clientip

import (
	"net/http"
	"testing"
)

// Both ways of asking give the same answer.
func TestClaimedWithFewAndManyHeaders(t *testing.T) {
	t.Parallel()
	known := knownHeaders()
	many := http.Header{}
	for i := range 2 * headerCount {
		many[string(rune('A'+i))+"-Other"] = []string{"x"}
	}
	for i := range known {
		few := http.Header{known[i].key: {"1.1.1.1"}, "Other": {"x"}}
		if got := known.claimed(few, allClaims); got != 1<<i {
			t.Errorf("%s among few: %b", known[i].name, got)
		}
		if got := known.claimed(few, allClaims&^(1<<i)); got != 0 {
			t.Errorf("%s, not wanted, among few: %b", known[i].name, got)
		}
		many[known[i].key] = []string{"1.1.1.1"}
		if got := known.claimed(many, allClaims); got != 1<<i {
			t.Errorf("%s among many: %b", known[i].name, got)
		}
		if got := known.claimed(many, allClaims&^(1<<i)); got != 0 {
			t.Errorf("%s, not wanted, among many: %b", known[i].name, got)
		}
		delete(many, known[i].key)
	}
	if got := known.claimed(nil, allClaims); got != 0 {
		t.Errorf("no headers: %b", got)
	}
}

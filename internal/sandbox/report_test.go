package sandbox

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	t.Parallel()
	var n notes
	for _, name := range required {
		n.note(name, "", nil)
	}
	whole := Report{Parts: n}
	if !whole.Complete() || len(whole.Missing()) != 0 {
		t.Error(whole)
	}
	if got, want := whole.String(), strings.Join(required, ", "); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	text, err := json.Marshal(whole)
	var back Report
	if err := errors.Join(err, json.Unmarshal(text, &back)); err != nil || !back.Complete() {
		t.Errorf("%s: %v", text, err)
	}

	// The OOM score is told, and does not decide.
	n.note(PartOOMScore, "", errors.New("read-only file system"))
	whole = Report{Parts: n}
	if !whole.Complete() || !slices.Equal(whole.Missing(), []string{"oom score (read-only file system)"}) {
		t.Error(whole)
	}

	// Anything required that is missing, not mentioned, or said twice does.
	var none Report
	if none.Complete() || len(none.Missing()) != len(required) || !strings.HasPrefix(none.String(), "nothing; missing: ") {
		t.Error(none)
	}
	for i, name := range required {
		partial := Report{Parts: slices.Delete(slices.Clone(whole.Parts), i, i+1)}
		if partial.Complete() || !slices.Contains(partial.Missing(), name+" (not reported)") {
			t.Errorf("without %s: %s", name, partial)
		}
		twice := Report{Parts: append(slices.Clone(whole.Parts), Part{Name: name, Detail: "a\nb"})}
		if twice.Complete() || strings.Contains(twice.String(), "\n") {
			t.Errorf("%s twice: %s", name, twice)
		}
	}
}

package duckdb

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
)

func TestAFailureIsShortText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ message, want string }{
		"short":                  {"é", "é"},
		"just short enough":      {strings.Repeat("x", 4096), strings.Repeat("x", 4096)},
		"one too many":           {strings.Repeat("x", 4097), strings.Repeat("x", 4096) + "…"},
		"cut between characters": {strings.Repeat("é", 5000), strings.Repeat("é", 2048) + "…"},
		"cut in a character":     {"x" + strings.Repeat("é", 5000), "x" + strings.Repeat("é", 2047) + "…"},
		"cut in a long one":      {"xxx" + strings.Repeat("🦆", 5000), "xxx" + strings.Repeat("🦆", 1023) + "…"},
	} {
		got := failure(reasonFailed, errors.New(c.message)).Message
		if got != c.want || !utf8.ValidString(got) {
			t.Errorf("%s: %d bytes, %.20q", name, len(got), got)
		}
	}
}

// The worst that a message of that length can be still fits.
func TestAFailureFitsItsFrame(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"\x00", "\xff", "<", "\u2028", `"`} {
		var out bytes.Buffer
		if _, err := writeMessage(&out, nil, frameFailed, failure(reasonFailed, errors.New(strings.Repeat(text, 10<<20)))); err != nil || out.Len() > 32<<10 {
			t.Errorf("%q: %d bytes, %v", text, out.Len(), err)
		}
		if kind, _, err := newFrameReader(&out).next(); kind != frameFailed || err != nil {
			t.Errorf("%q: read as %q, %v", text, kind, err)
		}
	}
}

func TestNoFrameIsTooLong(t *testing.T) {
	t.Parallel()
	for length, tooLong := range map[int]bool{maxFrame - 100: false, maxFrame: true, 2 * maxFrame: true} {
		var out bytes.Buffer
		_, err := writeMessage(&out, nil, frameFailed, failed{Message: strings.Repeat("x", length)})
		if errors.Is(err, errTooLong) != tooLong || tooLong != (out.Len() == 0) {
			t.Errorf("%d: %d bytes written, %v", length, out.Len(), err)
		}
	}
	if _, err := writeMessage(io.Discard, nil, frameEnd, end{}); err != nil {
		t.Error(err)
	}
}

// DuckDB gives no kind for what fails while it plans, but the text begins with
// it. What a query can put into a message stands further on.
func TestReasons(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]reason{
		"Out of Memory Error: Allocation failure":                  reasonMemory,
		"INTERRUPT Error: Interrupted!":                            reasonTimeout,
		"Invalid Input Error: Out of Memory Error: says the query": reasonFailed,
		"Conversion Error: Could not convert 'INTERRUPT Error: x'": reasonFailed,
		"Catalog Error: Table with name x does not exist!":         reasonFailed,
	} {
		if got := reasonOf(&duckdblib.Error{Message: message}); got != want {
			t.Errorf("%s: %d, want %d", message, got, want)
		}
	}
}

// Only what may have changed with a file is worth a second attempt: everything
// else that ran twice would cost twice.
func TestWhatMayBeStale(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{errInterrupted, false},
		{errAnswerTooLong, false},
		{&duckdblib.Error{Message: "Out of Memory Error: Allocation failure"}, false},
		{&duckdblib.Error{Message: "Conversion Error: Could not convert 'IO Error: '"}, false},
		{&duckdblib.Error{Message: "IO Error: Cannot open file"}, true},
		{&duckdblib.Error{Message: "Binder Error: the file has another column"}, true},
	} {
		if got := mayBeStale(c.err); got != c.want {
			t.Errorf("%v: %v", c.err, got)
		}
	}
}

func BenchmarkGauge(b *testing.B) {
	g := newGauge(setup{Memory: 1 << 30, Data: 2 << 30})
	b.ReportAllocs()
	for b.Loop() {
		if g.spent() {
			b.Fatal("spent")
		}
	}
}

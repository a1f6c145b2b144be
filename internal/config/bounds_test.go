package config

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// bombs are files that are small to write and dear to parse.
func bombs() map[string]string {
	const n = MaxFile
	var keys strings.Builder
	for i := 0; keys.Len() < n-20; i++ {
		fmt.Fprintf(&keys, "k%d: b\n", i)
	}
	var steps strings.Builder
	for i := 0; steps.Len() < n-2000; i++ {
		steps.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return map[string]string{
		"brackets":         strings.Repeat("[", n),
		"bracket lines":    strings.Repeat("[\n", n/2),
		"braces":           strings.Repeat("{a: ", n/4),
		"dashes":           strings.Repeat("- ", n/2),
		"colons":           strings.Repeat("a: ", n/3),
		"question marks":   strings.Repeat("? ", n/2),
		"many keys":        keys.String(),
		"steps":            steps.String(),
		"few brackets":     "listen: " + strings.Repeat("[", 100),
		"few dashes":       strings.Repeat("- ", 100) + "x",
		"tokens to bound":  strings.Repeat("x: y\n", maxTokens/3-1),
		"colons to bound":  strings.Repeat("a: ", maxTokens/2-1),
		"commas to bound":  "a: [" + strings.Repeat("x,", maxTokens/2-4) + "]",
		"literals":         strings.Repeat("a: >\n  x\n", maxTokens/4-1),
		"long word":        strings.Repeat("x", n),
		"long text":        "listen: \"" + strings.Repeat("\\n", n/2-10) + "\"",
		"billion laughs":   "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n",
		"too large":        strings.Repeat("#", n+1),
		"unclosed text":    "a: \"" + strings.Repeat("x\n", n/2-10),
		"colons in a list": "a: [" + strings.Repeat("x: ", n/3-3) + "]",
	}
}

// stoppedBy is what must stop a bomb before the parser sees it.
var stoppedBy = map[string]string{
	"brackets":       "more than 20,000 words",
	"bracket lines":  "more than 20,000 words",
	"braces":         "more than 20,000 words",
	"dashes":         "more than 20,000 words",
	"colons":         "more than 20,000 words",
	"many keys":      "more than 20,000 words",
	"steps":          "nested too deeply",
	"few brackets":   "nested too deeply",
	"few dashes":     "nested too deeply",
	"billion laughs": "anchors",
	"too large":      "larger than 1MiB",
}

// Not parallel: it measures time.
func TestLoadRefusesBombsQuickly(t *testing.T) {
	for name, text := range bombs() {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			_, err := Load([]byte(text), nil, withKey)
			took := time.Since(began)
			switch {
			case err == nil:
				t.Error("it was accepted")
			case len(err.Error()) > 200_000:
				t.Errorf("the error has %d bytes", len(err.Error()))
			case !strings.Contains(err.Error(), stoppedBy[name]):
				t.Errorf("stopped by %v, want %q", err, stoppedBy[name])
			}
			// Without bounds the worst of these take more than half a minute, or overflow the stack. The margin is for the race detector on a busy machine.
			if took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			t.Logf("%v", took)
		})
	}
}

func TestBoundsDoNotDisturbRealFiles(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("sources:\n")
	for i := range maxSources {
		fmt.Fprintf(&b, "  s%d:\n    location: x\n    notes: '[[[[{{{{ * & ! %% ? :'\n    tables: [", i)
		for j := range 100 {
			fmt.Fprintf(&b, "t%d, ", j)
		}
		b.WriteString("last]\n    limits: {rows: 10}\n")
	}
	if _, err := Load([]byte(b.String()), nil, withKey); err != nil {
		t.Error(err)
	}
	if _, err := Load([]byte(minimal+strings.Repeat("# comment\n", maxTokens/2)), nil, withKey); err != nil {
		t.Error(err)
	}
}

func TestMistakesAreBounded(t *testing.T) {
	t.Parallel()
	_, err := Decode([]byte(strings.Repeat("x: y\n", 500)))
	all := allOf(t, err)
	if len(all) != maxMistakes+1 || !strings.Contains(all[maxMistakes].Problem, "450 more mistakes") {
		t.Errorf("%d errors, the last: %v", len(all), all[len(all)-1])
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	if data, err := Read(strings.NewReader(minimal)); err != nil || string(data) != minimal {
		t.Errorf("%q, %v", data, err)
	}
	if data, err := Read(strings.NewReader(strings.Repeat("#", MaxFile))); err != nil || len(data) != MaxFile {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	var tooLong *Error
	if _, err := Read(strings.NewReader(strings.Repeat("#", MaxFile+1))); !errors.As(err, &tooLong) {
		t.Errorf("a file that is too large: %v", err)
	}
	if _, err := Read(iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a file that cannot be read: %v", err)
	}
}

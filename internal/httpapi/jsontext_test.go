package httpapi

import (
	"strings"
	"testing"
)

func TestShallow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want bool
	}{
		{``, true},
		{`{"params":[1,2],"sql":"x"}`, true},
		{`[[],[],{}]`, true},
		{`{"params":[[]]}`, false},
		{`[[[`, false},
		{`{"a":{"b":{`, false},
		{`"[[["`, true},
		{`"\"[[["`, true},
		{`"\\"[[[`, false},
		{`"[[[`, true}, // an open string, which the parser refuses
		{`]]][[[[[[`, false},
		{`"\`, true},
		{strings.Repeat("[", 1<<20), false},
	}
	for _, tt := range tests {
		if got := shallow([]byte(tt.text)); got != tt.want {
			t.Errorf("%.40s: %v, want %v", tt.text, got, tt.want)
		}
	}
}

func TestLoneSurrogate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want bool
	}{
		{`"plain"`, false},
		{`"\u00e9\n\\"`, false},
		{`"\ud83d\ude00"`, false},
		{`"\uD83D\uDE00\ud83d\ude00"`, false},
		{`"\\ud83d"`, false},
		{`"\ud83d"`, true},
		{`"\ude00"`, true},
		{`"\ud83d\u0041"`, true},
		{`"\ud83dx\ude00"`, true},
		{`"\ud83d\ud83d\ude00"`, true},
		{`"\ud83d\ude00\ude00"`, true},
		{`"\ud83d\\ude00"`, true},
		{`["\ud83d","\ude00"]`, true},
	}
	for _, tt := range tests {
		if got := loneSurrogate([]byte(tt.text)); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.text, got, tt.want)
		}
	}
}

// Depth is judged before any parser sees the text.
func TestDepthComesFirst(t *testing.T) {
	t.Parallel()
	if err := checkText([]byte(strings.Repeat("[", 9))); err == nil || !strings.Contains(err.Error(), "deeper") {
		t.Errorf("error %v", err)
	}
}

package config

import (
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"0s": 0, "250ms": 250 * time.Millisecond, "15s": 15 * time.Second, "2m": 2 * time.Minute, "1h": time.Hour,
		"90s": 90 * time.Second, "999999ms": 999999 * time.Millisecond,
	} {
		got, err := ParseDuration(text)
		if err != nil || got.Std() != want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "15", "s", "15 s", " 15s", "15s ", "15S", "1.5s", "-1s", "+1s", "015s", "1m30s", "15sec", "1d", "10us", "10ns",
		"1e3s", "9999999999s", "999999999h", "15s\n", "١٥s",
	} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %v; want an error", text, got)
		} else if text != "999999999h" && !strings.Contains(err.Error(), "such as 15s") {
			t.Errorf("ParseDuration(%q): %v does not show the right form", text, err)
		}
	}
}

func TestParseSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0B": 0, "512B": 512, "10kB": 10_000, "1MB": 1_000_000, "2GB": 2_000_000_000, "1TB": 1e12,
		"1KiB": 1024, "1MiB": 1 << 20, "512MiB": 512 << 20, "3GiB": 3 << 30, "1TiB": 1 << 40,
	} {
		got, err := ParseSize(text)
		if err != nil || got.Bytes() != want {
			t.Errorf("ParseSize(%q) = %v, %v; want %d", text, got, err, want)
		}
	}
	for text, hint := range map[string]string{
		"10KB":         "10kB (powers of 1000) or 10KiB (powers of 1024)",
		"10k":          "10kB (powers of 1000) or 10KiB (powers of 1024)",
		"1 MB":         "1MB (powers of 1000) or 1MiB (powers of 1024)",
		"1mb":          "1MB (powers of 1000) or 1MiB (powers of 1024)",
		"2gib":         "2GiB (powers of 1024)",
		"1024":         "such as 10kB",
		"":             "such as 10kB",
		"1.5MiB":       "such as 10kB",
		"-1B":          "such as 10kB",
		"1MiB\n":       "such as 10kB",
		"999999999TiB": "too large",
	} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("ParseSize(%q) = %v; want an error", text, got)
		} else if !strings.Contains(err.Error(), hint) {
			t.Errorf("ParseSize(%q): %v; want it to say %q", text, err, hint)
		}
	}
}

func TestUnitsPrintAsTheyAreRead(t *testing.T) {
	t.Parallel()
	for d, want := range map[Duration]string{
		0: "0s", Duration(250 * time.Millisecond): "250ms", Duration(15 * time.Second): "15s",
		Duration(2 * time.Minute): "2m", Duration(90 * time.Second): "90s", Duration(time.Hour): "1h", 1: "1ns",
	} {
		if got := d.String(); got != want {
			t.Errorf("%d: %q, want %q", d, got, want)
		}
		if parsed, err := ParseDuration(want); d > 1 && (err != nil || parsed != d) {
			t.Errorf("%s is read as %v, %v", want, parsed, err)
		}
	}
	for s, want := range map[Size]string{
		0: "0B", 512: "512B", 1000: "1kB", 1024: "1KiB", 10_000: "10kB", 1 << 20: "1MiB", 512 << 20: "512MiB",
		32_000: "32kB", 64 << 10: "64KiB", 2 << 30: "2GiB", 1001: "1001B",
	} {
		if got := s.String(); got != want {
			t.Errorf("%d: %q, want %q", s, got, want)
		}
		if parsed, err := ParseSize(want); err != nil || parsed != s {
			t.Errorf("%s is read as %v, %v", want, parsed, err)
		}
	}
}

func TestUnitsAsText(t *testing.T) {
	t.Parallel()
	var d Duration
	var s Size
	if err := d.UnmarshalText([]byte("2m")); err != nil || d.Std() != 2*time.Minute {
		t.Errorf("2m: %v, %v", d, err)
	}
	if err := s.UnmarshalText([]byte("2MiB")); err != nil || s.Bytes() != 2<<20 {
		t.Errorf("2MiB: %v, %v", s, err)
	}
	if d.UnmarshalText([]byte("3")) == nil || s.UnmarshalText([]byte("3")) == nil {
		t.Error("a number without a unit was read")
	}
	if d.Std() != 2*time.Minute || s.Bytes() != 2<<20 {
		t.Error("a text that was refused changed the value")
	}
	dt, errD := d.MarshalText()
	st, errS := s.MarshalText()
	if string(dt) != "2m" || string(st) != "2MiB" || errD != nil || errS != nil {
		t.Errorf("written as %s, %s, %v, %v", dt, st, errD, errS)
	}
}

package apikey

import (
	"testing"
	"time"
)

var now = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

// generate makes a key or fails the test.
func generate(tb testing.TB, name string, expires time.Time, scopes ...Scope) (Key, string) {
	tb.Helper()
	k, plaintext, err := Generate(name, scopes, expires, now)
	check(tb, err)
	return k, plaintext
}

func newSet(tb testing.TB, keys ...Key) *Set {
	tb.Helper()
	s, err := NewSet(keys...)
	check(tb, err)
	return s
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

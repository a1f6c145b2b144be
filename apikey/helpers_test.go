package apikey

import (
	"encoding/binary"
	"net/http"
	"net/netip"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

// strangers is a Config.Client by which no two requests are of one client, for
// tests in which nobody is to be locked out.
func strangers() func(*http.Request) netip.Addr {
	var n atomic.Uint32
	return func(*http.Request) netip.Addr {
		var a [4]byte
		binary.BigEndian.PutUint32(a[:], n.Add(1))
		return netip.AddrFrom4(a)
	}
}

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

// write overwrites the file in place.
func write(tb testing.TB, path, content string, mode os.FileMode) {
	tb.Helper()
	check(tb, os.WriteFile(path, []byte(content), mode))
	check(tb, os.Chmod(path, mode))
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

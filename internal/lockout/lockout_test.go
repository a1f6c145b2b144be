package lockout

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a time that tests move.
type clock struct{ nanoseconds atomic.Int64 }

func (c *clock) now() time.Time {
	return time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC).Add(time.Duration(c.nanoseconds.Load()))
}

func (c *clock) advance(d time.Duration) { c.nanoseconds.Add(int64(d)) }

func newCounter(tb testing.TB, cfg Config) (*Counter, *clock) {
	tb.Helper()
	var c clock
	cfg.Now = c.now
	counter, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return counter, &c
}

var (
	alice = netip.MustParseAddr("192.0.2.1")
	bob   = netip.MustParseAddr("192.0.2.2")
)

func TestDefaults(t *testing.T) {
	t.Parallel()
	counter, c := newCounter(t, Config{})
	for i := 1; i <= 5; i++ {
		if counter.Locked(alice) {
			t.Fatalf("locked after %d failures", i-1)
		}
		if locked := counter.Failed(alice); locked != (i == 5) {
			t.Errorf("failure %d: locked %v", i, locked)
		}
	}
	if !counter.Locked(alice) || counter.Locked(bob) {
		t.Error("after 5 failures not exactly the client that failed is locked")
	}
	c.advance(time.Minute - 1)
	if !counter.Locked(alice) {
		t.Error("free before the minute is over")
	}
	c.advance(1)
	if counter.Locked(alice) {
		t.Error("still locked after the minute")
	}
	if !counter.Failed(alice) || !counter.Locked(alice) {
		t.Error("the one attempt it was given back failed, and it has another")
	}
	if got, want := counter.Stats(), (Stats{Failures: 6, Lockouts: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Each quiet pause gives one attempt back, up to all of them and no further.
func TestQuietPausesGiveAttemptsBack(t *testing.T) {
	t.Parallel()
	const failures, pause = 3, 10 * time.Second
	for pauses := range 6 {
		counter, c := newCounter(t, Config{Failures: failures, Pause: pause})
		for range failures {
			counter.Failed(alice)
		}
		c.advance(time.Duration(pauses) * pause)
		free := 0
		for !counter.Locked(alice) {
			counter.Failed(alice)
			free++
		}
		if want := min(pauses, failures); free != want {
			t.Errorf("after %d pauses: %d attempts, want %d", pauses, free, want)
		}
	}
}

// What is refused because of the lock must not lengthen it, even if a caller
// reports it.
func TestTryingOnDoesNotLengthenTheLock(t *testing.T) {
	t.Parallel()
	counter, c := newCounter(t, Config{})
	for range 500 {
		counter.Failed(alice)
	}
	if got, want := counter.Stats(), (Stats{Failures: 5, Lockouts: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	c.advance(time.Minute)
	if counter.Locked(alice) {
		t.Error("still locked after the pause")
	}
}

func TestOneFailureIsEnough(t *testing.T) {
	t.Parallel()
	counter, _ := newCounter(t, Config{Failures: 1})
	if counter.Locked(alice) || !counter.Failed(alice) || !counter.Locked(alice) {
		t.Error("the first failure does not lock")
	}
}

func TestWhoIsOneClient(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, a, b string
		same       bool
	}{
		{"two IPv4 addresses", "192.0.2.1", "192.0.2.2", false},
		{"IPv4 and IPv4-mapped IPv6 (RFC 4291, 2.5.5.2)", "192.0.2.1", "::ffff:192.0.2.1", true},
		{"two IPv4-mapped addresses, though of one /64", "::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
		{"one /64 (RFC 4291, 2.5.4)", "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
		{"two neighbouring /64", "2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"one link-local address in two zones", "fe80::1%eth0", "fe80::1%eth1", true},
		{"nobody knows who", "", "", true},
		{"nobody knows who, and IPv4 of zeros", "", "0.0.0.0", false},
		{"nobody knows who, and IPv6 of zeros", "", "::", false},
		{"IPv4 and IPv6 of zeros", "0.0.0.0", "::", false},
	} {
		counter, _ := newCounter(t, Config{Failures: 2})
		counter.Failed(address(tt.a))
		if locked := counter.Failed(address(tt.b)); locked != tt.same {
			t.Errorf("%s: share a count %v, want %v", tt.name, locked, tt.same)
		}
	}
}

// address is the invalid zero address where there is no text.
func address(text string) netip.Addr {
	if text == "" {
		return netip.Addr{}
	}
	return netip.MustParseAddr(text)
}

// However many clients fail, one that never did is not locked; and the table
// goes on to know those it has room for, but one in each bucket of eight.
func TestFullTable(t *testing.T) {
	t.Parallel()
	counter, c := newCounter(t, Config{Bytes: 64 << 10}) // 4,096 clients
	const hostile = 3 * 4096
	for n := range uint64(hostile) {
		c.advance(1)
		for range 6 {
			counter.Failed(numbered(n))
		}
	}
	locked := 0
	for n := range uint64(hostile) {
		if counter.Locked(numbered(n)) {
			locked++
		}
	}
	if want := 4096 / 8 * 7; locked != want {
		t.Errorf("%d clients are locked, want %d", locked, want)
	}
	for n := range uint64(100_000) {
		if counter.Locked(numbered(1<<30 + n)) {
			t.Fatalf("client %d is locked and never failed", n)
		}
		if counter.Failed(numbered(1<<30 + n)) {
			t.Fatalf("client %d is locked by the first failure", n)
		}
	}
	// What the attack leaves behind ends with it.
	c.advance(time.Minute)
	for n := range uint64(hostile) {
		if counter.Locked(numbered(n)) {
			t.Fatalf("client %d is locked after the pause", n)
		}
	}
}

// numbered is an IPv6 address of a /64 of its own.
func numbered(n uint64) netip.Addr {
	var a [16]byte
	binary.BigEndian.PutUint64(a[:], 0x2001_0db8<<32+n)
	return netip.AddrFrom16(a)
}

func TestClockSetBack(t *testing.T) {
	t.Parallel()
	counter, c := newCounter(t, Config{})
	for range 5 {
		counter.Failed(alice)
	}
	c.advance(-24 * time.Hour)
	if !counter.Locked(alice) || counter.Locked(bob) {
		t.Error("setting the clock back freed the locked client, or locked another")
	}
	counter.Failed(alice) // where the table notices
	c.advance(time.Minute)
	if counter.Locked(alice) {
		t.Error("still locked a pause after the clock was set back")
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	const failures = 1000
	counter, _ := newCounter(t, Config{Failures: failures, Pause: time.Second})
	var locks atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range failures / 4 {
				if !counter.Locked(alice) && counter.Failed(alice) {
					locks.Add(1)
				}
			}
		})
	}
	group.Wait()
	if got, want := counter.Stats(), (Stats{Failures: failures, Lockouts: 1}); got != want || locks.Load() < 1 {
		t.Errorf("%+v, reported %d times; want %+v", got, locks.Load(), want)
	}
}

func TestDoesNotAllocate(t *testing.T) {
	counter, _ := newCounter(t, Config{Failures: 3})
	six := numbered(7)
	if n := testing.AllocsPerRun(100, func() {
		counter.Failed(alice)
		counter.Failed(six)
		counter.Failed(netip.Addr{})
		counter.Locked(alice)
		counter.Locked(bob)
		counter.Stats()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestTheRealClock(t *testing.T) {
	t.Parallel()
	counter, err := New(Config{Failures: 1, Pause: MaxPause})
	if err != nil {
		t.Fatal(err)
	}
	if counter.Locked(alice) || !counter.Failed(alice) || !counter.Locked(alice) {
		t.Error("without a clock of one's own it does not count")
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for _, ok := range []Config{
		{Failures: 1, Pause: time.Second},
		{Failures: 1000, Pause: time.Second, Bytes: 64 << 10},
		{Failures: 1000, Pause: 43 * time.Minute},
		{Failures: 30, Pause: 24 * time.Hour},
	} {
		if _, err := New(ok); err != nil {
			t.Errorf("%+v: %v", ok, err)
		}
	}
	for _, tt := range []struct {
		cfg  Config
		want []string
	}{
		{Config{Failures: -1}, []string{"Failures: -1"}},
		{Config{Failures: 1001}, []string{"Failures: 1001"}},
		{Config{Pause: -time.Second}, []string{"Pause: -1s"}},
		{Config{Pause: time.Second - 1}, []string{"Pause: 999.999999ms"}},
		{Config{Pause: 24*time.Hour + 1}, []string{"Pause: 24h0m0.000000001s"}},
		{Config{Bytes: 64<<10 - 1}, []string{"Bytes: 65535"}},
		{Config{Bytes: 4<<30 + 1}, []string{"Bytes: 4294967297"}},
		{Config{Failures: 31, Pause: 24 * time.Hour}, []string{"Failures and Pause: 31"}},
		{Config{Failures: 1000, Pause: 44 * time.Minute}, []string{"Failures and Pause: 1000"}},
		{Config{Failures: -1, Pause: -1, Bytes: -1}, []string{"Failures: ", "Pause: ", "Bytes: "}},
	} {
		counter, err := New(tt.cfg)
		if err == nil || counter != nil {
			t.Errorf("%+v is accepted", tt.cfg)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), "lockout: "+want) {
				t.Errorf("%+v: the error does not say %q:\n%v", tt.cfg, want, err)
			}
		}
	}
}

package concurrency

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := Config{Client: byHeader, PerClient: 4, Global: 10, Queue: 50, Wait: 5 * time.Second}
	tests := []struct {
		name   string
		change func(*Config)
		want   []string
	}{
		{"the zero value", func(c *Config) { *c = Config{} }, []string{"Client is nil", "PerClient is 0", "Global is 0"}},
		{"no cap of a client", func(c *Config) { c.PerClient = 0 }, []string{"PerClient is 0"}},
		{"a negative cap", func(c *Config) { c.Global = -1 }, []string{"Global is -1"}},
		{"a cap without end", func(c *Config) { c.Global = 1 << 30 }, []string{"Global is 1073741824"}},
		{"a client's over all", func(c *Config) { c.PerClient = 11 }, []string{"PerClient is 11"}},
		{"a negative queue", func(c *Config) { c.Queue = -1 }, []string{"Queue is -1"}},
		{"a client's queue over all", func(c *Config) { c.QueuePerClient = 51 }, []string{"QueuePerClient is 51"}},
		{"a queue without a wait", func(c *Config) { c.Wait = 0 }, []string{"Wait is 0s"}},
		{"a wait without end", func(c *Config) { c.Wait = time.Hour }, []string{"Wait is 1h"}},
		{"leases that were not made", func(c *Config) { c.Leases = (*RedisLeases)(nil) }, []string{"nil *RedisLeases"}},
		{"everything", func(c *Config) {
			*c = Config{PerClient: -1, Global: -1, Queue: -1, QueuePerClient: -1, Leases: (*RedisLeases)(nil)}
		}, []string{"Client is nil", "PerClient is -1", "Global is -1", "Queue is -1", "QueuePerClient is -1", "nil *RedisLeases"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := good
			tt.change(&c)
			l, err := New(c)
			if l != nil || err == nil {
				t.Fatalf("limiter %v, error %v", l, err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			if got := strings.Count(err.Error(), "\n") + 1; got != len(tt.want) {
				t.Errorf("%d mistakes in %q, want %d", got, err, len(tt.want))
			}
		})
	}
}

func TestQueuePerClientIsDerived(t *testing.T) {
	t.Parallel()
	for _, tt := range [][3]int{{50, 0, 12}, {4, 0, 1}, {3, 0, 1}, {1, 0, 1}, {50, 50, 50}} {
		l := newLimiter(t, Config{PerClient: 1, Global: 1, Queue: tt[0], QueuePerClient: tt[1]})
		if l.queuePerClient != tt[2] {
			t.Errorf("a queue of %d with %d a client: %d, want %d", tt[0], tt[1], l.queuePerClient, tt[2])
		}
	}
}

func TestWhatOneClientIs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true}, // RFC 4291, section 2.5.5.2
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"fe80::1%eth0", "fe80::1%eth1", true},
		{"fe80::1%eth0", "fe80::2", true},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
		{"", "", true},
		{"", "0.0.0.0", false},
		{"0.0.0.0", "::", false},
	}
	for _, tt := range tests {
		a, _ := netip.ParseAddr(tt.a)
		b, _ := netip.ParseAddr(tt.b)
		if got := clientKey(a) == clientKey(b); got != tt.same {
			t.Errorf("%q and %q are one client: %v, want %v", tt.a, tt.b, got, tt.same)
		}
	}
}

// The zero address is counted, not let through.
func TestNobodyIsExempt(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, Config{Client: func(*http.Request) netip.Addr { return netip.Addr{} }, PerClient: 1, Global: 5})
	s := acquire(t, l, netip.Addr{})
	_, err := l.Acquire(t.Context(), netip.Addr{})
	refused(t, err, http.StatusTooManyRequests, "concurrency.client")
	s.Release()
	idle(t, l)
}

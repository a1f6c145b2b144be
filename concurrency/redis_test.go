//go:build unix

package concurrency

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/servicetest"
)

func newLeases(t *testing.T, r *servicetest.Redis, c RedisConfig) *RedisLeases {
	t.Helper()
	c.URL = r.URL()
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Second // a slow machine is not what is tested
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	leases, err := NewRedisLeases(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = leases.Close() })
	return leases
}

func TestNothingLeaksWithRedis(t *testing.T) {
	r := servicetest.StartRedis(t)
	leases := newLeases(t, r, RedisConfig{})
	l := chaos(t, 1500, leases)
	idle(t, l)
	if got := l.Stats().Leases; got.Outages != 0 || got.Unshared != 0 {
		t.Errorf("%+v, want every slot shared", got)
	}
	_ = l.Close()
	if err := leases.Close(); err != nil {
		t.Error(err)
	}
	if got := r.Do("ZCARD sallyport:concurrency:global"); got != ":0" {
		t.Errorf("ZCARD %s", got)
	}
	if got := r.Do("DBSIZE"); got != ":0" { // and of no client either
		t.Errorf("DBSIZE %s", got)
	}
}

func TestTwoInstancesShareTheCaps(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	var all gauge
	var each [4]gauge
	var wg sync.WaitGroup
	limiters := make([]*Limiter, 2)
	for i := range limiters {
		limiters[i] = newLimiter(t, Config{PerClient: 3, Global: 6, Queue: 200, QueuePerClient: 200, Leases: newLeases(t, r, RedisConfig{})})
		for client := range each {
			for range 4 {
				wg.Go(func() {
					for range 25 {
						s := acquire(t, limiters[i], addr(client))
						all.add(1)
						each[client].add(1)
						pause(t.Context(), 2*time.Millisecond)
						each[client].add(-1)
						all.add(-1)
						s.Release()
					}
				})
			}
		}
	}
	wg.Wait()
	if most := all.most.Load(); most != 6 {
		t.Errorf("at most %d in flight, the shared cap is 6", most)
	}
	for client := range each {
		if most := each[client].most.Load(); most > 3 {
			t.Errorf("%d of client %d in flight, the shared cap is 3", most, client)
		}
	}
	for _, l := range limiters {
		if got := l.Stats(); got.Acquired != 400 || got.Leases.Unshared != 0 {
			t.Errorf("%+v", got)
		}
		idle(t, l)
	}
	eventually(t, "an empty store", func() bool { return r.Do("DBSIZE") == ":0" })
}

func TestSharedRefusals(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	a := newLimiter(t, Config{PerClient: 1, Global: 2, Leases: newLeases(t, r, RedisConfig{})})
	b := newLimiter(t, Config{PerClient: 1, Global: 2, Leases: newLeases(t, r, RedisConfig{})})
	first := acquire(t, a, addr(1))
	_, err := b.Acquire(t.Context(), addr(1))
	refused(t, err, http.StatusTooManyRequests, "concurrency.client")
	second := acquire(t, b, addr(2))
	_, err = b.Acquire(t.Context(), addr(3))
	refused(t, err, http.StatusServiceUnavailable, "concurrency.global")
	first.Release()
	second.Release()
	idle(t, a)
	idle(t, b)
	eventually(t, "an empty store", func() bool { return r.Do("DBSIZE") == ":0" })
}

func TestDeadInstanceLosesItsLeases(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	dying := newLeases(t, r, RedisConfig{TTL: 3 * time.Second, Timeout: 500 * time.Millisecond})
	a := newLimiter(t, Config{PerClient: 2, Global: 3, Leases: dying})
	b := newLimiter(t, Config{PerClient: 2, Global: 3, Queue: 5, Leases: newLeases(t, r, RedisConfig{})})
	s1, s2 := acquire(t, a, addr(1)), acquire(t, a, addr(1))
	living := acquire(t, b, addr(3))      // keeps the set, and must stay in it
	if err := dying.Close(); err != nil { // with its leases
		t.Fatal(err)
	}
	began := time.Now()
	s := acquire(t, b, addr(2))
	if waited := time.Since(began); waited < time.Second || waited > 20*time.Second {
		t.Errorf("it waited %v, want about the TTL", waited)
	}
	if got := r.Do("ZCARD sallyport:concurrency:global"); got != ":2" {
		t.Errorf("%s leases in the store, want those of the living", got)
	}
	s.Release()
	living.Release()
	s1.Release() // too late, and harmless
	s2.Release()
	idle(t, a)
	idle(t, b)
	eventually(t, "an empty store", func() bool { return r.Do("DBSIZE") == ":0" })
}

func TestLeasesAreRenewed(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	a := newLimiter(t, Config{PerClient: 1, Global: 1, Leases: newLeases(t, r, RedisConfig{TTL: 1800 * time.Millisecond, Timeout: 300 * time.Millisecond})})
	b := newLimiter(t, Config{PerClient: 1, Global: 1, Queue: 1, Wait: 4 * time.Second, Leases: newLeases(t, r, RedisConfig{})})
	s := acquire(t, a, addr(1))
	_, err := b.Acquire(t.Context(), addr(2)) // for more than two TTLs
	refused(t, err, http.StatusServiceUnavailable, "concurrency.global")
	if got := a.Stats().Leases; got.Outages != 0 {
		t.Errorf("%+v", got)
	}
	s.Release()
	idle(t, a)
}

// lines collects a log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) count(s string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), s)
}

func TestRedisGoesAndComesBack(t *testing.T) {
	t.Parallel()
	type outage struct{ begin, end func(*servicetest.Redis) }
	for name, out := range map[string]outage{
		"stopped": {func(r *servicetest.Redis) { r.Stop(t) }, func(r *servicetest.Redis) { r.Start(t) }},
		"frozen":  {func(r *servicetest.Redis) { r.Freeze(t) }, func(r *servicetest.Redis) { r.Thaw(t) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := servicetest.StartRedis(t)
			log := &lines{}
			leases := newLeases(t, r, RedisConfig{TTL: time.Hour, Timeout: time.Second, Logger: slog.New(slog.NewTextHandler(log, nil))})
			l := newLimiter(t, Config{PerClient: 2, Global: 3, Leases: leases})
			before := acquire(t, l, addr(1))
			out.begin(r)

			// The first finds out, the others do not wait for it. A frozen Redis
			// will give it its lease when it is over long since.
			acquire(t, l, addr(3)).Release()
			during := acquire(t, l, addr(1))
			began := time.Now()
			for range 100 {
				acquire(t, l, addr(2)).Release()
			}
			if took := time.Since(began); took > 20*time.Second { // 100 timeouts are 100
				t.Errorf("100 requests took %v", took)
			}
			// The local caps hold.
			_, err := l.Acquire(t.Context(), addr(1))
			refused(t, err, http.StatusTooManyRequests, "concurrency.client")
			third := acquire(t, l, addr(2))
			_, err = l.Acquire(t.Context(), addr(3))
			refused(t, err, http.StatusServiceUnavailable, "concurrency.global")
			if got := l.Stats().Leases; !got.Away || got.Outages != 1 || got.Owned != 3 || got.Unshared != 103 {
				t.Errorf("%+v", got)
			}
			third.Release()

			out.end(r)
			eventually(t, "the recovery", func() bool { return !l.Stats().Leases.Away })
			// Both are counted there, also the one that got no answer.
			eventually(t, "two leases in the store", func() bool { return r.Do("ZCARD sallyport:concurrency:global") == ":2" })
			before.Release()
			during.Release()
			idle(t, l)
			eventually(t, "an empty store", func() bool { return r.Do("DBSIZE") == ":0" })
			away := log.count(`level=WARN msg="the shared store is away: what is in flight is limited by each instance alone" use=in_flight server=` + r.Addr + " err=")
			back := log.count(`level=INFO msg="the shared store is back" use=in_flight server=` + r.Addr + " leases=2\n")
			if a, b := log.count("is away"), log.count("is back"); a != 1 || b != 1 || away != 1 || back != 1 {
				t.Errorf("%d lines that it is away, %d that it is back; want one each:\n%s", a, b, log.text.String())
			}
		})
	}
}

// A replica answers and takes no writes. It is away until it takes them, and
// does not come back at each attempt, to go away with the next request.
func TestRedisReadOnlyReplica(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	log := &lines{}
	leases := newLeases(t, r, RedisConfig{Logger: slog.New(slog.NewTextHandler(log, nil))})
	l := newLimiter(t, Config{PerClient: 2, Global: 3, Leases: leases})
	if got := r.Do("REPLICAOF 127.0.0.1 1"); got != "+OK" {
		t.Fatal(got)
	}
	// Requests come all the time, and nothing is in flight at most attempts.
	for end := time.Now().Add(5 * retryAway); time.Now().Before(end); {
		acquire(t, l, addr(1)).Release()
		pause(t.Context(), 10*time.Millisecond)
	}
	if got := l.Stats().Leases; !got.Away || got.Outages != 1 {
		t.Errorf("%+v, want one outage that goes on", got)
	}
	if got := r.Do("REPLICAOF NO ONE"); got != "+OK" {
		t.Fatal(got)
	}
	eventually(t, "the recovery", func() bool { return !l.Stats().Leases.Away })
	acquire(t, l, addr(1)).Release()
	if a, b := log.count("is away"), log.count("is back"); a != 1 || b != 1 {
		t.Errorf("%d lines that it is away, %d that it is back; want one each:\n%s", a, b, log.text.String())
	}
	idle(t, l)
	eventually(t, "an empty store", func() bool { return r.Do("DBSIZE") == ":0" })
}

// Redis goes away and comes back under load, and nobody notices.
func TestOutageUnderLoad(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	leases := newLeases(t, r, RedisConfig{Timeout: 150 * time.Millisecond, TTL: 2 * time.Second})
	l := newLimiter(t, Config{PerClient: 3, Global: 5, Queue: 100, QueuePerClient: 100, Leases: leases})
	ctx, cancel := context.WithCancel(t.Context())
	var all gauge
	var wg sync.WaitGroup
	for client := range 4 {
		for range 4 {
			wg.Go(func() {
				for ctx.Err() == nil {
					s := acquire(t, l, addr(client))
					all.add(1)
					pause(ctx, time.Millisecond)
					all.add(-1)
					s.Release()
				}
			})
		}
	}
	served := func() {
		from := l.Stats().Acquired
		eventually(t, "requests that are served", func() bool { return l.Stats().Acquired > from+200 })
	}
	served()
	r.Freeze(t)
	served()
	r.Thaw(t)
	served()
	r.Stop(t)
	served()
	r.Start(t)
	eventually(t, "the recovery", func() bool { return !l.Stats().Leases.Away })
	served()
	cancel()
	wg.Wait()
	if most := all.most.Load(); most > 5 {
		t.Errorf("%d in flight, the local cap is 5", most)
	}
	idle(t, l)
	eventually(t, "an empty store", func() bool { return r.Do("DBSIZE") == ":0" })
	leases.mu.Lock()
	defer leases.mu.Unlock()
	if len(leases.pending) != 0 {
		t.Errorf("%d are pending", len(leases.pending))
	}
}

func TestClosedLeasesLeaveTheLocalCaps(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	leases := newLeases(t, r, RedisConfig{})
	l := newLimiter(t, Config{PerClient: 1, Global: 1, Leases: leases})
	for range 2 {
		if err := leases.Close(); err != nil {
			t.Error(err)
		}
	}
	s := acquire(t, l, addr(1))
	_, err := l.Acquire(t.Context(), addr(2))
	refused(t, err, http.StatusServiceUnavailable, "concurrency.global")
	s.Release()
	idle(t, l)
}

func TestManyLeasesAreRenewedInChunks(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	leases := newLeases(t, r, RedisConfig{})
	const n = 2*chunk + 1
	l := newLimiter(t, Config{PerClient: n, Global: n, Leases: leases})
	slots := make([]*Slot, 0, n)
	for range n {
		slots = append(slots, acquire(t, l, addr(1)))
	}
	if got := r.Do("FLUSHALL"); got != "+OK" {
		t.Fatal(got)
	}
	if err := leases.renew(); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"global", "client:192.0.2.1"} {
		if got := r.Do("ZCARD sallyport:concurrency:" + key); got != ":513" {
			t.Errorf("%s has %s", key, got)
		}
	}
	for _, s := range slots {
		s.Release()
	}
	eventually(t, "an empty store", func() bool { return r.Do("DBSIZE") == ":0" })
}

// What nobody renews expires as a whole.
func TestKeysExpire(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	l := newLimiter(t, Config{PerClient: 1, Global: 1, Leases: newLeases(t, r, RedisConfig{Prefix: "p", TTL: time.Hour})})
	s := acquire(t, l, clientKey(addr(1)))
	for _, key := range []string{"p:global", "p:client:192.0.2.1"} {
		if got := r.Do("TTL " + key); got != ":3600" && got != ":3599" {
			t.Errorf("%s lives for %s", key, got)
		}
	}
	s.Release()
}

func TestNewRedisLeasesRefuses(t *testing.T) {
	t.Parallel()
	const secret = "c4n4ry-p4ss"
	tests := []struct {
		name   string
		config RedisConfig
		want   []string
	}{
		{"nothing", RedisConfig{}, []string{"URL is empty"}},
		{"plain text to another machine", RedisConfig{URL: "redis://:" + secret + "@192.0.2.1"}, []string{"plain text"}},
		{
			"everything",
			RedisConfig{URL: "ftp://:" + secret + "@h", Prefix: "a b", TTL: time.Millisecond},
			[]string{"scheme", "Prefix", "TTL"},
		},
		{"a timeout over the TTL", RedisConfig{URL: "redis://localhost", TTL: 2 * time.Second, Timeout: time.Second}, []string{"sixth"}},
		{"a long prefix", RedisConfig{URL: "redis://localhost", Prefix: strings.Repeat("p", 129)}, []string{"Prefix"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			leases, err := NewRedisLeases(tt.config)
			if leases != nil || err == nil {
				t.Fatalf("leases %v, error %v", leases, err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error has the password: %v", err)
			}
		})
	}
}

// The password is not in the log either.
func TestPasswordIsNotLogged(t *testing.T) {
	t.Parallel()
	const secret = "c4n4ry-p4ss"
	r := servicetest.StartRedis(t)
	log := &lines{}
	leases, err := NewRedisLeases(RedisConfig{URL: "redis://:" + secret + "@" + r.Addr, Timeout: time.Second, Logger: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	l := newLimiter(t, Config{PerClient: 1, Global: 1, Leases: leases})
	if got := r.Do("CONFIG SET requirepass other"); got != "+OK" {
		t.Fatal(got)
	}
	acquire(t, l, addr(1)).Release()
	if err := leases.Close(); err != nil {
		t.Error(err)
	}
	if log.count("is away") != 1 || log.count(secret) != 0 || log.count("WRONGPASS") != 1 {
		t.Errorf("log:\n%s", log.text.String())
	}
	idle(t, l)
}

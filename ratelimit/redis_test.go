//go:build unix

package ratelimit

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/servicetest"
)

// lines is a log that a test reads.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lines) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// newRedis opens a store that the test closes. A machine that is busy with
// other tests answers late: the time limit is long unless the test is about it.
func newRedis(t testing.TB, c RedisConfig) *RedisStore {
	t.Helper()
	if c.Timeout == 0 {
		c.Timeout = MaxRedisTimeout
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	s, err := NewRedisStore(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// perDay is a limit that no time a test takes adds to.
func perDay(n int) Limit { return Limit{Events: n, Period: 24 * time.Hour} }

func redisLimiter(t testing.TB, s Store, n int) *Limiter {
	t.Helper()
	return newLimiter(t, Config{Store: s, Scope: "queries", Policies: []Policy{
		{Name: "client", Limit: perDay(n), By: ByClient(remote)},
		{Name: "global", Limit: perDay(1000), By: Everybody()},
	}})
}

// await waits until ready holds.
func await(t testing.TB, what string, ready func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(30 * time.Second); !ready(); <-ticker.C {
		if time.Now().After(end) {
			t.Fatalf("%s does not happen", what)
		}
	}
}

func TestRedisCountsAsMemoryDoes(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	store := newRedis(t, RedisConfig{URL: r.URL()})
	l := newLimiter(t, Config{Store: store, Scope: "queries", Policies: []Policy{
		{Name: "client", Limit: perDay(3), By: ByClient(remote)},
		{Name: "network", Limit: perDay(5), By: ByNetwork(remote, 24, 48)},
		{Name: "global", Limit: perDay(7), By: Everybody()},
	}})
	h := l.Wrap(http.HandlerFunc(served))
	const policy = `"client";q=3;w=86400, "network";q=5;w=86400`
	for i := range 3 {
		check(t, "first client", call(t, h, "192.0.2.1"), admitted(policy, fmt.Sprintf(`"client";r=%d;t=28800`, 2-i)))
	}
	for range 20 {
		if a := call(t, h, "192.0.2.1"); a.status != 429 || a.record.Rule != "rate.client" {
			t.Fatalf("over the client's limit: %+v", a)
		}
	}
	for range 2 {
		if a := call(t, h, "192.0.2.2"); a.status != 200 {
			t.Errorf("its neighbour: %+v", a)
		}
	}
	if a := call(t, h, "192.0.2.3"); a.status != 429 || a.record.Rule != "rate.network" || !strings.Contains(a.header.Get("RateLimit"), `"client";r=3, "network";r=0;t=`) {
		t.Errorf("over the network's limit: %+v", a)
	}
	for i, want := range []int{200, 200, 503} {
		if a := call(t, h, "198.51.100.1"); a.status != want {
			t.Errorf("another network, request %d: %+v", i, a)
		}
	}
	if s := store.Stats(); s != (RedisStats{Decisions: 3 + 20 + 2 + 1 + 3, Up: true}) {
		t.Errorf("stats %+v", s)
	}
	// Every key expires when it is whole again.
	for key, most := range map[string]int{
		"{queries}client:192.0.2.1/32": 24 * 3600 * 1000, "{queries}network:192.0.2.0/24": 24 * 3600 * 1000,
		"{queries}global:all": 24 * 3600 * 1000, "{queries}client:198.51.100.1/32": 16 * 3600 * 1000,
	} {
		got := r.Do("PTTL " + DefaultRedisPrefix + key)
		if n, err := strconv.Atoi(strings.TrimPrefix(got, ":")); err != nil || n > most || n < most-60_000 {
			t.Errorf("%s expires in %s, want about %d ms", key, got, most)
		}
	}
}

func TestRedisCountsEveryoneExactly(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	one, two := newRedis(t, RedisConfig{URL: r.URL()}), newRedis(t, RedisConfig{URL: r.URL()})
	limiters := []*Limiter{redisLimiter(t, one, 100), redisLimiter(t, two, 100)}
	var ok atomic.Int64
	var group sync.WaitGroup
	for worker := range 8 {
		request := from(t, "2001:db8::1")
		group.Go(func() { ok.Add(int64(admits(limiters[worker%2], request, 50))) })
	}
	group.Wait()
	if ok.Load() != 100 || one.Stats().Fallbacks+two.Stats().Fallbacks != 0 {
		t.Errorf("%d admitted, want exactly 100; %+v, %+v", ok.Load(), one.Stats(), two.Stats())
	}
}

// childURL names the environment variable that makes the test binary a child.
const childURL = "RATELIMIT_TEST_REDIS"

// child is an instance of a service: it asks as often as it can.
func child(url string) int {
	store, err := NewRedisStore(RedisConfig{URL: url, Timeout: MaxRedisTimeout})
	if err != nil {
		return 1
	}
	defer func() { _ = store.Close() }()
	l, err := New(Config{Store: store, Scope: "queries", Limit: perDay(200), Key: remote})
	if err != nil {
		return 1
	}
	var ok atomic.Int64
	var group sync.WaitGroup
	for range 4 {
		r := &http.Request{RemoteAddr: "192.0.2.1:1"}
		group.Go(func() { ok.Add(int64(admits(l, r, 100))) })
	}
	group.Wait()
	if store.Stats().Fallbacks != 0 {
		return 1
	}
	_, err = fmt.Fprint(os.Stdout, ok.Load())
	if err != nil {
		return 1
	}
	return 0
}

func TestTwoProcessesShareOneLimit(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var outputs [2]bytes.Buffer
	var processes [2]*exec.Cmd
	for i := range processes {
		c := exec.CommandContext(t.Context(), self)
		c.Env = append(os.Environ(), childURL+"="+r.URL())
		c.Stdout, c.Stderr = &outputs[i], os.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		processes[i] = c
	}
	sum := 0
	for i, c := range processes {
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
		n, err := strconv.Atoi(outputs[i].String())
		if err != nil {
			t.Errorf("process %d: %q", i, &outputs[i])
		}
		sum += n
	}
	if sum != 200 {
		t.Errorf("together they admitted %d, want exactly 200 (%s and %s)", sum, &outputs[0], &outputs[1])
	}
}

func TestRedisStopsAndComesBack(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	var log lines
	store := newRedis(t, RedisConfig{URL: r.URL(), Logger: log.logger()})
	l, other := redisLimiter(t, store, 10), redisLimiter(t, newRedis(t, RedisConfig{URL: r.URL()}), 10)
	request := from(t, "192.0.2.1")
	if n := admits(l, request, 2) + admits(other, request, 4) + admits(l, request, 1); n != 7 {
		t.Fatalf("%d admitted, want 7", n)
	}
	r.Stop(t)
	// Served, limited, and it goes on where Redis was, what others used included.
	if n := admits(l, request, 50); n != 3 {
		t.Errorf("without Redis %d are admitted, want the 3 that were left", n)
	}
	if n := admits(l, from(t, "192.0.2.2"), 50); n != 10 {
		t.Errorf("without Redis %d of a new client are admitted, want 10", n)
	}
	if s := store.Stats(); s.Up || s.Decisions != 3 || s.Fallbacks != 100 {
		t.Errorf("stats %+v", s)
	}
	away := `level=WARN msg="the shared store is away: the rate is limited by each instance alone" use=rates server=` + r.Addr + " err="
	if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), away) {
		t.Errorf("%d lines in the log, want one with %s: %s", n, away, &log)
	}
	r.Start(t)
	await(t, "recovery", func() bool { return store.Stats().Up })
	// This Redis is empty: it forgot.
	if n := admits(l, request, 50); n != 10 {
		t.Errorf("after the restart %d are admitted, want 10", n)
	}
	if s := store.Stats(); s.Decisions != 53 || s.Fallbacks != 100 {
		t.Errorf("stats %+v", s)
	}
	back := `level=INFO msg="the shared store is back" use=rates server=` + r.Addr + "\n"
	if got := log.String(); strings.Count(got, "\n") != 2 || !strings.HasSuffix(got, back) {
		t.Errorf("log: %s", got)
	}
}

func TestRedisThatIsAwayAtTheStart(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	r.Stop(t)
	store := newRedis(t, RedisConfig{URL: r.URL()})
	if store.Stats().Up {
		t.Error("up")
	}
	if n := admits(redisLimiter(t, store, 10), from(t, "192.0.2.1"), 50); n != 10 {
		t.Errorf("%d admitted, want 10", n)
	}
	r.Start(t)
	await(t, "recovery", func() bool { return store.Stats().Up })
}

func TestFrozenRedisHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	const timeout, slack = 200 * time.Millisecond, 800 * time.Millisecond // for a machine that is busy
	r := servicetest.StartRedis(t)
	store := newRedis(t, RedisConfig{URL: r.URL(), Timeout: timeout})
	l := redisLimiter(t, store, 100)
	request := from(t, "192.0.2.1")
	await(t, "a decision of Redis", func() bool { l.Allow(request); return store.Stats().Decisions > 0 })
	r.Freeze(t)
	defer r.Thaw(t)
	var group sync.WaitGroup
	for range 64 { // more than there are connections
		request := from(t, "192.0.2.2")
		group.Go(func() {
			start := time.Now()
			l.Allow(request)
			if took := time.Since(start); took > timeout+slack {
				t.Errorf("a decision took %v", took)
			}
		})
	}
	group.Wait()
	if store.Stats().Up {
		t.Error("the circuit is not open")
	}
	start := time.Now()
	if n := admits(l, request, 1000); n > 100 {
		t.Errorf("%d admitted", n)
	}
	if took := time.Since(start); took > slack {
		t.Errorf("1000 decisions with the circuit open took %v", took)
	}
	if n := admits(l, from(t, "192.0.2.3"), 1000); n != 100 {
		t.Errorf("%d of a new client are admitted, want 100", n)
	}
	r.Thaw(t)
	await(t, "recovery", func() bool { return store.Stats().Up })
}

func TestRedisForgetsTheScript(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	store := newRedis(t, RedisConfig{URL: r.URL()})
	l := redisLimiter(t, store, 10)
	request := from(t, "192.0.2.1")
	n := admits(l, request, 4)
	if got := r.Do("SCRIPT FLUSH"); got != "+OK" {
		t.Fatal(got)
	}
	if n += admits(l, request, 20); n != 10 || store.Stats().Fallbacks != 0 {
		t.Errorf("%d admitted, want 10; %+v", n, store.Stats())
	}
}

func TestRedisOutOfMemory(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	store := newRedis(t, RedisConfig{URL: r.URL()})
	l := redisLimiter(t, store, 10)
	request := from(t, "192.0.2.1")
	n := admits(l, request, 4)
	if got := r.Do("CONFIG SET maxmemory 1"); got != "+OK" {
		t.Fatal(got)
	}
	if n += admits(l, request, 20); n != 10 || store.Stats().Up {
		t.Errorf("%d admitted, want 10; %+v", n, store.Stats())
	}
	if got := r.Do("CONFIG SET maxmemory 256mb"); got != "+OK" {
		t.Fatal(got)
	}
	await(t, "recovery", func() bool { return store.Stats().Up })
	// Redis still has the four that it counted itself.
	if n := admits(l, request, 20); n != 6 {
		t.Errorf("%d admitted, want 6", n)
	}
}

func TestRedisReadOnlyReplica(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	if got := r.Do("REPLICAOF 127.0.0.1 1"); got != "+OK" {
		t.Fatal(got)
	}
	store := newRedis(t, RedisConfig{URL: r.URL()})
	if n := admits(redisLimiter(t, store, 10), from(t, "192.0.2.1"), 20); n != 10 || store.Stats().Up {
		t.Errorf("%d admitted, want 10; %+v", n, store.Stats())
	}
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	const right, wrong = "r1ght-c4n4ry", "wr0ng-c4n4ry"
	r := servicetest.StartRedis(t)
	if got := r.Do("CONFIG SET requirepass " + right); got != "+OK" {
		t.Fatal(got)
	}
	var log lines
	store := newRedis(t, RedisConfig{URL: "redis://:" + wrong + "@" + r.Addr, Logger: log.logger()})
	if n := admits(redisLimiter(t, store, 10), from(t, "192.0.2.1"), 20); n != 10 || store.Stats().Up {
		t.Errorf("%d admitted, want 10; %+v", n, store.Stats())
	}
	if got := log.String(); !strings.Contains(got, "WRONGPASS") || strings.Contains(got, "c4n4ry") {
		t.Errorf("log: %s", got)
	}
	if s := newRedis(t, RedisConfig{URL: "redis://:" + right + "@" + r.Addr}).Stats(); !s.Up {
		t.Errorf("with the right password: %+v", s)
	}
}

// The server's clock was set back, or somebody else wrote the key.
func TestRedisKeysThatAreNotOurs(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	store := newRedis(t, RedisConfig{URL: r.URL()})
	l := redisLimiter(t, store, 10)
	for i, value := range []string{"9007199254740991", "99999999999999999999999", "inf", "nan", "text", `""`} {
		addr := fmt.Sprintf("192.0.2.%d", i)
		key := DefaultRedisPrefix + "{queries}client:" + addr + "/32"
		if got := r.Do("SET " + key + " " + value); got != "+OK" {
			t.Fatal(got)
		}
		v := l.Allow(from(t, addr))
		if interval := 24 * time.Hour / 10; v.Allowed || v.Wait > interval || v.Wait < interval-time.Minute {
			t.Errorf("%s: %+v, want a refusal and a wait of one interval", value, v)
		}
		if got := r.Do("PTTL " + key); !strings.HasPrefix(got, ":86") || len(got) != len(":86400000") {
			t.Errorf("%s: afterwards it expires in %s", value, got)
		}
	}
	for _, value := range []string{"-5", "0", "1"} { // long whole again
		if got := r.Do("SET " + DefaultRedisPrefix + "{queries}client:192.0.2.99/32 " + value); got != "+OK" {
			t.Fatal(got)
		}
		if v := l.Allow(from(t, "192.0.2.99")); !v.Allowed {
			t.Errorf("%s: %+v", value, v)
		}
	}
	if s := store.Stats(); s.Fallbacks != 0 {
		t.Errorf("%+v", s)
	}
	// A key of another type makes the script fail: limited all the same.
	if got := r.Do("LPUSH " + DefaultRedisPrefix + "{queries}client:192.0.2.98/32 1"); got != ":1" {
		t.Fatal(got)
	}
	if n := admits(l, from(t, "192.0.2.98"), 20); n != 10 || store.Stats().Up {
		t.Errorf("%d admitted, want 10; %+v", n, store.Stats())
	}
}

func TestClientThatLeavesIsNoFailure(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	store := newRedis(t, RedisConfig{URL: r.URL()})
	l := redisLimiter(t, store, 10)
	request := from(t, "192.0.2.1")
	ctx, cancel := context.WithCancel(request.Context())
	cancel()
	if n := admits(l, request.WithContext(ctx), 20); n != 10 {
		t.Errorf("%d admitted, want 10: who leaves counts", n)
	}
	if s := store.Stats(); s != (RedisStats{Decisions: 20, Up: true}) {
		t.Errorf("%+v", s)
	}
}

func TestClosedRedisStoreStillLimits(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	store := newRedis(t, RedisConfig{URL: r.URL()})
	l := redisLimiter(t, store, 10)
	n := admits(l, from(t, "192.0.2.1"), 4)
	for range 2 {
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n += admits(l, from(t, "192.0.2.1"), 20); n != 10 || store.Stats().Up {
		t.Errorf("%d admitted, want 10; %+v", n, store.Stats())
	}
}

func TestNewRedisStoreRefuses(t *testing.T) {
	t.Parallel()
	const secret = "c4n4ry-p4ss"
	tests := []struct {
		name   string
		config RedisConfig
		want   []string
	}{
		{"zero", RedisConfig{}, []string{"URL is empty"}},
		{"plain text to another machine", RedisConfig{URL: "redis://:" + secret + "@192.0.2.1"}, []string{"DangerouslyPlaintext"}},
		{"a scheme", RedisConfig{URL: "http://:" + secret + "@localhost"}, []string{"scheme"}},
		{"unreadable", RedisConfig{URL: "redis://:" + secret + "%zz@localhost"}, []string{"cannot be read"}},
		{
			"all at once",
			RedisConfig{URL: "rediss://:" + secret + "@h?skip_verify=true", Prefix: "{x}", Timeout: time.Hour, Fallback: new(MemoryStore)},
			[]string{"options", "Prefix", "Timeout is 1h", "Fallback"},
		},
		{"a prefix alone", RedisConfig{URL: "redis://localhost", Prefix: strings.Repeat("x", 65)}, []string{"Prefix"}},
		{"too short", RedisConfig{URL: "redis://localhost", Timeout: time.Microsecond}, []string{"Timeout is 1µs"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := NewRedisStore(tt.config)
			if s != nil || err == nil {
				t.Fatalf("%v, %v", s, err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v\ndoes not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the password is in %v", err)
			}
		})
	}
	r := servicetest.StartRedis(t)
	_, err := New(Config{Store: newRedis(t, RedisConfig{URL: r.URL()}), Scope: "a", Limit: PerSecond(110_000), Key: remote})
	if err == nil || !strings.Contains(err.Error(), "100,000 events a second") {
		t.Errorf("%v", err)
	}
}

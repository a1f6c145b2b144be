package apikey

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/chain"
	"github.com/sallyport-dev/sallyport/event"
)

// clientHeader says for whom a request of a test stands, as package clientip
// would after looking at a proxy's header.
const clientHeader = "X-Test-Client"

func testClient(r *http.Request) netip.Addr {
	addr, _ := netip.ParseAddr(r.Header.Get(clientHeader)) // zero where there is none
	return addr
}

// gate is a guarded server with a clock that tests move, and what it recorded.
type gate struct {
	*httptest.Server
	auth *Authenticator

	mu      sync.Mutex // one request at a time, so that its work can be told
	now     time.Time
	records []event.Record
	spent   work // by the last request
}

func newGate(t *testing.T, limit Lockout, keys ...Key) *gate {
	t.Helper()
	g := &gate{now: now}
	var err error
	g.auth, err = New(Config{Keys: NewStore(newSet(t, keys...)), Client: testClient, Lockout: limit, Now: func() time.Time { return g.now }})
	check(t, err)
	recorder, err := event.NewRecorder(event.Config{Sink: g})
	check(t, err)
	inner := chain.New(recorder, g.auth.Require(Query)).Then(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "in")
	}))
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.auth.work = new(work)
		inner.ServeHTTP(w, r)
		g.spent = *g.auth.work
	}))
	t.Cleanup(g.Close)
	return g
}

// Record implements event.Sink.
func (g *gate) Record(_ context.Context, r *event.Record) { g.records = append(g.records, *r) }

func (g *gate) advance(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = g.now.Add(d)
}

// try sends one request for client with the keys as headers, checks the whole
// answer against what its rule asks for, and returns the rule and the work.
func (g *gate) try(t *testing.T, client string, keys ...string) (rule string, spent work) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, g.URL, http.NoBody)
	check(t, err)
	r.Header.Set(clientHeader, client)
	if len(keys) > 0 {
		r.Header["X-Api-Key"] = keys
	}
	response, err := g.Client().Do(r)
	check(t, err)
	body, err := io.ReadAll(response.Body)
	check(t, err)
	check(t, response.Body.Close())
	g.mu.Lock()
	defer g.mu.Unlock()
	record := g.records[len(g.records)-1]
	wantStatus, wantBody, wantProtection := 200, "in", ""
	if record.Rule != "" {
		wantStatus, wantBody, wantProtection = 403, forbidden, "apikey"
	}
	if response.StatusCode != wantStatus || string(body) != wantBody || record.Protection != wantProtection ||
		response.Header.Get("Retry-After") != "" || response.Header.Get("WWW-Authenticate") != "" {
		t.Errorf("rule %q of %q: %d %s %v", record.Rule, record.Protection, response.StatusCode, body, response.Header)
	}
	if record.Rule == "key.locked" && (record.Key != "" || record.Err == nil) {
		t.Errorf("the record of a locked client: %+v", record)
	}
	return record.Rule, g.spent
}

func (g *gate) want(t *testing.T, rule, client string, keys ...string) {
	t.Helper()
	got, spent := g.try(t, client, keys...)
	if got != rule {
		t.Errorf("%s: rule %q, want %q", client, got, rule)
	}
	if looked := spent != (work{}); looked == (rule == "key.locked" || rule == "key.missing") {
		t.Errorf("%s: rule %q, work %+v", client, got, spent)
	}
}

func TestLockout(t *testing.T) {
	t.Parallel()
	k, secret := generate(t, "k", time.Time{}, Query)
	_, stranger := generate(t, "stranger", time.Time{}, Query)
	g := newGate(t, Lockout{}, k)

	g.want(t, "", "192.0.2.1", secret)
	for range 5 {
		g.want(t, "key.unknown", "192.0.2.1", stranger)
	}
	g.want(t, "key.locked", "192.0.2.1", stranger)
	g.want(t, "key.locked", "192.0.2.1", secret)
	g.want(t, "key.locked", "192.0.2.1", "")
	g.want(t, "key.locked", "192.0.2.1", secret, secret)
	g.want(t, "key.locked", "::ffff:192.0.2.1", secret)
	g.want(t, "", "192.0.2.2", secret)
	g.want(t, "key.missing", "192.0.2.1")

	g.advance(time.Minute - 1)
	g.want(t, "key.locked", "192.0.2.1", secret)
	g.advance(1)
	g.want(t, "", "192.0.2.1", secret)
	g.want(t, "", "192.0.2.1", secret)
	// A success takes nothing off: one more failure locks again.
	g.want(t, "key.unknown", "192.0.2.1", stranger)
	g.want(t, "key.locked", "192.0.2.1", secret)
	g.advance(5 * time.Minute)
	for range 5 {
		g.want(t, "key.unknown", "192.0.2.1", stranger)
	}
	g.want(t, "key.locked", "192.0.2.1", secret)

	want := Stats{Accepted: 4, Lockouts: 3, Refused: map[string]uint64{
		"key.missing": 1, "key.malformed": 0, "key.unknown": 11, "key.disabled": 0, "key.expired": 0, "key.scope": 0, "key.locked": 8,
	}}
	got := g.auth.Stats()
	if got.Accepted != want.Accepted || got.Lockouts != want.Lockouts || !maps.Equal(got.Refused, want.Refused) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestLockoutOfIPv6(t *testing.T) {
	t.Parallel()
	k, secret := generate(t, "k", time.Time{}, Query)
	g := newGate(t, Lockout{Failures: 2, Pause: time.Hour}, k)
	g.want(t, "key.malformed", "2001:db8:0:1::1", "sp_guess")
	g.want(t, "key.malformed", "2001:db8:0:1:ffff:ffff:ffff:ffff", "sp_guess")
	g.want(t, "key.locked", "2001:db8:0:1:1234::1", secret)
	g.want(t, "", "2001:db8:0:2::1", secret)
	g.advance(time.Hour)
	g.want(t, "", "2001:db8:0:1::1", secret)
}

// Where nobody knows who calls, all of them are one client, and nobody else is.
func TestLockoutOfUnknownClients(t *testing.T) {
	t.Parallel()
	k, secret := generate(t, "k", time.Time{}, Query)
	g := newGate(t, Lockout{Failures: 1}, k)
	g.want(t, "key.unknown", "", "guess")
	g.want(t, "key.locked", "", secret)
	g.want(t, "key.locked", "no address", secret)
	g.want(t, "", "0.0.0.0", secret)
}

func TestWhatCountsAsAFailedAttempt(t *testing.T) {
	t.Parallel()
	k, secret := generate(t, "k", time.Time{}, Query)
	other, otherSecret := generate(t, "other", time.Time{}, Admin)
	off, offSecret := generate(t, "off", time.Time{}, Query)
	off.Disabled = true
	old, oldSecret := generate(t, "old", now.Add(time.Hour), Query)
	old.Created, old.Expires = now.Add(-time.Hour), now
	for _, tt := range []struct {
		name   string
		sent   []string
		rule   string
		counts bool
	}{
		{"nothing", nil, "key.missing", false},
		{"a right key", []string{secret}, "", false},
		{"a right key for something else", []string{otherSecret}, "key.scope", false},
		{"a disabled key", []string{offSecret}, "key.disabled", false},
		{"an expired key", []string{oldSecret}, "key.expired", false},
		{"an unknown key", []string{"guess"}, "key.unknown", true},
		{"a mistyped key", []string{secret[:30] + "zz" + secret[32:]}, "key.malformed", true},
		{"an empty key", []string{""}, "key.malformed", true},
		{"two keys", []string{secret, secret}, "key.malformed", true},
		{"a long key", []string{strings.Repeat("x", 257)}, "key.malformed", true},
	} {
		g := newGate(t, Lockout{Failures: 1}, k, other, off, old)
		g.want(t, tt.rule, "192.0.2.1", tt.sent...)
		after := ""
		if tt.counts {
			after = "key.locked"
		}
		g.want(t, after, "192.0.2.1", secret)
	}
}

func TestWithoutLockout(t *testing.T) {
	t.Parallel()
	k, secret := generate(t, "k", time.Time{}, Query)
	auth, err := New(Config{Keys: NewStore(newSet(t, k)), DangerouslyNoLockout: true})
	check(t, err)
	h := auth.Require(Query).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for range 2000 { // beyond any lockout
		r, _ := keyRequest(t, "guess")
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	r, record := keyRequest(t, secret)
	h.ServeHTTP(httptest.NewRecorder(), r)
	if record.Rule != "" {
		t.Errorf("rule %q", record.Rule)
	}
	if s := auth.Stats(); s.Accepted != 1 || s.Refused["key.unknown"] != 2000 || s.Lockouts != 0 {
		t.Errorf("%+v", s)
	}
}

func TestNewReportsEveryMistake(t *testing.T) {
	t.Parallel()
	k, _ := generate(t, "k", time.Time{}, Query)
	store := NewStore(newSet(t, k))
	for _, tt := range []struct {
		name   string
		config Config
		want   []string
	}{
		{"nothing", Config{}, []string{"no key is configured", "Client is nil"}},
		{"no client", Config{Keys: store}, []string{"Client is nil", "r.RemoteAddr"}},
		{
			"a bad lockout and nothing else",
			Config{Lockout: Lockout{Failures: -1, Pause: time.Millisecond}},
			[]string{"no key is configured", "Client is nil", "Failures: -1", "Pause: 1ms"},
		},
		{
			"too long a memory",
			Config{Keys: store, Client: testClient, Lockout: Lockout{Failures: 1000, Pause: time.Hour}},
			[]string{"1000 failures"},
		},
		{"a client that is not used", Config{Keys: store, Client: testClient, DangerouslyNoLockout: true}, []string{"DangerouslyNoLockout"}},
		{"a lockout that is not used", Config{Keys: store, Lockout: Lockout{Failures: 5}, DangerouslyNoLockout: true}, []string{"DangerouslyNoLockout"}},
	} {
		auth, err := New(tt.config)
		if err == nil || auth != nil {
			t.Errorf("%s: accepted", tt.name)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: the error does not say %q:\n%v", tt.name, want, err)
			}
		}
	}
}

// The zero of a verdict refuses, and every refusal has its rule and its error.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	var zero verdict
	if zero == accepted {
		t.Error("the zero verdict lets in")
	}
	seen := map[string]bool{}
	for v := range accepted {
		if rule := rules[v]; !strings.HasPrefix(rule, "key.") || seen[rule] || refusals[v] == nil {
			t.Errorf("verdict %d: rule %q, error %v", v, rule, refusals[v])
		}
		seen[rules[v]] = true
	}
}

package ratelimit

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	addr := func(*http.Request) netip.Addr { return netip.Addr{} }
	good := Policy{Name: "client", Limit: PerMinute(30), By: ByClient(addr)}
	with := func(change func(*Policy)) Config {
		p := good
		change(&p)
		return Config{Policies: []Policy{p}}
	}
	var many []Policy
	for i := range 9 {
		p := good
		p.Name = fmt.Sprintf("p%d", i)
		many = append(many, p)
	}
	store := newMemory(t, MemoryConfig{Bytes: MinBytes})
	tests := []struct {
		name   string
		config Config
		want   []string
	}{
		{"zero", Config{}, []string{"let everything through", "Config.Limit and Config.Key"}},
		{"no key", Config{Limit: PerMinute(1)}, []string{"Limit needs Key"}},
		{"no limit", Config{Key: addr}, []string{"Key needs Limit"}},
		{"both forms", Config{Limit: PerMinute(1), Key: addr, Policies: []Policy{good}}, []string{"either them or Policies"}},
		{"negative", Config{Limit: PerMinute(-1), Key: addr}, []string{"-1 events"}},
		{"too many", Config{Policies: many}, []string{"9 entries"}},
		{"zero limit", with(func(p *Policy) { p.Limit = Limit{} }), []string{"Policies[0]", "0 events", "period of 0s"}},
		{"no period", with(func(p *Policy) { p.Limit = Limit{Events: 1} }), []string{"period of 0s"}},
		{"burst", with(func(p *Policy) { p.Limit.Burst = -1 }), []string{"burst of -1"}},
		{"endless burst", with(func(p *Policy) { p.Limit = Limit{1, 24 * time.Hour, 31} }), []string{"burst of 31"}},
		{"zero by", with(func(p *Policy) { p.By = By{} }), []string{"nothing says what is counted together"}},
		{"nil address", with(func(p *Policy) { p.By = ByClient(nil) }), []string{"address is nil"}},
		{"prefixes", with(func(p *Policy) { p.By = ByNetwork(nil, 33, 0) }), []string{"address is nil", "IPv4 prefix of 33", "IPv6 prefix of 0"}},
		{"whole internet", with(func(p *Policy) { p.By = ByNetwork(addr, 0, 129) }), []string{"IPv4 prefix of 0", "IPv6 prefix of 129"}},
		{"nil database", with(func(p *Policy) { p.By = ByASN(addr, nil) }), []string{"ASN database is nil"}},
		{"nil name", with(func(p *Policy) { p.By = ByName(nil) }), []string{"name is nil"}},
		{"no policy name", with(func(p *Policy) { p.Name = "" }), []string{`Name is not`}},
		{"bad policy name", with(func(p *Policy) { p.Name = `x";q=9` }), []string{`Name is not`}},
		{"capitals", with(func(p *Policy) { p.Name = "Client" }), []string{`Name is not`}},
		{"long name", with(func(p *Policy) { p.Name = strings.Repeat("a", 33) }), []string{`Name is not`}},
		{"twice", Config{Policies: []Policy{good, good}}, []string{`Policies[1] ("client"): Name is taken`}},
		{"no scope", Config{Policies: []Policy{good}, Store: store}, []string{"Store needs Scope"}},
		{"bad scope", Config{Policies: []Policy{good}, Store: store, Scope: "a}b"}, []string{`Scope "a}b"`}},
		{"a clock too many", Config{Policies: []Policy{good}, Store: store, Scope: "a", Now: time.Now}, []string{"Now is for the limiter's own store"}},
		{"nil store", Config{Policies: []Policy{good}, Store: (*MemoryStore)(nil), Scope: "a"}, []string{"nil or zero *MemoryStore"}},
		{"zero store", Config{Policies: []Policy{good}, Store: new(MemoryStore), Scope: "a"}, []string{"nil or zero *MemoryStore"}},
		{"nil redis", Config{Policies: []Policy{good}, Store: (*RedisStore)(nil), Scope: "a"}, []string{"nil or zero *RedisStore"}},
		{"all at once", Config{
			Policies: []Policy{{Name: "X"}, {Name: "y", Limit: PerMinute(0), By: ByName(nil)}}, Store: store,
		}, []string{`Policies[0] ("X"): Name`, `Policies[0] ("X"): Limit`, `Policies[0] ("X"): By`, `Policies[1] ("y"): Limit`, `Policies[1] ("y"): By`, "Scope"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l, err := New(tt.config)
			if l != nil || err == nil {
				t.Fatalf("%v, %v", l, err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v\ndoes not say %q", err, want)
				}
			}
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, "ratelimit: ") && !strings.Contains(line, " ") {
					t.Errorf("odd line %q", line)
				}
			}
		})
	}
}

func TestConfigIsCopied(t *testing.T) {
	t.Parallel()
	policies := []Policy{{Name: "client", Limit: PerHour(2), By: ByClient(remote)}}
	l := newLimiter(t, Config{Policies: policies})
	policies[0].Limit = PerHour(1000)
	if n := admits(l, from(t, "192.0.2.1"), 9); n != 2 {
		t.Errorf("%d admitted, want 2", n)
	}
}

func TestMemoryStoreSize(t *testing.T) {
	t.Parallel()
	for _, bytes := range []int64{-1, 1, MinBytes - 1, MaxBytes + 1} {
		if s, err := NewMemoryStore(MemoryConfig{Bytes: bytes}); s != nil || err == nil || !strings.Contains(err.Error(), "Bytes is") {
			t.Errorf("%d bytes: %v, %v", bytes, s, err)
		}
	}
	if got := newMemory(t, MemoryConfig{}).Bytes(); got != 64<<20 {
		t.Errorf("by default %d bytes", got)
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	routes := NewRoutes(mux.Handle)
	limiter := newLimiter(t, Config{Limit: PerHour(1), Key: remote})
	h := http.HandlerFunc(served)
	routes.Handle("/limited", limiter, h)
	routes.Handle("/free", DangerouslyUnlimited(), h)
	if err := routes.Err(); err != nil {
		t.Fatal(err)
	}
	routes.Handle("/forgotten", nil, h)
	routes.Handle("/zero", new(Limiter), h)
	routes.Handle("/empty", limiter, nil)
	for _, want := range []string{`"/forgotten" has no limit`, `"/zero" has no limit`, `"/empty" has no handler`} {
		if err := routes.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	for _, tt := range []struct {
		path   string
		status int
	}{{"/limited", 200}, {"/limited", 429}, {"/free", 200}, {"/free", 200}, {"/forgotten", 404}, {"/zero", 404}, {"/empty", 404}} {
		if a := call(t, mux, "192.0.2.1", func(r *http.Request) { r.URL.Path = tt.path }); a.status != tt.status {
			t.Errorf("%s: %d, want %d", tt.path, a.status, tt.status)
		}
	}
	if v := DangerouslyUnlimited().Allow(from(t, "192.0.2.1")); !v.Allowed || v.Err() != nil {
		t.Errorf("%+v", v)
	}
	broken := NewRoutes(nil)
	broken.Handle("/", limiter, h)
	if broken.Err() == nil {
		t.Error("no error without a function to register with")
	}
}

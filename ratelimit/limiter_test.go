package ratelimit

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/chain"
	"github.com/sallyport-dev/sallyport/event"
)

// Written out, not taken from package problem: these bytes are the contract.
const (
	body429 = `{"type":"about:blank","title":"Too Many Requests","status":429}`
	body503 = `{"type":"about:blank","title":"Service Unavailable","status":503}`
)

// answer is what a client gets, with the record of the request.
type answer struct {
	status int
	body   string
	header http.Header
	record event.Record
}

// call sends one request of addr through the limiter.
func call(t testing.TB, h http.Handler, addr string, prepare ...func(*http.Request)) answer {
	t.Helper()
	record := new(event.Record)
	r := from(t, addr)
	for _, p := range prepare {
		p(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(event.NewContext(r.Context(), record)))
	return answer{w.Code, w.Body.String(), w.Header(), *record}
}

func served(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "served") }

// admitted and refused are whole answers of a limiter with one policy.
func admitted(policy, limit string) answer {
	return answer{200, "served", http.Header{"Ratelimit-Policy": {policy}, "Ratelimit": {limit}}, event.Record{}}
}

func refused(status int, body, policy, limit, retryAfter, rule string) answer {
	a := answer{status, body, http.Header{
		"Content-Type":           {"application/problem+json"},
		"Content-Length":         {fmt.Sprint(len(body))},
		"Cache-Control":          {"no-store"},
		"X-Content-Type-Options": {"nosniff"},
		"Retry-After":            {retryAfter},
	}, event.Record{Protection: "ratelimit", Rule: rule}}
	if policy != "" {
		a.header["Ratelimit-Policy"] = []string{policy}
	}
	if limit != "" {
		a.header["Ratelimit"] = []string{limit}
	}
	return a
}

func check(t *testing.T, what string, got, want answer) {
	t.Helper()
	if want.record.Rule != "" && got.record.Err == nil {
		t.Errorf("%s: the refusal's cause is not on the record", what)
	}
	got.record.Err = nil
	if len(got.header["Content-Type"]) == 1 && got.status == 200 {
		got.header.Del("Content-Type") // sniffed by httptest
	}
	if got.status != want.status || got.body != want.body || !reflect.DeepEqual(got.header, want.header) || got.record != want.record {
		t.Errorf("%s\n got %+v\nwant %+v", what, got, want)
	}
	for name, required := range map[string]string{"Ratelimit-Policy": "q", "Ratelimit": "r"} {
		for _, line := range got.header[name] {
			if _, err := parseField(line, required); err != nil {
				t.Errorf("%s: %s is %q: %v", what, name, line, err)
			}
		}
	}
}

// RFC 9651, section 3.1, and draft-ietf-httpapi-ratelimit-headers-10.
func TestExactAdmissionOverHTTP(t *testing.T) {
	t.Parallel()
	clock := newClock()
	l := newLimiter(t, Config{Limit: PerMinute(30), Key: remote, Now: clock.Now})
	h := l.Wrap(http.HandlerFunc(served))
	const policy = `"client";q=30;w=60`
	for i := range 30 {
		check(t, fmt.Sprintf("request %d of the burst", i+1), call(t, h, "192.0.2.1"),
			admitted(policy, fmt.Sprintf(`"client";r=%d;t=2`, 29-i)))
	}
	over := refused(429, body429, policy, `"client";r=0;t=2`, "2", "rate.client")
	check(t, "request 31", call(t, h, "192.0.2.1"), over)
	check(t, "another client", call(t, h, "192.0.2.2"), admitted(policy, `"client";r=29;t=2`))
	clock.Move(2*time.Second - 1)
	over.header["Ratelimit"], over.header["Retry-After"] = []string{`"client";r=0;t=1`}, []string{"1"}
	check(t, "a nanosecond before the time", call(t, h, "192.0.2.1"), over)
	clock.Move(1)
	check(t, "at the time that was told", call(t, h, "192.0.2.1"), admitted(policy, `"client";r=0;t=2`))
	check(t, "again at once", call(t, h, "192.0.2.1"),
		refused(429, body429, policy, `"client";r=0;t=2`, "2", "rate.client"))
	for i := range 1000 {
		clock.Move(2 * time.Second)
		if a := call(t, h, "192.0.2.1"); a.status != 200 {
			t.Fatalf("request %d of a steady stream at the limit: %d", i, a.status)
		}
	}
	clock.Move(time.Hour)
	if n := admits(l, from(t, "192.0.2.1"), 100); n != 30 {
		t.Errorf("after a quiet hour %d are admitted at once, want 30", n)
	}
	want := Stats{Admitted: 30 + 1 + 1 + 1000 + 30, Policies: []PolicyStats{{"client", 3 + 70, 0}}}
	if got := l.Stats(); !reflect.DeepEqual(got, want) {
		t.Errorf("stats %+v, want %+v", got, want)
	}
}

func TestRefusalToHEADHasNoBody(t *testing.T) {
	t.Parallel()
	h := newLimiter(t, Config{Limit: PerMinute(1), Key: remote}).Wrap(http.HandlerFunc(served))
	head := func(r *http.Request) { r.Method = http.MethodHead }
	call(t, h, "192.0.2.1", head)
	if a := call(t, h, "192.0.2.1", head); a.status != 429 || a.body != "" || a.header.Get("Retry-After") != "60" {
		t.Errorf("%+v", a)
	}
}

func TestClockSteps(t *testing.T) {
	t.Parallel()
	clock := newClock()
	l := newLimiter(t, Config{Limit: PerMinute(10), Key: remote, Now: clock.Now})
	r := from(t, "192.0.2.1")
	if n := admits(l, r, 20); n != 10 {
		t.Fatalf("%d are admitted, want 10", n)
	}
	for _, step := range []time.Duration{-time.Second, -24 * time.Hour, -20 * 365 * 24 * time.Hour} {
		clock.Move(step)
		if v := l.Allow(r); v.Allowed || v.Wait > 6*time.Second {
			t.Errorf("set back by %v: %+v, want a refusal and a wait of one interval at most", -step, v)
		}
		clock.Move(time.Minute)
		if n := admits(l, r, 20); n != 10 {
			t.Errorf("a minute after a step back by %v %d are admitted, want 10", -step, n)
		}
	}
	for _, step := range []time.Duration{24 * time.Hour, 50 * 365 * 24 * time.Hour} {
		clock.Move(step)
		if n := admits(l, r, 20); n != 10 {
			t.Errorf("set forward by %v: %d are admitted, want 10", step, n)
		}
	}
}

func threePolicies(t testing.TB) []Policy {
	t.Helper()
	return []Policy{
		{Name: "client", Limit: PerMinute(3), By: ByClient(remote)},
		{Name: "network", Limit: PerMinute(5), By: ByNetwork(remote, 24, 48)},
		{Name: "global", Limit: PerMinute(7), By: Everybody()},
	}
}

func TestAllPoliciesOrNone(t *testing.T) {
	t.Parallel()
	clock := newClock()
	h := newLimiter(t, Config{Policies: threePolicies(t), Now: clock.Now}).Wrap(http.HandlerFunc(served))
	const policy = `"client";q=3;w=60, "network";q=5;w=60` // never "global"
	for i := range 3 {
		check(t, "first client", call(t, h, "192.0.2.1"), admitted(policy, fmt.Sprintf(`"client";r=%d;t=20`, 2-i)))
	}
	for range 50 { // none of them counts against the network or everybody
		check(t, "over the client's limit", call(t, h, "192.0.2.1"),
			refused(429, body429, policy, `"client";r=0;t=20`, "20", "rate.client"))
	}
	for i := range 2 {
		check(t, "its neighbour", call(t, h, "192.0.2.2"), admitted(policy, fmt.Sprintf(`"client";r=%d;t=20`, 2-i)))
	}
	// The client has one left, without t: Retry-After must not be earlier.
	check(t, "over the network's limit", call(t, h, "192.0.2.2"),
		refused(429, body429, policy, `"client";r=1, "network";r=0;t=12`, "12", "rate.network"))
	for i := range 2 {
		check(t, "another network", call(t, h, "198.51.100.1"), admitted(policy, fmt.Sprintf(`"client";r=%d;t=20`, 2-i)))
	}
	// 60/7 seconds, rounded up.
	check(t, "over the server's limit", call(t, h, "198.51.100.2"),
		refused(503, body503, policy, `"client";r=3`, "9", "rate.global"))
	check(t, "over its own and the server's", call(t, h, "192.0.2.1"),
		refused(429, body429, policy, `"client";r=0;t=20, "network";r=0;t=12`, "20", "rate.client"))
}

func TestOnlyTheServersLimitShowsNothing(t *testing.T) {
	t.Parallel()
	h := newLimiter(t, Config{Policies: []Policy{{Name: "global", Limit: PerMinute(1), By: Everybody()}}}).Wrap(http.HandlerFunc(served))
	check(t, "admitted", call(t, h, "192.0.2.1"), answer{200, "served", http.Header{}, event.Record{}})
	check(t, "refused", call(t, h, "192.0.2.2"), refused(503, body503, "", "", "60", "rate.global"))
}

func TestByASNHTTP(t *testing.T) {
	t.Parallel()
	db := openASN(t, networks{"192.0.2.0/24": 64496, "198.51.100.0/24": 64496, "2001:db8::/32": 64496})
	h := newLimiter(t, Config{Policies: []Policy{{Name: "asn", Limit: PerMinute(3), By: ByASN(remote, db)}}}).Wrap(http.HandlerFunc(served))
	for _, addr := range []string{"192.0.2.1", "198.51.100.1", "2001:db8::1"} {
		if a := call(t, h, addr); a.status != 200 || a.header.Get("RateLimit") != "" {
			t.Errorf("%s: %+v", addr, a)
		}
	}
	check(t, "over", call(t, h, "192.0.2.77"), refused(429, body429, `"asn";q=3;w=60`, `"asn";r=0;t=20`, "20", "rate.asn"))
	// Unknown addresses: by /24, neither free nor all as one.
	for i := range 4 {
		want := 200
		if i == 3 {
			want = 429
		}
		if a := call(t, h, fmt.Sprintf("203.0.113.%d", i)); a.status != want {
			t.Errorf("unknown address %d: %d, want %d", i, a.status, want)
		}
	}
	if a := call(t, h, "203.0.114.1"); a.status != 200 {
		t.Errorf("another unknown network: %d", a.status)
	}
}

func TestByNameHTTP(t *testing.T) {
	t.Parallel()
	name := func(r *http.Request) string { return r.Header.Get("Name") }
	h := newLimiter(t, Config{Policies: []Policy{{Name: "key", Limit: PerMinute(2), By: ByName(name)}}}).Wrap(http.HandlerFunc(served))
	named := func(s string) func(*http.Request) { return func(r *http.Request) { r.Header.Set("Name", s) } }
	for _, s := range []string{"a", "b", ""} {
		for i, want := range []int{200, 200, 429} {
			if a := call(t, h, fmt.Sprintf("192.0.2.%d", i), named(s)); a.status != want {
				t.Errorf("name %q, request %d: %d, want %d", s, i, a.status, want)
			}
		}
	}
}

func TestUnknownAddressesShareOneCount(t *testing.T) {
	t.Parallel()
	h := newLimiter(t, Config{Limit: PerMinute(2), Key: func(*http.Request) netip.Addr { return netip.Addr{} }}).Wrap(http.HandlerFunc(served))
	for i, want := range []int{200, 200, 429} {
		if a := call(t, h, fmt.Sprintf("192.0.2.%d", i)); a.status != want {
			t.Errorf("request %d: %d, want %d", i, a.status, want)
		}
	}
}

func TestBurstAndOddPeriodsInHeaders(t *testing.T) {
	t.Parallel()
	tests := []struct {
		limit         Limit
		policy, state string
	}{
		{Limit{30, time.Minute, 10}, `"client";q=30;w=60;sallyport-burst=10`, `"client";r=9;t=2`},
		{Limit{30, time.Minute, 30}, `"client";q=30;w=60`, `"client";r=29;t=2`},
		{Limit{1, 24 * time.Hour, 0}, `"client";q=1;w=86400`, `"client";r=0;t=86400`},
		{Limit{5, 300 * time.Millisecond, 0}, `"client";q=5;w=1`, `"client";r=4;t=1`},
		{Limit{5, 1500 * time.Millisecond, 0}, `"client";q=5;w=2`, `"client";r=4;t=1`},
		{Limit{1_000_000_000, time.Second, 0}, `"client";q=1000000000;w=1`, `"client";r=999999999;t=1`},
		{Limit{7, time.Minute, 0}, `"client";q=7;w=60`, `"client";r=6;t=9`},
	}
	for _, tt := range tests {
		h := newLimiter(t, Config{Limit: tt.limit, Key: remote, Now: newClock().Now}).Wrap(http.HandlerFunc(served))
		check(t, tt.limit.String(), call(t, h, "192.0.2.1"), admitted(tt.policy, tt.state))
	}
}

func TestSeveralLimitersInOneChain(t *testing.T) {
	t.Parallel()
	outer := newLimiter(t, Config{Policies: []Policy{{Name: "all", Limit: PerHour(9), By: ByClient(remote)}}, Now: newClock().Now})
	inner := newLimiter(t, Config{Policies: []Policy{{Name: "queries", Limit: PerMinute(2), By: ByClient(remote)}}, Now: newClock().Now})
	h := chain.New(outer, inner).Then(http.HandlerFunc(served))
	for i := range 3 { // the outer's header must not change from answer to answer
		a := call(t, h, "192.0.2.1")
		if got, want := a.header["Ratelimit-Policy"], []string{`"all";q=9;w=3600`, `"queries";q=2;w=60`}; !reflect.DeepEqual(got, want) {
			t.Errorf("RateLimit-Policy %q, want %q", got, want)
		}
		want := []string{fmt.Sprintf(`"all";r=%d;t=400`, 8-i), fmt.Sprintf(`"queries";r=%d;t=30`, max(0, 1-i))}
		if got := a.header["Ratelimit"]; !reflect.DeepEqual(got, want) {
			t.Errorf("RateLimit %q, want %q", got, want)
		}
	}
}

func TestConcurrentRequestsAreAdmittedExactly(t *testing.T) {
	t.Parallel()
	const limit, workers, each = 500, 16, 200
	l := newLimiter(t, Config{Policies: []Policy{
		{Name: "client", Limit: PerHour(each), By: ByClient(remote)},
		{Name: "global", Limit: Limit{limit, 24 * time.Hour, limit}, By: Everybody()},
	}, Now: newClock().Now})
	h := l.Wrap(http.HandlerFunc(served))
	var ok, no atomic.Int64
	var group sync.WaitGroup
	for worker := range workers {
		r := from(t, fmt.Sprintf("192.0.2.%d", worker))
		group.Go(func() {
			for range each {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r.WithContext(event.NewContext(r.Context(), new(event.Record))))
				switch w.Code {
				case 200:
					ok.Add(1)
				case 503:
					no.Add(1)
				}
			}
		})
	}
	group.Wait()
	if ok.Load() != limit || no.Load() != workers*each-limit {
		t.Errorf("%d admitted and %d refused, want exactly %d and %d", ok.Load(), no.Load(), limit, workers*each-limit)
	}
	if s := l.Stats(); s.Admitted != limit || s.Policies[1].Refused != workers*each-limit {
		t.Errorf("stats %+v", s)
	}
}

func TestReportOnly(t *testing.T) {
	t.Parallel()
	var log lines
	l := newLimiter(t, Config{Limit: PerMinute(1), Key: remote, ReportOnly: true, Logger: log.logger()})
	h := l.Wrap(http.HandlerFunc(served))
	check(t, "within", call(t, h, "192.0.2.1"), answer{200, "served", http.Header{}, event.Record{}})
	for range 2 {
		check(t, "over", call(t, h, "192.0.2.1"), answer{200, "served", http.Header{}, event.Record{WouldRefuse: "rate.client"}})
	}
	if log.String() != "" {
		t.Errorf("logged though it is on the record: %s", &log)
	}
	if v := l.Allow(from(t, "192.0.2.1")); !v.Allowed || v.Policy != "client" || v.Wait <= 0 || v.Err() != nil {
		t.Errorf("%+v", v)
	}
	if got := log.String(); !strings.Contains(got, "rule=rate.client") || strings.Contains(got, "192.0.2.1") {
		t.Errorf("log: %s", got)
	}
	if got, want := l.Stats(), (Stats{1, []PolicyStats{{"client", 0, 3}}}); !reflect.DeepEqual(got, want) {
		t.Errorf("stats %+v, want %+v", got, want)
	}
}

func TestSharedStore(t *testing.T) {
	t.Parallel()
	store := newMemory(t, MemoryConfig{Bytes: MinBytes})
	limiter := func(scope, name string) *Limiter {
		return newLimiter(t, Config{Store: store, Scope: scope, Policies: []Policy{{Name: name, Limit: PerHour(5), By: ByClient(remote)}}})
	}
	r := from(t, "192.0.2.1")
	if n := admits(limiter("queries", "client"), r, 9); n != 5 {
		t.Errorf("%d admitted, want 5", n)
	}
	if n := admits(limiter("catalog", "client"), r, 9); n != 5 {
		t.Errorf("another scope: %d admitted, want 5", n)
	}
	if n := admits(limiter("queries", "key"), r, 9); n != 5 {
		t.Errorf("another policy: %d admitted, want 5", n)
	}
	if n := admits(limiter("queries", "client"), r, 9); n != 0 {
		t.Errorf("the same scope and policy: %d admitted, want none", n)
	}
}

func TestVerdictsThatNoLimiterGave(t *testing.T) {
	t.Parallel()
	if err := (Verdict{}).Err(); err == nil {
		t.Error("the zero Verdict allows")
	}
	var zero Limiter
	if zero.Allow(from(t, "192.0.2.1")).Allowed {
		t.Error("the zero Limiter allows")
	}
	if a := call(t, zero.Wrap(http.HandlerFunc(served)), "192.0.2.1"); a.status != 500 {
		t.Errorf("the zero Limiter answers %d", a.status)
	}
	defer func() {
		if got, _ := recover().(string); !strings.Contains(got, "nil Limiter") {
			t.Errorf("panic %q", got)
		}
	}()
	(*Limiter)(nil).Wrap(http.HandlerFunc(served))
}

package bearer

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestRequireNeedsARestriction(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "", p256()))
	config := is.config(newClock())
	config.Subjects = nil
	open := newVerifier(t, config)
	config.DangerouslyAnySubject = true
	any_ := newVerifier(t, config)
	config.DangerouslyAnySubject, config.Emails = false, []string{"@example.org"}
	listed := newVerifier(t, config)

	for name, tt := range map[string]struct {
		do   func()
		want string // part of the panic; "" for none
	}{
		"nobody is meant":              {func() { open.Require() }, "would let in everybody"},
		"scopes that everybody has":    {func() { open.Require("openid", "email", "profile", "offline_access") }, "would let in everybody"},
		"a scope of one's own":         {func() { open.Require("openid", "query") }, ""},
		"dangerously":                  {func() { any_.Require() }, ""},
		"a list":                       {func() { listed.Require() }, ""},
		"a list and a common scope":    {func() { listed.Require("openid") }, ""},
		"an empty scope":               {func() { listed.Require("") }, "not a scope"},
		"two scopes in one":            {func() { listed.Require("query admin") }, "not a scope"},
		"a scope with a quote":         {func() { listed.Require(`query", x="`) }, "not a scope"},
		"a scope with a line feed":     {func() { listed.Require("query\r\nSet-Cookie: a") }, "not a scope"},
		"a scope that is not ASCII":    {func() { listed.Require("quéry") }, "not a scope"},
		"33 scopes":                    {func() { listed.Require(strings.Split(strings.Repeat("a,", 32)+"a", ",")...) }, "33 scopes"},
		"32 scopes":                    {func() { listed.Require(strings.Split(strings.Repeat("a,", 31)+"a", ",")...) }, ""},
		"the error of New was ignored": {func() { (*Verifier)(nil).Require("query") }, "was the error of New ignored"},
	} {
		func() {
			defer func() {
				got := fmt.Sprint(recover())
				if tt.want == "" && got != "<nil>" || !strings.Contains(got, tt.want) {
					t.Errorf("%s: panic %q, want %q", name, got, tt.want)
				}
			}()
			tt.do()
		}()
	}
	if err := open.CheckScopes("openid"); err == nil || !strings.Contains(err.Error(), "Config.Subjects, Config.Emails or") {
		t.Errorf("CheckScopes: %v", err)
	}
	if err := open.CheckScopes("openid", "query"); err != nil {
		t.Error(err)
	}
	// Any user, if that was asked for.
	expect(t, any_.Require(), sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"sub": "zoe"})), "")
	expect(t, open.Require("query"), sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"sub": "zoe"})), "")
	expect(t, open.Require("admin"), sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"sub": "zoe"})), "bearer.scope")
}

func TestSubjectsAlone(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "", p256()))
	guard := newVerifier(t, is.config(newClock())).Require()
	for _, subject := range []string{"alice", "Alice", "alice ", " alice", "bob"} {
		rule := "bearer.subject"
		if subject == "alice" {
			rule = ""
		}
		token := sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"sub": subject}))
		o := try(t, guard, token)
		if o.rule != rule || o.subject != subject {
			t.Errorf("%q: %+v", subject, o)
		}
	}
}

func TestScopesAreAllNeeded(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "", p256()))
	config := is.config(newClock())
	config.Realm, config.ResourceMetadata = "flights", "https://api.example.com/.well-known/oauth-protected-resource"
	guard := newVerifier(t, config).Require("query", "admin", "query")
	expect(t, guard, sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"scope": "admin x query"})), "")
	o := try(t, guard, sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"scope": "query"})))
	// RFC 6750, section 3.1, and RFC 9728, section 5.1.
	want := `Bearer realm="flights", error="insufficient_scope", scope="admin query", resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"`
	if o.status != 403 || o.rule != "bearer.scope" || o.challenge != want || o.subject != "alice" {
		t.Errorf("got %+v, want %s", o, want)
	}
	r, record := request(t)
	want = `Bearer realm="flights", resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"`
	if o := send(t, guard, r, record); o.challenge != want {
		t.Errorf("got %s, want %s", o.challenge, want)
	}
}

// What a client sends never comes back.
func TestChallengeIsConstant(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "", p256()))
	guard := newVerifier(t, is.config(newClock())).Require("query")
	seen := map[string]bool{}
	for _, marker := range []string{"aaaa", `"x`, "\r\nSet-Cookie: a=b", "scope", "<script>"} {
		for _, token := range []string{
			marker, "a." + marker + ".b",
			sign(t, p256(), es256(marker), claimsOf(is.URL, nil)),
			sign(t, p256(), map[string]any{"alg": marker, "kid": "k"}, claimsOf(is.URL, nil)),
			sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"iss": marker, "aud": marker})),
			sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"aud": marker, "sub": marker})),
		} {
			o := try(t, guard, token)
			seen[fmt.Sprint(o.status, o.challenge, o.body)] = true
		}
	}
	if len(seen) != 1 {
		t.Errorf("%d different answers: %v", len(seen), seen)
	}
}

func TestLockout(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "", p256()))
	clock := newClock()
	config := is.config(clock)
	config.DangerouslyNoLockout = false
	config.Client = func(r *http.Request) netip.Addr { return netip.MustParseAddrPort(r.RemoteAddr).Addr() }
	v := newVerifier(t, config)
	guard := v.Require("query")
	from := func(address string, lines ...string) outcome {
		r, record := request(t, lines...)
		r.RemoteAddr = address + ":1"
		return send(t, guard, r, record)
	}
	good := "Bearer " + sign(t, p256(), es256("k"), claimsOf(is.URL, nil))
	expired := "Bearer " + sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"exp": 1}))
	early := "Bearer " + sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"nbf": start.Unix() + 99}))
	scopeless := "Bearer " + sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"scope": ""}))
	forged := "Bearer " + sign(t, p256Two(), es256("k"), claimsOf(is.URL, nil))

	// These are no failed attempts, however many.
	for range 20 {
		for _, lines := range [][]string{nil, {"Basic eA=="}, {expired}, {early}, {scopeless}} {
			from("192.0.2.1", lines...)
		}
	}
	if o := from("192.0.2.1", good); !o.reached {
		t.Fatalf("locked without a failed attempt: %+v", o)
	}
	before := from("192.0.2.1", forged)
	for range 4 {
		from("192.0.2.1", "Bearer x")
	}
	// Locked: also the good token, which is remembered; and the same bytes.
	locked := from("192.0.2.1", good)
	if locked.rule != "bearer.locked" || locked.reached || locked.subject != "" {
		t.Errorf("after five failed attempts: %+v", locked)
	}
	locked.rule, before.rule = "", ""
	if !reflect.DeepEqual(locked, before) {
		t.Errorf("a locked client is told apart:\n%+v\n%+v", locked, before)
	}
	if o := from("192.0.2.1"); o.rule != "bearer.missing" {
		t.Errorf("without a token: %+v", o)
	}
	if o := from("192.0.2.2", good); !o.reached {
		t.Errorf("another client: %+v", o)
	}
	clock.Advance(time.Minute)
	if o := from("192.0.2.1", good); !o.reached {
		t.Errorf("after the pause: %+v", o)
	}
	if s := v.Stats(); s.Refused["bearer.locked"] != 1 || s.Refused["bearer.malformed"] != 4 || s.Verified != 3 {
		t.Errorf("%+v", s)
	}

	// What counts, each alone.
	for i, line := range []string{
		"Bearer x", forged,
		"Bearer " + sign(t, p256(), map[string]any{"alg": "none"}, claimsOf(is.URL, nil)),
		"Bearer " + sign(t, p256(), es256("nobody"), claimsOf(is.URL, nil)),
		"Bearer " + sign(t, p256(), es256("k"), claimsOf("https://evil.example", nil)),
		"Bearer " + sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"aud": "x"})),
		"Bearer " + sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"sub": "eve"})),
		"Bearer " + sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"sub": nil})),
		"Bearer " + sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"cnf": map[string]any{}})),
	} {
		address := fmt.Sprintf("198.51.100.%d", i)
		for n := range 5 {
			if o := from(address, line); o.reached || o.rule == "bearer.locked" {
				t.Errorf("line %d, attempt %d: %+v", i, n, o)
			}
		}
		if o := from(address, good); o.rule != "bearer.locked" {
			t.Errorf("line %d is not counted: %+v", i, o)
		}
	}
}

// Clients whose tokens name a key that cannot be read just now have done nothing wrong.
func TestUnknownKeyWhileTheIssuerIsAwayIsNoAttempt(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "", p256()))
	clock := newClock()
	config := is.config(clock)
	config.DangerouslyNoLockout, config.Client = false, oneClient
	guard := newVerifier(t, config).Require()
	is.handle("/jwks", http.NotFound)
	clock.Advance(time.Minute)
	for range 20 {
		expect(t, guard, sign(t, p256Two(), es256("new"), claimsOf(is.URL, nil)), "bearer.key")
	}
	expect(t, guard, sign(t, p256(), es256("k"), claimsOf(is.URL, nil)), "")
}

func TestCache(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "", p256()))
	clock := newClock()
	v := newVerifier(t, is.config(clock))
	guard := v.Require()
	token := sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"exp": start.Unix() + 100}))
	steps := []struct {
		advance time.Duration
		rule    string
		cached  uint64
	}{
		{0, "", 0},
		{0, "", 1},
		{time.Minute - 1, "", 2},
		{1, "", 2},                                 // a minute old: verified again
		{30 * time.Second, "", 3},                  // 90 s
		{30 * time.Second, "", 3},                  // 120 s, within the skew
		{10*time.Second - 1, "", 4},                // 130 s - 1 ns
		{1, "bearer.expired", 4},                   // exp and the skew are over, a minute is not
		{-130 * time.Second, "", 4},                // the clock is set back
		{100 * time.Hour, "bearer.unavailable", 4}, // the keys are stale, and with them what they verified
	}
	for i, step := range steps {
		clock.Advance(step.advance)
		expect(t, guard, token, step.rule)
		if s := v.Stats(); s.Cached != step.cached {
			t.Fatalf("step %d: %d from the cache, want %d", i, s.Cached, step.cached)
		}
	}
}

// A token that differs in one character is another token.
func TestCacheKnowsTheWholeToken(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "", p256()))
	v := newVerifier(t, is.config(newClock()))
	guard := v.Require()
	token := sign(t, p256(), es256("k"), claimsOf(is.URL, nil))
	expect(t, guard, token, "")
	for i := range token {
		c := byte('A')
		if token[i] == c {
			c = 'B'
		}
		if o := try(t, guard, token[:i]+string(c)+token[i+1:]); o.reached {
			t.Fatalf("position %d: let through", i)
		}
	}
	// A remembered token is judged for each endpoint by itself.
	expect(t, v.Require("admin"), token, "bearer.scope")
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newCache()
	for i := range 100_000 {
		sum := [32]byte{byte(i), byte(i >> 8), byte(i >> 16)}
		c.put(&sum, &verified{from: start, until: start.Add(time.Minute)})
		first := [32]byte{1}
		if i > 1 && c.get(&first, start) == nil {
			t.Fatalf("after %d others a token in use was forgotten", i)
		}
	}
	n := 0
	for i := range c.shards {
		n += len(c.shards[i].young) + len(c.shards[i].old)
	}
	if n > 8192+16 {
		t.Errorf("%d tokens are remembered, want at most 8,192", n)
	}
}

func TestStats(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "", p256()))
	clock := newClock()
	v := newVerifier(t, is.config(clock))
	guard := v.Require()
	good := sign(t, p256(), es256("k"), claimsOf(is.URL, nil))
	for range 3 {
		expect(t, guard, good, "")
	}
	expect(t, guard, "x", "bearer.malformed")
	got := v.Stats()
	if !got.LastFetch.Equal(start) {
		t.Errorf("LastFetch %v", got.LastFetch)
	}
	got.LastFetch = time.Time{}
	want := Stats{Verified: 3, Cached: 2, Refused: map[string]uint64{"bearer.malformed": 1}, Fetches: 1, Keys: 1}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// The guard leaves the ResponseWriter as it is.
func TestResponseWriterIsNotWrapped(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "", p256()))
	w := httptest.NewRecorder()
	r, _ := request(t, "Bearer "+sign(t, p256(), es256("k"), claimsOf(is.URL, nil)))
	newVerifier(t, is.config(newClock())).Require().Wrap(http.HandlerFunc(func(got http.ResponseWriter, _ *http.Request) {
		if got != http.ResponseWriter(w) {
			t.Error("it was wrapped")
		}
	})).ServeHTTP(w, r)
}

// The tokens stay out of the log.
func TestLogHoldsNoToken(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "", p256()))
	config, log := is.config(newClock()), new(lockedBuffer)
	config.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	guard := newVerifier(t, config).Require()
	token := sign(t, p256(), es256("k"), claimsOf(is.URL, nil))
	expect(t, guard, token, "")
	expect(t, guard, token[:len(token)-8]+"AAAAAAAA", "bearer.signature")
	if strings.Contains(log.String(), token[:20]) || !strings.Contains(log.String(), "keys of the issuer read") {
		t.Errorf("the log:\n%s", log)
	}
}

package apikey

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/problem"
)

const forbidden = `{"type":"about:blank","title":"Forbidden","status":403}`

const freeSecret = "Zq3vX8mK1pT6wB9dY4nH7cR2fJ5gL0sA"

func TestRequire(t *testing.T) {
	t.Parallel()
	query, querySecret := generate(t, "query", time.Time{}, Query)
	admin, adminSecret := generate(t, "admin", time.Time{}, Admin, Upload)
	expiring, expiringSecret := generate(t, "expiring", now.Add(time.Hour), Query)
	expired, expiredSecret := generate(t, "expired", now.Add(time.Second), Query)
	expired.Created, expired.Expires = now.Add(-time.Hour), now
	disabled, disabledSecret := generate(t, "disabled", time.Time{}, Query)
	disabled.Disabled = true
	_, stranger := generate(t, "stranger", time.Time{}, Query)
	free, err := FromPlaintext("free", freeSecret, []Scope{Query})
	check(t, err)
	// The id of one key with the secret of another, and a right checksum.
	body := Prefix + query.ID + strings.TrimPrefix(adminSecret, Prefix+admin.ID)[:1+secretLength]
	sum := checksum(body)
	mixed := body + string(sum[:])

	auth, err := New(Config{Keys: NewStore(newSet(t, query, admin, expiring, expired, disabled, free)), Client: strangers(), Now: clock})
	check(t, err)

	tests := []struct {
		name   string
		header http.Header
		target string
		rule   string // "" lets the request through
		key    string // on the record
		id     string
	}{
		{"a key", http.Header{"X-Api-Key": {querySecret}}, "/", "", "query", query.ID},
		{"a key that will expire", http.Header{"X-Api-Key": {expiringSecret}}, "/", "", "expiring", expiring.ID},
		{"a secret of one's own", http.Header{"X-Api-Key": {freeSecret}}, "/", "", "free", ""},
		{"no key", http.Header{}, "/", "key.missing", "", ""},
		{"empty", http.Header{"X-Api-Key": {""}}, "/", "key.malformed", "", ""},
		{"two", http.Header{"X-Api-Key": {querySecret, querySecret}}, "/", "key.malformed", "", ""},
		{"two in one", http.Header{"X-Api-Key": {querySecret + ", " + querySecret}}, "/", "key.malformed", "", ""},
		{"256 bytes", http.Header{"X-Api-Key": {strings.Repeat("x", 256)}}, "/", "key.unknown", "", ""},
		{"257 bytes", http.Header{"X-Api-Key": {strings.Repeat("x", 257)}}, "/", "key.malformed", "", ""},
		{"1 MiB", http.Header{"X-Api-Key": {strings.Repeat("x", 1<<20)}}, "/", "key.malformed", "", ""},
		{"mistyped", http.Header{"X-Api-Key": {querySecret[:30] + "zz" + querySecret[32:]}}, "/", "key.malformed", "", ""},
		{"in capitals", http.Header{"X-Api-Key": {strings.ToUpper(querySecret)}}, "/", "key.unknown", "", ""},
		{"a stranger's", http.Header{"X-Api-Key": {stranger}}, "/", "key.unknown", "", ""},
		{"a known id with another secret", http.Header{"X-Api-Key": {mixed}}, "/", "key.unknown", "", ""},
		{"the hash", http.Header{"X-Api-Key": {query.Hash.String()}}, "/", "key.unknown", "", ""},
		{"almost a secret of one's own", http.Header{"X-Api-Key": {freeSecret + "x"}}, "/", "key.unknown", "", ""},
		{"expired this moment", http.Header{"X-Api-Key": {expiredSecret}}, "/", "key.expired", "expired", ""},
		{"disabled", http.Header{"X-Api-Key": {disabledSecret}}, "/", "key.disabled", "disabled", ""},
		{"without the scope", http.Header{"X-Api-Key": {adminSecret}}, "/", "key.scope", "admin", ""},
		{"as a bearer token", http.Header{"Authorization": {"Bearer " + querySecret}}, "/", "key.missing", "", ""},
		{"as a basic password", http.Header{"Authorization": {"Basic " + querySecret}}, "/", "key.missing", "", ""},
		{"in the query string", http.Header{}, "/?api_key=" + querySecret + "&X-API-Key=" + querySecret, "key.missing", "", ""},
		{"in a cookie", http.Header{"Cookie": {"X-API-Key=" + querySecret}}, "/", "key.missing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got Identity
			reached := false
			h := auth.Require(Query).Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got, reached = FromContext(r.Context())
			}))
			record := new(event.Record)
			// With detail allowed: a refused key must be uniform even then.
			ctx := problem.WithDetail(event.NewContext(t.Context(), record))
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, tt.target, http.NoBody)
			r.Header = tt.header
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)

			if record.Key != tt.key || record.Rule != tt.rule {
				t.Errorf("recorded key %q, rule %q; want %q, %q", record.Key, record.Rule, tt.key, tt.rule)
			}
			if tt.rule == "" {
				want := Identity{ID: tt.id, Name: tt.key, Scopes: []Scope{Query}}
				if !reached || !reflect.DeepEqual(got, want) {
					t.Errorf("identity %+v, %v; want %+v", got, reached, want)
				}
				return
			}
			if reached {
				t.Fatal("the request was let through")
			}
			if w.Code != 403 || w.Body.String() != forbidden || record.Protection != "apikey" || record.Err == nil {
				t.Errorf("got %d %s, recorded %+v", w.Code, w.Body, record)
			}
			if got := w.Header().Get("WWW-Authenticate"); got != "" {
				t.Errorf("WWW-Authenticate: %q", got)
			}
			for _, secret := range append(tt.header["X-Api-Key"], querySecret) {
				if len(secret) > 8 && strings.Contains(record.Err.Error(), secret) {
					t.Errorf("the recorded error quotes the key: %v", record.Err)
				}
			}
		})
	}
}

func TestEveryScopeIsItsOwn(t *testing.T) {
	t.Parallel()
	for _, has := range Scopes() {
		k, secret := generate(t, "k", time.Time{}, has)
		auth, err := New(Config{Keys: NewStore(newSet(t, k)), Client: strangers()})
		check(t, err)
		for _, needs := range Scopes() {
			w := httptest.NewRecorder()
			r, _ := keyRequest(t, secret)
			auth.Require(needs).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
			if let := w.Code == http.StatusOK; let != (has == needs) {
				t.Errorf("a key for %s at an endpoint for %s: let through %v", has, needs, let)
			}
		}
	}
}

func keyRequest(tb testing.TB, secret string) (*http.Request, *event.Record) {
	tb.Helper()
	record := new(event.Record)
	r := httptest.NewRequestWithContext(event.NewContext(tb.Context(), record), http.MethodGet, "/", http.NoBody)
	r.Header.Set("X-API-Key", secret)
	return r, record
}

func TestReplaceTakesEffectAtOnce(t *testing.T) {
	t.Parallel()
	k, secret := generate(t, "k", time.Time{}, Query)
	store := NewStore(newSet(t, k))
	auth, err := New(Config{Keys: store, Client: strangers(), Now: clock})
	check(t, err)
	h := auth.Require(Query).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	k.Disabled = true
	for _, step := range []struct {
		set  *Set
		want int
		rule string
	}{
		{store.Set(), 200, ""},
		{newSet(t, k), 403, "key.disabled"},
		{newSet(t), 403, "key.unknown"},
		{nil, 403, "key.unknown"},
	} {
		store.Replace(step.set)
		r, record := keyRequest(t, secret)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != step.want || record.Rule != step.rule {
			t.Errorf("got %d %q, want %d %q", w.Code, record.Rule, step.want, step.rule)
		}
	}
}

func TestExpiryIsExact(t *testing.T) {
	t.Parallel()
	k, secret := generate(t, "k", now.Add(time.Minute), Query)
	at := now
	auth, err := New(Config{Keys: NewStore(newSet(t, k)), Client: strangers(), Now: func() time.Time { return at }})
	check(t, err)
	h := auth.Require(Query).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{-time.Hour, 200}, {0, 200}, {time.Minute - 1, 200}, {time.Minute, 403}, {time.Hour, 403}} {
		at = now.Add(step.after)
		r, _ := keyRequest(t, secret)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != step.want {
			t.Errorf("after %v: %d, want %d", step.after, w.Code, step.want)
		}
	}
}

func TestNewRefusesToStartWithoutAKey(t *testing.T) {
	t.Parallel()
	off, _ := generate(t, "off", time.Time{}, Query)
	off.Disabled = true
	late, _ := generate(t, "late", now.Add(time.Second), Query)
	for name, store := range map[string]*Store{
		"no store":                nil,
		"zero store":              {},
		"nil set":                 NewStore(nil),
		"no keys":                 NewStore(newSet(t)),
		"all disabled":            NewStore(newSet(t, off)),
		"all disabled or expired": NewStore(newSet(t, off, late)),
	} {
		auth, err := New(Config{Keys: store, Client: strangers(), Now: func() time.Time { return now.Add(time.Hour) }})
		if err == nil || auth != nil || !strings.Contains(err.Error(), "sallyport key new NAME") {
			t.Errorf("%s: %v; want an error that says how to make a key", name, err)
		}
	}
}

func TestRequirePanicsOnMistakes(t *testing.T) {
	t.Parallel()
	k, _ := generate(t, "k", time.Time{}, Query)
	auth, err := New(Config{Keys: NewStore(newSet(t, k)), Client: strangers()})
	check(t, err)
	for want, do := range map[string]func(){
		`Require("")`:       func() { auth.Require("") },
		`Require("Query")`:  func() { auth.Require("Query") },
		"nil Authenticator": func() { (*Authenticator)(nil).Require(Query) },
	} {
		func() {
			defer func() {
				if v, ok := recover().(string); !ok || !strings.Contains(v, want) {
					t.Errorf("%s: panic %v", want, v)
				}
			}()
			do()
		}()
	}
}

func TestHandlersCannotChangeTheSet(t *testing.T) {
	t.Parallel()
	k, secret := generate(t, "k", time.Time{}, Query)
	store := NewStore(newSet(t, k))
	auth, err := New(Config{Keys: store, Client: strangers()})
	check(t, err)
	h := auth.Require(Query).Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		id, _ := FromContext(r.Context())
		if id.Has(Admin) || !id.Has(Query) {
			t.Errorf("scopes %v", id.Scopes)
		}
		id.Scopes[0] = Admin
		_ = append(id.Scopes, Logs)
	}))
	r, _ := keyRequest(t, secret)
	h.ServeHTTP(httptest.NewRecorder(), r)
	if got, _ := store.Set().Get("k"); got.Scopes[0] != Query {
		t.Error("a handler changed the key's scopes")
	}
}

func TestNoIdentityWithoutAGuard(t *testing.T) {
	t.Parallel()
	if id, ok := FromContext(t.Context()); ok || id.Has("") {
		t.Errorf("got %+v", id)
	}
}

func TestHeaderNameIsCanonical(t *testing.T) {
	t.Parallel()
	if got := http.CanonicalHeaderKey("X-API-Key"); got != Header {
		t.Errorf("Header = %q, want %q", Header, got)
	}
}

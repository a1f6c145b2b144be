package bearer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"go.uber.org/goleak"

	"github.com/sallyport-dev/sallyport/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

const audience = "https://api.example.com"

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// clock is a clock that tests move.
type clock struct{ nanoseconds atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.nanoseconds.Store(start.UnixNano())
	return c
}

func (c *clock) Now() time.Time          { return time.Unix(0, c.nanoseconds.Load()) }
func (c *clock) Advance(d time.Duration) { c.nanoseconds.Add(int64(d)) }

// Keys are made once: RSA keys take a while.
var (
	rsa2048 = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	rsaTwo  = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	p256    = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	p256Two = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	p384    = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	// This one is the same in every process of a fuzzer, and so are its signatures.
	edKey = sync.OnceValue(func() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)) })
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// issuer is a real issuer over TLS.
type issuer struct {
	*httptest.Server
	mu        sync.Mutex
	keys      any                         // marshalled as the key set
	document  func() map[string]any       // discovery; nil for a right one
	override  map[string]http.HandlerFunc // by path
	keyReads  atomic.Int64
	discovers atomic.Int64
}

const (
	openIDPath = "/.well-known/openid-configuration"
	oauthPath  = "/.well-known/oauth-authorization-server"
)

func newIssuer(tb testing.TB, keys ...jose.JSONWebKey) *issuer {
	tb.Helper()
	is := &issuer{override: map[string]http.HandlerFunc{}}
	is.publish(keys...)
	is.Server = httptest.NewUnstartedServer(is)
	is.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	is.StartTLS()
	tb.Cleanup(is.Close)
	return is
}

func (is *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case openIDPath, oauthPath:
		is.discovers.Add(1)
	case "/jwks":
		is.keyReads.Add(1)
	}
	is.mu.Lock()
	h, keys, document := is.override[r.URL.Path], is.keys, is.document
	is.mu.Unlock()
	if h != nil {
		h(w, r)
		return
	}
	var answer any
	switch r.URL.Path {
	case openIDPath:
		answer = map[string]any{"issuer": is.URL, "jwks_uri": is.URL + "/jwks"}
		if document != nil {
			answer = document()
		}
	case "/jwks":
		answer = keys
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func (is *issuer) publish(keys ...jose.JSONWebKey) {
	is.mu.Lock()
	defer is.mu.Unlock()
	is.keys = jose.JSONWebKeySet{Keys: append([]jose.JSONWebKey{}, keys...)}
}

func (is *issuer) handle(path string, h http.HandlerFunc) {
	is.mu.Lock()
	defer is.mu.Unlock()
	is.override[path] = h
}

func (is *issuer) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(is.Certificate())
	return pool
}

// config is a valid one for the issuer.
func (is *issuer) config(c *clock) Config {
	return Config{
		Issuer: is.URL, Audience: []string{audience}, Algorithms: []string{"RS256", "ES256", "EdDSA"},
		Subjects: []string{"alice"}, RootCAs: is.roots(), Now: c.Now,
		DangerouslyNoLockout: true, Logger: slog.New(slog.DiscardHandler),
	}
}

func newVerifier(tb testing.TB, c Config) *Verifier {
	tb.Helper()
	v, err := New(tb.Context(), c)
	check(tb, err)
	tb.Cleanup(func() { _ = v.Close() })
	return v
}

func public(kid, alg string, key crypto.Signer) jose.JSONWebKey {
	return jose.JSONWebKey{Key: key.Public(), KeyID: kid, Algorithm: alg, Use: "sig"}
}

// claimsOf is a good payload; changes are added, and nil removes.
func claimsOf(iss string, changes map[string]any) map[string]any {
	c := map[string]any{
		"iss": iss, "sub": "alice", "aud": audience, "exp": start.Add(time.Hour).Unix(),
		"iat": start.Unix(), "scope": "openid query",
	}
	for name, value := range changes {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}
	return c
}

// sign makes a token of any header and payload: maps, or JSON as a string.
func sign(tb testing.TB, key any, header, payload any) string {
	tb.Helper()
	text := func(v any) string {
		if s, ok := v.(string); ok {
			return base64.RawURLEncoding.EncodeToString([]byte(s))
		}
		data, err := json.Marshal(v)
		check(tb, err)
		return base64.RawURLEncoding.EncodeToString(data)
	}
	signed := text(header) + "." + text(payload)
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature(tb, key, header, signed))
}

// signature signs by the key's type, whatever the header says; RSA as the
// header's alg asks for, PKCS #1 v1.5 with SHA-256 in doubt.
func signature(tb testing.TB, key, header any, signed string) []byte {
	tb.Helper()
	digest := crypto.SHA256.New()
	digest.Write([]byte(signed))
	sum := digest.Sum(nil)
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if h, ok := header.(map[string]any); ok && h["alg"] == "PS256" {
			return must(rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum, nil))
		}
		return must(rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum))
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, key, sum)
		check(tb, err)
		size := (key.Curve.Params().BitSize + 7) / 8
		return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
	case ed25519.PrivateKey:
		return ed25519.Sign(key, []byte(signed))
	case func(string) []byte:
		return key(signed)
	}
	tb.Fatalf("cannot sign with %T", key)
	return nil
}

// es256 is the header of most tokens.
func es256(kid string) map[string]any {
	return map[string]any{"alg": "ES256", "kid": kid, "typ": "at+jwt"}
}

// request carries the Authorization lines.
func request(tb testing.TB, lines ...string) (*http.Request, *event.Record) {
	tb.Helper()
	record := new(event.Record)
	r := httptest.NewRequestWithContext(event.NewContext(tb.Context(), record), http.MethodGet, "/", http.NoBody)
	if lines != nil {
		r.Header["Authorization"] = lines
	}
	return r, record
}

// outcome is what became of one request.
type outcome struct {
	status          int
	challenge, rule string
	subject         string
	reached         bool
	identity        Identity
	body            string
}

func send(tb testing.TB, g *Guard, r *http.Request, record *event.Record) outcome {
	tb.Helper()
	var o outcome
	h := g.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		o.identity, o.reached = FromContext(r.Context())
	}))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	o.status, o.body = w.Code, w.Body.String()
	o.challenge = strings.Join(w.Header().Values("WWW-Authenticate"), "\n")
	o.rule, o.subject = record.Rule, record.Subject
	return o
}

// try sends one token.
func try(tb testing.TB, g *Guard, token string) outcome {
	tb.Helper()
	r, record := request(tb, "Bearer "+token)
	return send(tb, g, r, record)
}

// expect sends one token and checks what became of it: "" lets it through.
func expect(tb testing.TB, g *Guard, token, rule string) {
	tb.Helper()
	if o := try(tb, g, token); o.rule != rule || o.reached != (rule == "") {
		tb.Errorf("rule %q, status %d; want %q", o.rule, o.status, rule)
	}
}

func oneClient(*http.Request) netip.Addr { return netip.MustParseAddr("192.0.2.7") }

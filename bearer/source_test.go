package bearer

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// What an issuer answers, and whether New fails, goes on without keys, or has them.
func TestDiscovery(t *testing.T) {
	t.Parallel()
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
	}
	text := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	html := text(200, "<!doctype html><title>Sign in</title>")
	giant := func(w http.ResponseWriter, _ *http.Request) {
		chunk := []byte(strings.Repeat(" ", 1<<16))
		for range 1 << 10 { // 64 MiB, if anybody reads them
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	tests := []struct {
		name    string
		prepare func(is *issuer)
		fatal   string // New's error has it
		failed  string // the log has it, and there are no keys
	}{
		{name: "as it should be"},
		{name: "another issuer", prepare: func(is *issuer) {
			is.document = func() map[string]any {
				return map[string]any{"issuer": "https://evil.example", "jwks_uri": is.URL + "/jwks"}
			}
		}, fatal: `is of the issuer "https://evil.example"`},
		{name: "a slash more", prepare: func(is *issuer) {
			is.document = func() map[string]any {
				return map[string]any{"issuer": is.URL + "/", "jwks_uri": is.URL + "/jwks"}
			}
		}, fatal: "must be the same to the byte"},
		{name: "no issuer", prepare: func(is *issuer) {
			is.document = func() map[string]any { return map[string]any{"jwks_uri": is.URL + "/jwks"} }
		}, fatal: `is of the issuer ""`},
		{name: "ISSUER in capitals", prepare: func(is *issuer) {
			is.document = func() map[string]any { return map[string]any{"ISSUER": is.URL, "jwks_uri": is.URL + "/jwks"} }
		}, fatal: `is of the issuer ""`},
		{name: "no jwks_uri", prepare: func(is *issuer) {
			is.document = func() map[string]any { return map[string]any{"issuer": is.URL} }
		}, fatal: "jwks_uri"},
		{name: "keys by http", prepare: func(is *issuer) {
			is.document = func() map[string]any {
				return map[string]any{"issuer": is.URL, "jwks_uri": "http://keys.example/jwks"}
			}
		}, fatal: "http, which is only for hosts listed as internal"},
		{name: "keys by http from this machine, of an issuer with https", prepare: func(is *issuer) {
			is.document = func() map[string]any {
				return map[string]any{"issuer": is.URL, "jwks_uri": "http://127.0.0.1:1/jwks"}
			}
		}, fatal: "use https"},
		{name: "keys from a file", prepare: func(is *issuer) {
			is.document = func() map[string]any {
				return map[string]any{"issuer": is.URL, "jwks_uri": "file:///etc/passwd"}
			}
		}, fatal: "not an absolute URL"},
		{name: "keys with credentials", prepare: func(is *issuer) {
			is.document = func() map[string]any {
				return map[string]any{"issuer": is.URL, "jwks_uri": "https://u:p@keys.example/jwks"}
			}
		}, fatal: "credentials"},
		{name: "only the address of RFC 8414", prepare: func(is *issuer) {
			is.override[openIDPath] = http.NotFound
			is.override[oauthPath] = func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, is.URL, is.URL+"/jwks")
			}
		}},
		{name: "an application at the first address", prepare: func(is *issuer) {
			is.override[openIDPath] = html
			is.override[oauthPath] = func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, is.URL, is.URL+"/jwks")
			}
		}},
		{name: "another issuer is not helped by the second address", prepare: func(is *issuer) {
			is.document = func() map[string]any {
				return map[string]any{"issuer": "https://evil.example", "jwks_uri": is.URL + "/jwks"}
			}
			is.override[oauthPath] = func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, is.URL, is.URL+"/jwks")
			}
		}, fatal: "evil.example"},
		{name: "the issuer twice", prepare: func(is *issuer) {
			is.override[openIDPath] = func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"issuer":"https://evil.example","issuer":%q,"jwks_uri":%q}`, is.URL, is.URL+"/jwks")
			}
		}, failed: "something else than a JSON object"},
		{name: "nothing at both", prepare: func(is *issuer) { is.override[openIDPath] = http.NotFound }, failed: "answered 404"},
		{name: "HTML with 200", prepare: func(is *issuer) { is.override[openIDPath] = html }, failed: "something else than a JSON object"},
		{name: "redirected", prepare: func(is *issuer) { is.override[openIDPath] = redirect("/elsewhere") }, failed: "redirects are not followed"},
		{name: "broken", prepare: func(is *issuer) { is.override[openIDPath] = text(500, "") }, failed: "answered 500"},
		{name: "giant", prepare: func(is *issuer) { is.override[openIDPath] = giant }, failed: "more than 1048576 bytes"},
		{name: "keys redirected", prepare: func(is *issuer) { is.override["/jwks"] = redirect("/other") }, failed: "redirects are not followed"},
		{name: "keys giant", prepare: func(is *issuer) { is.override["/jwks"] = giant }, failed: "more than 1048576 bytes"},
		{name: "keys HTML", prepare: func(is *issuer) { is.override["/jwks"] = html }, failed: "malformed"},
		{name: "keys empty", prepare: func(is *issuer) { is.override["/jwks"] = text(200, "") }, failed: "malformed"},
		{name: "keys null", prepare: func(is *issuer) { is.override["/jwks"] = text(200, `{"keys":null}`) }, failed: "no array of keys"},
		{name: "keys cut off", prepare: func(is *issuer) {
			is.override["/jwks"] = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "1000")
				_, _ = w.Write([]byte(`{"keys":[`))
			}
		}, failed: "unexpected EOF"},
		{name: "65 keys", prepare: func(is *issuer) {
			is.keys = jose.JSONWebKeySet{Keys: slices.Repeat([]jose.JSONWebKey{public("k", "ES256", p256())}, 65)}
		}, failed: "65 keys; at most 64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			is := newIssuer(t, public("k", "ES256", p256()))
			if tt.prepare != nil {
				tt.prepare(is)
			}
			config, log := is.config(newClock()), new(lockedBuffer)
			config.Logger = slog.New(slog.NewTextHandler(log, nil))
			v, err := New(t.Context(), config)
			if tt.fatal != "" {
				if v != nil || err == nil || !strings.Contains(err.Error(), tt.fatal) || !strings.Contains(err.Error(), "Config.Issuer") {
					t.Errorf("%v; want %q in it", err, tt.fatal)
				}
				return
			}
			check(t, err)
			defer func() { _ = v.Close() }()
			rule := ""
			if tt.failed != "" {
				rule = "bearer.unavailable"
				if !strings.Contains(log.String(), tt.failed) {
					t.Errorf("the log lacks %q:\n%s", tt.failed, log)
				}
			}
			expect(t, v.Require(), sign(t, p256(), es256("k"), claimsOf(is.URL, nil)), rule)
			if strings.Contains(log.String(), "Sign in") {
				t.Error("the log quotes what was answered")
			}
		})
	}
}

// The address of metadata: OpenID Connect Discovery 1.0, section 4.1, and RFC
// 8414, section 3.1, with their examples.
func TestDiscoveryURLs(t *testing.T) {
	t.Parallel()
	for issuer, want := range map[string][]string{
		"https://example.com":          {"https://example.com/.well-known/openid-configuration", "https://example.com/.well-known/oauth-authorization-server"},
		"https://tenant.example.com/":  {"https://tenant.example.com/.well-known/openid-configuration", "https://tenant.example.com/.well-known/oauth-authorization-server"},
		"https://example.com/issuer1":  {"https://example.com/issuer1/.well-known/openid-configuration", "https://example.com/.well-known/oauth-authorization-server/issuer1"},
		"https://example.com/issuer1/": {"https://example.com/issuer1/.well-known/openid-configuration", "https://example.com/.well-known/oauth-authorization-server/issuer1"},
	} {
		if got := discoveryURLs(issuer); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", issuer, got, want)
		}
	}
}

func TestCertificatesAreVerified(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "ES256", p256()))
	config, log := is.config(newClock()), new(lockedBuffer)
	config.RootCAs, config.Logger = nil, slog.New(slog.NewTextHandler(log, nil))
	v := newVerifier(t, config)
	expect(t, v.Require(), sign(t, p256(), es256("k"), claimsOf(is.URL, nil)), "bearer.unavailable")
	if is.discovers.Load() != 0 || !strings.Contains(log.String(), "certificate") {
		t.Errorf("an issuer of an unknown authority was asked:\n%s", log)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	is := &issuer{}
	is.Server = httptest.NewUnstartedServer(is)
	is.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	is.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	is.StartTLS()
	t.Cleanup(is.Close)
	config, log := is.config(newClock()), new(lockedBuffer)
	config.Logger = slog.New(slog.NewTextHandler(log, nil))
	newVerifier(t, config)
	if is.discovers.Load() != 0 || !strings.Contains(log.String(), "protocol version") {
		t.Errorf("TLS 1.1 was spoken:\n%s", log)
	}
}

func TestNoProxyOfTheEnvironment(t *testing.T) {
	t.Parallel()
	transport, ok := newSource(Config{}).client.Transport.(*http.Transport)
	if !ok || transport.Proxy != nil {
		t.Error("a proxy is asked for")
	}
}

func TestInternalIssuerByHTTP(t *testing.T) {
	t.Parallel()
	is := &issuer{keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public("k", "ES256", p256())}}}
	is.Server = httptest.NewServer(is)
	t.Cleanup(is.Close)
	config := Config{
		Issuer: is.URL, Audience: []string{audience}, Subjects: []string{"alice"}, Now: newClock().Now,
		DangerouslyNoLockout: true, Logger: slog.New(slog.DiscardHandler),
	}
	expect(t, newVerifier(t, config).Require(), sign(t, p256(), es256("k"), claimsOf(is.URL, nil)), "")
}

func TestGivenClientFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "ES256", p256()))
	is.override[openIDPath] = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}
	config := is.config(newClock())
	config.RootCAs, config.HTTPClient = nil, is.Client()
	v := newVerifier(t, config)
	expect(t, v.Require(), sign(t, p256(), es256("k"), claimsOf(is.URL, nil)), "bearer.unavailable")
	if config.HTTPClient.CheckRedirect != nil {
		t.Error("the given client was changed")
	}
}

func TestKeySet(t *testing.T) {
	t.Parallel()
	small := must(rsa.GenerateKey(rand.Reader, 1024))
	all := setOf([]string{"RS256", "PS256", "ES256", "ES384", "EdDSA"})
	tests := []struct {
		name string
		keys any
		want int
		skip string
	}{
		{"RSA", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public("k", "RS256", rsa2048())}}, 1, ""},
		{"no use, no alg", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p256().Public(), KeyID: "k"}}}, 1, ""},
		{"for encryption", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: rsa2048().Public(), KeyID: "k", Use: "enc"}}}, 0, "not for signatures"},
		{"alg of encryption", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public("k", "RSA-OAEP", rsa2048())}}, 0, "allowlist"},
		{"alg of another type", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public("k", "RS256", p256())}}, 0, "allowlist"},
		{"alg not allowed", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public("k", "RS512", rsa2048())}}, 0, "allowlist"},
		{"RSA of 1024 bits", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public("k", "RS256", small)}}, 0, "1024 bits"},
		{"a private key", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p256(), KeyID: "k", Use: "sig"}}}, 0, "not a public key"},
		{"a shared secret", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: []byte("0123456789abcdef0123456789abcdef"), KeyID: "k", Algorithm: "HS256"}}}, 0, "not a public key"},
		{"a long id", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public(strings.Repeat("k", 257), "ES256", p256())}}, 0, "longer than 256"},
		{"an id twice", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public("k", "ES256", p256()), public("k", "ES256", p256Two())}}, 1, "another key has its id"},
		{"an id twice, of two types", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public("k", "ES256", p256()), public("k", "RS256", rsa2048())}}, 2, ""},
		{"key_ops to encrypt", map[string]any{"keys": []any{map[string]any{"kty": "EC", "crv": "P-256", "key_ops": []string{"encrypt"}}}}, 0, "key_ops"},
		{"a curve that is not used", map[string]any{"keys": []any{map[string]any{"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}}}, 0, "not understood"},
		{"a point off the curve", map[string]any{"keys": []any{map[string]any{"kty": "EC", "crv": "P-256", "x": b64(strings.Repeat("a", 32)), "y": b64(strings.Repeat("b", 32))}}}, 0, "not understood"},
		{"a type of tomorrow", map[string]any{"keys": []any{map[string]any{"kty": "NEW"}, public("k", "ES256", p256())}}, 1, "not understood"},
		{"not an object", map[string]any{"keys": []any{1, public("k", "ES256", p256())}}, 1, "not a JSON object"},
		{"none", map[string]any{"keys": []any{}}, 0, ""},
	}
	for _, tt := range tests {
		data := must(json.Marshal(tt.keys))
		set, skipped, err := parseKeySet(data, all)
		if err != nil || set.count != tt.want {
			t.Errorf("%s: %v, %+v", tt.name, err, set)
			continue
		}
		if text := fmt.Sprint(errors.Join(skipped...)); tt.skip == "" && len(skipped) > 0 || !strings.Contains(text, tt.skip) {
			t.Errorf("%s: skipped %v, want %q", tt.name, skipped, tt.skip)
		}
	}
}

// A key for which the issuer names no algorithm is good for all of its type that
// are allowed; one for which it does, for that alone.
func TestKeyAndAlgorithm(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("any", "", rsa2048()), public("ps", "PS256", rsaTwo()))
	config := is.config(newClock())
	config.Algorithms = []string{"RS256", "PS256"}
	guard := newVerifier(t, config).Require()
	for _, tt := range []struct {
		alg, kid string
		key      *rsa.PrivateKey
		rule     string
	}{
		{"RS256", "any", rsa2048(), ""},
		{"PS256", "any", rsa2048(), ""},
		{"PS256", "ps", rsaTwo(), ""},
		{"RS256", "ps", rsaTwo(), "bearer.key"},
		{"RS256", "", rsa2048(), ""},           // one key is for RS256
		{"PS256", "", rsa2048(), "bearer.key"}, // two are for PS256
	} {
		header := map[string]any{"alg": tt.alg}
		if tt.kid != "" {
			header["kid"] = tt.kid
		}
		expect(t, guard, sign(t, tt.key, header, claimsOf(is.URL, nil)), tt.rule)
	}
	// A signature of the other scheme by the right key.
	token := sign(t, rsa2048(), map[string]any{"alg": "PS256", "kid": "any"}, claimsOf(is.URL, nil))
	_, rest, _ := strings.Cut(token, ".")
	expect(t, guard, b64(`{"alg":"RS256","kid":"any"}`)+"."+rest, "bearer.signature")
}

func TestIssuerWithoutKeysLetsNobodyIn(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	config, log := is.config(newClock()), new(lockedBuffer)
	config.Logger = slog.New(slog.NewTextHandler(log, nil))
	v := newVerifier(t, config)
	expect(t, v.Require(), sign(t, p256(), es256("k"), claimsOf(is.URL, nil)), "bearer.key")
	expect(t, v.Require(), sign(t, p256(), map[string]any{"alg": "ES256"}, claimsOf(is.URL, nil)), "bearer.key")
	if !strings.Contains(log.String(), "no key that can be used") {
		t.Errorf("the log does not say so:\n%s", log)
	}
}

package bearer

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// fuzzGuard needs no network.
func fuzzGuard(f *testing.F) *Guard {
	f.Helper()
	v, err := New(f.Context(), Config{
		Issuer: fakeIssuer, Audience: []string{audience}, Algorithms: []string{"RS256", "ES256", "EdDSA"},
		Subjects: []string{"alice"}, Now: newClock().Now, DangerouslyNoLockout: true,
		HTTPClient: &http.Client{Transport: serving(public("ed", "", edKey()), public("ec", "ES256", p256()), public("rsa", "", rsa2048()))},
		Logger:     slog.New(slog.DiscardHandler),
	})
	check(f, err)
	f.Cleanup(func() { _ = v.Close() })
	return v.Require()
}

// Whatever stands in the header: no panic, one of the documented answers, and
// never let through but by the tokens that the issuer signed.
func FuzzHeader(f *testing.F) {
	guard := fuzzGuard(f)
	good := map[string]bool{}
	for _, header := range []string{`{"alg":"EdDSA","kid":"ed"}`, `{"alg":"EdDSA","typ":"at+jwt"}`} {
		token := sign(f, edKey(), header, claimsOf(fakeIssuer, nil))
		good[token] = true
		f.Add("Bearer " + token)
		f.Add("bearer  " + token)
		parts := strings.Split(token, ".")
		f.Add("Bearer " + b64(`{"alg":"none"}`) + "." + parts[1] + ".")
		f.Add("Bearer " + b64(`{"alg":"none"}`) + "." + parts[1] + "." + parts[2])
		f.Add("Bearer " + b64(`{"alg":"HS256","kid":"rsa"}`) + "." + parts[1] + "." + parts[2])
		f.Add("Bearer " + b64(`{"alg":"ES256","kid":"rsa","crit":[]}`) + "." + parts[1] + "." + parts[2])
		f.Add("Bearer " + token + "=")
		f.Add("Bearer " + token[:len(token)-1])
	}
	for _, s := range []string{"", "Bearer", "Bearer ", "Basic eA==", "Bearer ..", "Bearer a.b.c", "Bearer a.b.c.d.e", "Bearer {}", "Bearer " + strings.Repeat(".", 9000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		r, record := request(t, line)
		o := send(t, guard, r, record)
		if o.reached {
			if scheme, token, _ := strings.Cut(line, " "); !strings.EqualFold(scheme, "Bearer") || !good[strings.TrimLeft(token, " ")] {
				t.Fatalf("let through: %q", line)
			}
			return
		}
		if o.status != 401 || o.challenge != challengeInvalid && o.challenge != challengeAbsent || o.body != body401 || o.rule == "" {
			t.Fatalf("%q: %+v", line, o)
		}
	})
}

// staticKeys are the issuer's for the other verifier.
type staticKeys struct{}

func (staticKeys) VerifySignature(_ context.Context, token string) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return nil, err
	}
	return jws.Verify(p256().Public())
}

// Payloads that the issuer really signed: what is let through, go-oidc verifies
// too, and finds the same user in it.
func FuzzClaimsAgree(f *testing.F) {
	guard := fuzzGuard(f)
	other := oidc.NewVerifier(fakeIssuer, staticKeys{}, &oidc.Config{
		ClientID: audience, SupportedSigningAlgs: []string{oidc.ES256},
		Now: func() time.Time { return start.Add(-defaultSkew) }, // it knows no skew for exp
	})
	base := string(must(json.Marshal(claimsOf(fakeIssuer, nil))))
	f.Add(base)
	for _, s := range []string{
		`{"iss":"x",` + base[1:], `{"sub":"eve","sub":"alice",` + base[1:], `{"Sub":"eve",` + base[1:],
		strings.Replace(base, `"aud":"`+audience+`"`, `"aud":["a","`+audience+`"]`, 1),
		strings.Replace(base, `"exp":`, `"exp":1e3,"x":`, 1),
		strings.Replace(base, `"exp":`, `"exp":1769867999.5,"x":`, 1),
		strings.Replace(base, `"exp":`, `"nbf":1e400,"exp":`, 1),
		`{"email":"a@b","email_verified":true,` + base[1:], `{"cnf":{},` + base[1:], `{"_claim_names":{"a":"b"},` + base[1:],
		"null", "[]", `"x"`, "{}", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		if payload == "" || len(payload) > 5000 {
			return
		}
		token := sign(t, p256(), es256("ec"), payload)
		o := try(t, guard, token)
		if !o.reached {
			return
		}
		id, err := other.Verify(t.Context(), token)
		if err != nil {
			// It follows references to claims elsewhere, which are nothing to us.
			if strings.Contains(err.Error(), "source") || strings.Contains(payload, "_claim") {
				return
			}
			t.Fatalf("let through, but go-oidc says: %v\n%s", err, payload)
		}
		if id.Issuer != o.identity.Issuer || id.Subject != o.identity.Subject || o.subject != "alice" {
			t.Fatalf("let through as %q of %q; go-oidc finds %q of %q\n%s", o.identity.Subject, o.identity.Issuer, id.Subject, id.Issuer, payload)
		}
	})
}

// No document makes keys of what is not a public key, or more of them than allowed.
func FuzzKeySet(f *testing.F) {
	for _, keys := range []any{
		jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public("a", "RS256", rsa2048()), public("b", "", p256()), public("c", "EdDSA", edKey())}},
		jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p256(), KeyID: "private"}, {Key: []byte("0123456789abcdef"), KeyID: "secret"}}},
		map[string]any{"keys": []any{1, nil, "x", map[string]any{"kty": "RSA", "n": "AA", "e": "AQAB"}}},
		map[string]any{"keys": []any{map[string]any{"kty": "EC", "crv": "P-256", "x5c": []string{"AA"}}}},
		nil,
	} {
		f.Add(must(json.Marshal(keys)))
	}
	allowed := setOf(strings.Split(algorithmNames, ", "))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, _, err := parseKeySet(data, allowed)
		if err != nil {
			return
		}
		if set.count > maxKeys || set.count == 0 && len(set.named)+len(set.sole) > 0 {
			t.Fatalf("%d keys", set.count)
		}
		for name, key := range set.named {
			if kind, err := typeOf(key); err != nil || kind != algorithms[name.alg] || name.kid == "" {
				t.Fatalf("%+v: %T, %v", name, key, err)
			}
		}
		for alg, key := range set.sole {
			if kind, err := typeOf(key); err != nil || kind != algorithms[alg] {
				t.Fatalf("%s: %T, %v", alg, key, err)
			}
		}
	})
}

// Names that occur twice are found as a reader finds them who keeps all of them.
func FuzzObject(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":1,"a":2}`, `{"a":{"b":1},"c":[{"b":1},{"b":2}]}`, `{"a":"a","b":"a"}`, `{"\u0061":1,"a":2}`, `[{"a":1}]`, `{"a":[1,"a","a"]}`, "null", `{"a":1} {}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		members, err := parseObject(data)
		if err != nil {
			return
		}
		var again map[string]any
		decoder := json.NewDecoder(bytes.NewReader(data))
		if err := decoder.Decode(&again); err != nil || decoder.More() {
			t.Fatalf("accepted, but is not one value: %q", data)
		}
		if len(again) != len(members) {
			t.Fatalf("%d members, want %d: %q", len(members), len(again), data)
		}
		// Written again without duplicates, it has as many strings before a colon.
		compact := must(json.Marshal(again))
		if _, err := parseObject(compact); err != nil {
			t.Fatalf("%q is refused, but not %q", compact, data)
		}
		if got, want := countNames(data), countNames(compact); got != want {
			t.Fatalf("%d names, %d of them different: %q", got, want, data)
		}
	})
}

// countNames counts the colons outside of strings.
func countNames(data []byte) int {
	n, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == ':' && !quoted:
			n++
		}
	}
	return n
}

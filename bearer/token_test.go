package bearer

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// The whole answers: RFC 6750, section 3, and RFC 9457.
const (
	challengeAbsent  = `Bearer realm="api"`
	challengeInvalid = `Bearer realm="api", error="invalid_token"`
	challengeScope   = `Bearer realm="api", error="insufficient_scope", scope="query"`
	body401          = `{"type":"about:blank","title":"Unauthorized","status":401}`
	body403          = `{"type":"about:blank","title":"Forbidden","status":403}`
)

func hmacWith(secret []byte) func(string) []byte {
	return func(signed string) []byte {
		m := hmac.New(sha256.New, secret)
		m.Write([]byte(signed))
		return m.Sum(nil)
	}
}

type tokenCase struct {
	name  string
	lines []string // of Authorization
	rule  string   // "" lets the request through
}

func TestTokens(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("ec", "ES256", p256()), public("rsa", "RS256", rsa2048()), public("ed", "", edKey()))
	config := is.config(newClock())
	config.Emails = []string{"Ana@Example.com", "@example.org"}
	config.Audience = []string{audience, "second"}
	guard := newVerifier(t, config).Require("query")

	cases := slices.Concat(lineCases(t, is), headerCases(t, is), claimCases(t, is), timeCases(t, is), peopleCases(t, is))
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, record := request(t, tt.lines...)
			o := send(t, guard, r, record)
			if o.rule != tt.rule {
				t.Fatalf("rule %q (%v), want %q", o.rule, record.Err, tt.rule)
			}
			if tt.rule == "" {
				if !o.reached || o.status != 200 || o.identity.Issuer != is.URL || o.identity.Subject != o.subject || o.subject == "" {
					t.Errorf("not let through rightly: %+v", o)
				}
				return
			}
			status, challenge, body := 401, challengeInvalid, body401
			switch tt.rule {
			case "bearer.missing":
				challenge = challengeAbsent
			case "bearer.scope":
				status, challenge, body = 403, challengeScope, body403
			case "bearer.subject", "bearer.email", "bearer.client":
				status, challenge, body = 403, "", body403
			}
			if o.reached || o.status != status || o.challenge != challenge || o.body != body || record.Protection != "bearer" {
				t.Errorf("got %+v, protection %q; want %d, %s", o, record.Protection, status, challenge)
			}
			named := slices.Contains([]string{"bearer.expired", "bearer.not_yet", "bearer.bound", "bearer.email", "bearer.scope"}, tt.rule)
			if (o.subject != "") != named {
				t.Errorf("recorded subject %q", o.subject)
			}
			for _, line := range tt.lines {
				if len(line) > 16 && strings.Contains(record.Err.Error(), line[len(line)-16:]) {
					t.Errorf("the recorded error quotes the token: %v", record.Err)
				}
			}
		})
	}
	if len(cases) < 60 {
		t.Errorf("only %d cases", len(cases))
	}
}

// lineCases are about the Authorization line and the form of the token.
func lineCases(t *testing.T, is *issuer) []tokenCase {
	t.Helper()
	good := sign(t, p256(), es256("ec"), claimsOf(is.URL, nil))
	parts := strings.Split(good, ".")
	// 64 bytes of signature end with two unused bits, which are 0: any other last
	// character of the same byte is another way to write it.
	alphabet := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, good[len(good)-1])
	loose := good[:len(good)-1] + string(alphabet[last+1])
	fill := strings.Repeat("a", 8192)
	padded := sign(t, p256(), es256("ec"), claimsOf(is.URL, map[string]any{"pad": fill[:5200]}))
	return []tokenCase{
		{"good", []string{"Bearer " + good}, ""},
		{"scheme in capitals", []string{"BEARER " + good}, ""},
		{"scheme in lower case", []string{"bearer " + good}, ""},
		{"three spaces", []string{"Bearer   " + good}, ""},
		{"large, but within the bound", []string{"Bearer " + padded}, ""},
		{"a line of 8 KiB", []string{"Bearer" + strings.Repeat(" ", 8192-len("Bearer")-len(good)) + good}, ""},
		{"a line of 8 KiB and a byte", []string{"Bearer" + strings.Repeat(" ", 8193-len("Bearer")-len(good)) + good}, "bearer.malformed"},
		{"no header", nil, "bearer.missing"},
		{"empty header", []string{""}, "bearer.missing"},
		{"another scheme", []string{"Basic YWxpY2U6c2VjcmV0"}, "bearer.missing"},
		{"a scheme that begins alike", []string{"BearerX " + good}, "bearer.missing"},
		{"no scheme", []string{good}, "bearer.missing"},
		{"a tab for the space", []string{"Bearer\t" + good}, "bearer.missing"},
		{"DPoP scheme", []string{"DPoP " + good}, "bearer.missing"},
		{"scheme only", []string{"Bearer"}, "bearer.malformed"},
		{"scheme and spaces", []string{"Bearer   "}, "bearer.malformed"},
		{"two headers", []string{"Bearer " + good, "Bearer " + good}, "bearer.malformed"},
		{"two headers, one of them Basic", []string{"Bearer " + good, "Basic eA=="}, "bearer.malformed"},
		{"two tokens in one header", []string{"Bearer " + good + ", Bearer " + good}, "bearer.malformed"},
		{"a parameter after it", []string{"Bearer " + good + " realm=x"}, "bearer.malformed"},
		{"a space behind it", []string{"Bearer " + good + " "}, "bearer.malformed"},
		{"a line feed in it", []string{"Bearer " + good[:20] + "\n" + good[20:]}, "bearer.malformed"},
		{"a NUL in it", []string{"Bearer " + good[:20] + "\x00" + good[20:]}, "bearer.malformed"},
		{"in quotes", []string{`Bearer "` + good + `"`}, "bearer.malformed"},
		{"more than 8 KiB", []string{"Bearer " + fill + "." + fill + "." + fill}, "bearer.malformed"},
		{"opaque", []string{"Bearer ya29.a0AfH6SMBx"}, "bearer.malformed"},
		{"one part", []string{"Bearer " + parts[0]}, "bearer.malformed"},
		{"two parts", []string{"Bearer " + parts[0] + "." + parts[1]}, "bearer.malformed"},
		{"without signature", []string{"Bearer " + parts[0] + "." + parts[1] + "."}, "bearer.malformed"},
		{"without payload", []string{"Bearer " + parts[0] + ".." + parts[2]}, "bearer.malformed"},
		{"four parts", []string{"Bearer " + good + ".x"}, "bearer.malformed"},
		{"five parts, as encrypted", []string{"Bearer " + parts[0] + ".a.b.c.d"}, "bearer.malformed"},
		{"dots only", []string{"Bearer .."}, "bearer.malformed"},
		{"padding", []string{"Bearer " + good + "="}, "bearer.malformed"},
		{"base64 of the other alphabet", []string{"Bearer " + parts[0] + "." + parts[1] + ".a+/b"}, "bearer.malformed"},
		{"another spelling of the signature", []string{"Bearer " + loose}, "bearer.malformed"},
		{"JSON serialization", []string{`Bearer {"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`}, "bearer.malformed"},
	}
}

// headerCases are about the JOSE header, the key and the signature.
func headerCases(t *testing.T, is *issuer) []tokenCase {
	t.Helper()
	payload := claimsOf(is.URL, nil)
	bearer := func(key, header any) []string { return []string{"Bearer " + sign(t, key, header, payload)} }
	h := func(changes map[string]any) map[string]any {
		header := es256("ec")
		for name, value := range changes {
			if header[name] = value; value == nil {
				delete(header, name)
			}
		}
		return header
	}
	rsaDER, err := x509.MarshalPKIXPublicKey(rsa2048().Public())
	check(t, err)
	rsaPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: rsaDER})
	good := strings.Split(sign(t, p256(), es256("ec"), payload), ".")
	other := strings.Split(sign(t, p256(), es256("ec"), claimsOf(is.URL, map[string]any{"sub": "mallory"})), ".")
	stranger := public("ec", "ES256", p256Two())
	cases := []tokenCase{
		{"RS256", bearer(rsa2048(), map[string]any{"alg": "RS256", "kid": "rsa"}), ""},
		{"EdDSA", bearer(edKey(), map[string]any{"alg": "EdDSA", "kid": "ed"}), ""},
		{"no kid, and one key for the algorithm", bearer(p256(), h(map[string]any{"kid": nil})), ""},
		{"no typ", bearer(p256(), h(map[string]any{"typ": nil})), ""},
		{"typ JWT", bearer(p256(), h(map[string]any{"typ": "JWT"})), ""},
		{"typ application/at+jwt", bearer(p256(), h(map[string]any{"typ": "Application/AT+JWT"})), ""},
		{"cty json", bearer(p256(), h(map[string]any{"cty": "json"})), ""},
		{"a private header", bearer(p256(), h(map[string]any{"x-version": 2})), ""},
		{"jku of a stranger, signed by the issuer", bearer(p256(), h(map[string]any{"jku": "https://evil.example/jwks"})), ""},
		{"alg none", bearer(func(string) []byte { return nil }, h(map[string]any{"alg": "none"})), "bearer.malformed"},
		{"alg none with a signature", bearer(p256(), h(map[string]any{"alg": "none"})), "bearer.algorithm"},
		{"alg NONE", bearer(p256(), h(map[string]any{"alg": "NONE"})), "bearer.algorithm"},
		{"alg in another case", bearer(p256(), h(map[string]any{"alg": "es256"})), "bearer.algorithm"},
		{"HS256 with the public key in PEM as secret", bearer(hmacWith(rsaPEM), h(map[string]any{"alg": "HS256", "kid": "rsa"})), "bearer.algorithm"},
		{"HS256 with the public key in DER as secret", bearer(hmacWith(rsaDER), h(map[string]any{"alg": "HS256", "kid": "rsa"})), "bearer.algorithm"},
		{"HS256 with an empty secret", bearer(hmacWith(nil), h(map[string]any{"alg": "HS256"})), "bearer.algorithm"},
		{"PS256, not allowed", bearer(rsa2048(), map[string]any{"alg": "PS256", "kid": "rsa"}), "bearer.algorithm"},
		{"ES384, not allowed", bearer(p384(), h(map[string]any{"alg": "ES384"})), "bearer.algorithm"},
		{"RS256 for the key of ES256", bearer(rsa2048(), map[string]any{"alg": "RS256", "kid": "ec"}), "bearer.key"},
		{"ES256 for the key of RS256", bearer(p256(), h(map[string]any{"kid": "rsa"})), "bearer.key"},
		{"EdDSA for the key of ES256", bearer(edKey(), map[string]any{"alg": "EdDSA", "kid": "ec"}), "bearer.key"},
		{"no alg", bearer(p256(), h(map[string]any{"alg": nil})), "bearer.malformed"},
		{"alg a number", bearer(p256(), h(map[string]any{"alg": 256})), "bearer.malformed"},
		{"alg a list", bearer(p256(), h(map[string]any{"alg": []string{"ES256"}})), "bearer.malformed"},
		{"ALG in capitals beside it", bearer(p256(), `{"ALG":"ES256","kid":"ec"}`), "bearer.malformed"},
		{"alg twice", bearer(p256(), `{"alg":"none","alg":"ES256","kid":"ec"}`), "bearer.malformed"},
		{"alg twice, once escaped", bearer(p256(), `{"alg":"none","\u0061lg":"ES256","kid":"ec"}`), "bearer.malformed"},
		{"kid twice", bearer(p256(), `{"alg":"ES256","kid":"x","kid":"ec"}`), "bearer.malformed"},
		{"a member twice, deep", bearer(p256(), `{"alg":"ES256","kid":"ec","jwk":{"a":1,"a":2}}`), "bearer.malformed"},
		{"two objects", bearer(p256(), `{"alg":"ES256","kid":"ec"}{}`), "bearer.malformed"},
		{"not an object", bearer(p256(), `["ES256"]`), "bearer.malformed"},
		{"null", bearer(p256(), `null`), "bearer.malformed"},
		{"not JSON", bearer(p256(), `{alg:ES256}`), "bearer.malformed"},
		{"not UTF-8", bearer(p256(), "{\"alg\":\"ES256\",\"kid\":\"ec\",\"a\":\"\xff\"}"), "bearer.malformed"},
		{"nested deep", bearer(p256(), `{"alg":"ES256","kid":"ec","a":`+strings.Repeat("[", 100)+strings.Repeat("]", 100)+`}`), "bearer.malformed"},
		{"a header of more than 4 KiB", bearer(p256(), h(map[string]any{"pad": strings.Repeat("a", 4096)})), "bearer.malformed"},
		{"unknown kid", bearer(p256(), es256("nobody")), "bearer.key"},
		{"kid with a path", bearer(p256(), es256("../../../../dev/null")), "bearer.key"},
		{"kid with SQL", bearer(p256(), es256("x' UNION SELECT 'key")), "bearer.key"},
		{"kid that is a URL", bearer(p256(), es256("https://evil.example/key")), "bearer.key"},
		{"kid in another case", bearer(p256(), es256("EC")), "bearer.key"},
		{"kid with NUL", bearer(p256(), es256("ec\x00")), "bearer.key"},
		{"kid empty", bearer(p256(), es256("")), "bearer.malformed"},
		{"kid a number", bearer(p256(), h(map[string]any{"kid": 1})), "bearer.malformed"},
		{"kid null", bearer(p256(), `{"alg":"ES256","kid":null}`), "bearer.malformed"},
		{"kid of 257 bytes", bearer(p256(), es256(strings.Repeat("k", 257))), "bearer.malformed"},
		{"crit", bearer(p256(), h(map[string]any{"crit": []string{"exp"}, "exp": 1})), "bearer.type"},
		{"crit empty", bearer(p256(), h(map[string]any{"crit": []string{}})), "bearer.type"},
		{"b64 without crit", bearer(p256(), h(map[string]any{"b64": false})), "bearer.type"},
		{"b64", bearer(p256(), h(map[string]any{"b64": false, "crit": []string{"b64"}})), "bearer.type"},
		{"enc", bearer(p256(), h(map[string]any{"enc": "A256GCM"})), "bearer.type"},
		{"cty JWT: nested", bearer(p256(), h(map[string]any{"cty": "JWT"})), "bearer.type"},
		{"a DPoP proof", bearer(p256(), h(map[string]any{"typ": "dpop+jwt"})), "bearer.type"},
		{"a logout token", bearer(p256(), h(map[string]any{"typ": "logout+jwt"})), "bearer.type"},
		{"a security event", bearer(p256(), h(map[string]any{"typ": "secevent+jwt"})), "bearer.type"},
		{"typ a list", bearer(p256(), h(map[string]any{"typ": []string{"JWT"}})), "bearer.type"},
		{"signed by a stranger", bearer(p256Two(), es256("ec")), "bearer.signature"},
		{"signed by a stranger whose key is in jwk", bearer(p256Two(), h(map[string]any{"jwk": stranger})), "bearer.signature"},
		{"signed by a stranger whose keys are at jku", bearer(p256Two(), h(map[string]any{"jku": is.URL + "/evil"})), "bearer.signature"},
		{"signed by a stranger whose certificate is at x5u", bearer(p256Two(), h(map[string]any{"x5u": is.URL + "/evil"})), "bearer.signature"},
		{"RS256 with another RSA key", bearer(rsaTwo(), map[string]any{"alg": "RS256", "kid": "rsa"}), "bearer.signature"},
		{"signature of zeros (CVE-2022-21449)", bearer(func(string) []byte { return make([]byte, 64) }, es256("ec")), "bearer.signature"},
		{"signature in DER", bearer(func(string) []byte { return []byte{0x30, 6, 2, 1, 1, 2, 1, 1} }, es256("ec")), "bearer.signature"},
		{"signature of another payload", []string{"Bearer " + good[0] + "." + other[1] + "." + good[2]}, "bearer.signature"},
		{"signature of another header", []string{"Bearer " + b64(`{"alg":"ES256","kid":"ec"}`) + "." + good[1] + "." + good[2]}, "bearer.signature"},
	}
	return cases
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// claimCases are about the payload, but for times and people.
func claimCases(t *testing.T, is *issuer) []tokenCase {
	t.Helper()
	with := func(name string, changes map[string]any, rule string) tokenCase {
		return tokenCase{name, []string{"Bearer " + sign(t, p256(), es256("ec"), claimsOf(is.URL, changes))}, rule}
	}
	raw := func(name, payload, rule string) tokenCase {
		return tokenCase{name, []string{"Bearer " + sign(t, p256(), es256("ec"), payload)}, rule}
	}
	base := fmt.Sprintf(`"iss":%q,"sub":"alice","aud":%q,"exp":%d,"scope":"query"`, is.URL, audience, start.Add(time.Hour).Unix())
	return []tokenCase{
		raw("written by hand", "{"+base+"}", ""),
		with("aud a list of one", map[string]any{"aud": []string{audience}}, ""),
		with("aud a list", map[string]any{"aud": []string{"other", "second"}}, ""),
		with("aud another", map[string]any{"aud": "https://other.example"}, "bearer.audience"),
		with("aud with a slash", map[string]any{"aud": audience + "/"}, "bearer.audience"),
		with("aud in capitals", map[string]any{"aud": strings.ToUpper(audience)}, "bearer.audience"),
		with("aud that begins alike", map[string]any{"aud": audience + ".evil.example"}, "bearer.audience"),
		with("two in one aud", map[string]any{"aud": audience + " second"}, "bearer.audience"),
		with("aud an empty list", map[string]any{"aud": []string{}}, "bearer.audience"),
		with("aud missing", map[string]any{"aud": nil}, "bearer.audience"),
		with("aud a number", map[string]any{"aud": 1}, "bearer.claims"),
		with("aud a list with a number", map[string]any{"aud": []any{audience, 1}}, "bearer.claims"),
		with("aud an object", map[string]any{"aud": map[string]any{audience: true}}, "bearer.claims"),
		raw("aud null", strings.Replace("{"+base+"}", `"`+audience+`"`, "null", 1), "bearer.claims"),
		with("iss another", map[string]any{"iss": "https://evil.example"}, "bearer.issuer"),
		with("iss with a slash", map[string]any{"iss": is.URL + "/"}, "bearer.issuer"),
		with("iss in capitals", map[string]any{"iss": strings.ToUpper(is.URL)}, "bearer.issuer"),
		with("iss without scheme", map[string]any{"iss": strings.TrimPrefix(is.URL, "https://")}, "bearer.issuer"),
		with("iss missing", map[string]any{"iss": nil}, "bearer.issuer"),
		with("iss a list", map[string]any{"iss": []string{is.URL}}, "bearer.issuer"),
		raw("iss twice", `{"iss":"https://evil.example",`+base+`}`, "bearer.claims"),
		raw("sub twice", `{"sub":"mallory",`+base+`}`, "bearer.claims"),
		raw("twice, deep", `{"act":{"sub":"a","sub":"b"},`+base+`}`, "bearer.claims"),
		raw("SUB beside sub", `{"SUB":"mallory",`+base+`}`, ""),
		raw("not an object", `"hello"`, "bearer.claims"),
		raw("not JSON", `{`+base, "bearer.claims"),
		raw("two objects", `{`+base+`}{}`, "bearer.claims"),
		raw("a nested token", sign(t, p256(), es256("ec"), "{"+base+"}"), "bearer.claims"),
		raw("not UTF-8", "{\"a\":\"\xc3\x28\","+base+"}", "bearer.claims"),
		raw("nested deep", `{"a":`+strings.Repeat(`{"a":`, 50)+"1"+strings.Repeat("}", 50)+","+base+`}`, "bearer.claims"),
		with("sub missing", map[string]any{"sub": nil}, "bearer.claims"),
		with("sub empty", map[string]any{"sub": ""}, "bearer.claims"),
		with("sub a number", map[string]any{"sub": 7}, "bearer.claims"),
		with("sub of 256 bytes", map[string]any{"sub": strings.Repeat("s", 256)}, "bearer.claims"),
		with("sub with a line feed", map[string]any{"sub": "alice\nlevel=ERROR"}, "bearer.claims"),
		with("sub not ASCII", map[string]any{"sub": "аlice"}, "bearer.claims"),
		with("bound to a certificate", map[string]any{"cnf": map[string]any{"x5t#S256": "x"}}, "bearer.bound"),
		with("bound to a key", map[string]any{"cnf": map[string]any{"jkt": "x"}}, "bearer.bound"),
		with("a logout token without typ", map[string]any{"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}}, "bearer.type"),
		with("without the scope", map[string]any{"scope": "openid"}, "bearer.scope"),
		with("a scope that begins alike", map[string]any{"scope": "query:none queryx Query"}, "bearer.scope"),
		with("scopes in scp, as a list", map[string]any{"scope": nil, "scp": []string{"a", "query"}}, ""),
		with("scopes in scp, as a text", map[string]any{"scope": nil, "scp": "a query"}, ""),
		with("scope is asked before scp", map[string]any{"scope": "a", "scp": "query"}, "bearer.scope"),
		with("no scopes", map[string]any{"scope": nil}, "bearer.scope"),
		with("scopes by commas", map[string]any{"scope": "a,query"}, "bearer.scope"),
		with("scope an object", map[string]any{"scope": map[string]any{"query": true}}, "bearer.claims"),
		with("azp", map[string]any{"azp": "spa"}, ""),
		with("azp a list", map[string]any{"azp": []string{"spa"}}, "bearer.claims"),
	}
}

// timeCases are about exp, nbf and iat with the skew of 30 s.
func timeCases(t *testing.T, is *issuer) []tokenCase {
	t.Helper()
	now := start.Unix()
	raw := func(name, members, rule string) tokenCase {
		payload := fmt.Sprintf(`{"iss":%q,"sub":"alice","aud":%q,"scope":"query"%s}`, is.URL, audience, members)
		return tokenCase{name, []string{"Bearer " + sign(t, p256(), es256("ec"), payload)}, rule}
	}
	at := func(name string, seconds int64) string { return fmt.Sprintf(`,%q:%d`, name, seconds) }
	exp := at("exp", now+60)
	return []tokenCase{
		raw("exp in a second", at("exp", now+1), ""),
		raw("exp now, within the skew", at("exp", now), ""),
		raw("exp 29 s ago", at("exp", now-29), ""),
		raw("exp 30 s ago", at("exp", now-30), "bearer.expired"),
		raw("exp long ago", at("exp", 1), "bearer.expired"),
		raw("exp 0", at("exp", 0), "bearer.expired"),
		raw("exp negative", at("exp", -1), "bearer.expired"),
		raw("exp with a fraction, within", fmt.Sprintf(`,"exp":%d.5`, now-30), ""),
		raw("exp with a fraction, over", fmt.Sprintf(`,"exp":%d.5`, now-31), "bearer.expired"),
		raw("exp with an exponent", `,"exp":2e9`, ""),
		raw("exp missing", "", "bearer.claims"),
		raw("exp null", `,"exp":null`, "bearer.claims"),
		raw("exp a string", fmt.Sprintf(`,"exp":"%d"`, now+60), "bearer.claims"),
		raw("exp a list", fmt.Sprintf(`,"exp":[%d]`, now+60), "bearer.claims"),
		raw("exp true", `,"exp":true`, "bearer.claims"),
		raw("exp in milliseconds", at("exp", (now+60)*1000), "bearer.claims"),
		raw("exp of 2^63", `,"exp":9223372036854775808`, "bearer.claims"),
		raw("exp of 1e400", `,"exp":1e400`, "bearer.claims"),
		raw("exp of -1e400", `,"exp":-1e400`, "bearer.claims"),
		raw("exp twice", at("exp", 1)+exp, "bearer.claims"),
		raw("nbf in the past", exp+at("nbf", now-1000), ""),
		raw("nbf in 30 s", exp+at("nbf", now+30), ""),
		raw("nbf in 31 s", exp+at("nbf", now+31), "bearer.not_yet"),
		raw("nbf with a fraction", exp+fmt.Sprintf(`,"nbf":%d.001`, now+30), "bearer.not_yet"),
		raw("nbf a string", exp+`,"nbf":"0"`, "bearer.claims"),
		raw("nbf huge", exp+`,"nbf":1e300`, "bearer.claims"),
		raw("iat in 30 s", exp+at("iat", now+30), ""),
		raw("iat in 31 s", exp+at("iat", now+31), "bearer.not_yet"),
		raw("iat negative", exp+at("iat", -5), ""),
		raw("iat a string", exp+`,"iat":"now"`, "bearer.claims"),
	}
}

// peopleCases are about who may come in: alice by her subject, Ana@Example.com,
// and everybody of example.org.
func peopleCases(t *testing.T, is *issuer) []tokenCase {
	t.Helper()
	with := func(name string, email, isVerified any, rule string) tokenCase {
		changes := map[string]any{"sub": "0001", "email": email, "email_verified": isVerified}
		return tokenCase{name, []string{"Bearer " + sign(t, p256(), es256("ec"), claimsOf(is.URL, changes))}, rule}
	}
	return []tokenCase{
		with("the address", "Ana@Example.com", true, ""),
		with("the domain in another case", "Ana@EXAMPLE.COM", true, ""),
		with("the local part in another case", "ana@example.com", true, "bearer.email"),
		with("of the domain", "bob@example.org", true, ""),
		with("of the domain in another case", "bob@Example.Org", true, ""),
		with("not verified", "Ana@Example.com", false, "bearer.email"),
		with("nothing about verified", "Ana@Example.com", nil, "bearer.email"),
		with("verified as a text", "Ana@Example.com", "true", "bearer.email"),
		with("verified as a number", "Ana@Example.com", 1, "bearer.email"),
		with("no address", nil, true, "bearer.email"),
		with("another address", "eve@example.com", true, "bearer.email"),
		with("a subdomain", "bob@a.example.org", true, "bearer.email"),
		with("a domain that ends alike", "bob@evilexample.org", true, "bearer.email"),
		with("a domain that goes on", "bob@example.org.evil.example", true, "bearer.email"),
		with("two @", "bob@evil.example@example.org", true, "bearer.email"),
		with("a quoted @", `"bob@evil.example"@example.org`, true, "bearer.email"),
		with("no local part", "@example.org", true, "bearer.email"),
		with("a name and an address", "Bob <bob@example.org>", true, "bearer.email"),
		with("a list", []string{"bob@example.org"}, true, "bearer.email"),
		with("a domain with the Kelvin sign", "bob@example.or\u212a", true, "bearer.email"),
		with("a line feed behind it", "bob@example.org\n", true, "bearer.email"),
		with("a NUL in it", "eve@evil.example\x00bob@example.org", true, "bearer.email"),
		with("a dot behind it", "bob@example.org.", true, "bearer.email"),
		with("the address as the subject's", "alice", true, "bearer.email"),
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("ec", "", p256()))
	config := is.config(newClock())
	config.Emails = []string{"@example.org"}
	guard := newVerifier(t, config).Require()
	changes := map[string]any{
		"sub": "alice", "email": "Bob.X@Example.ORG", "email_verified": true, "scope": "query openid query", "azp": "spa", "client_id": "cli",
	}
	token := sign(t, p256(), es256("ec"), claimsOf(is.URL, changes))
	want := Identity{
		Issuer: is.URL, Subject: "alice", Email: "Bob.X@example.org", Scopes: []string{"openid", "query"},
		ClientID: "cli", Expires: start.Add(time.Hour).Local(),
	}
	for range 2 { // verified, then remembered
		o := try(t, guard, token)
		if !reflect.DeepEqual(o.identity, want) || !o.identity.Has("query") || o.identity.Has("admin") {
			t.Errorf("got  %+v\nwant %+v", o.identity, want)
		}
		o.identity.Scopes[0] = "admin" // of a copy
	}
	changes["email_verified"], changes["client_id"] = false, nil
	o := try(t, guard, sign(t, p256(), es256("ec"), claimsOf(is.URL, changes)))
	if o.identity.Email != "" || o.identity.ClientID != "spa" {
		t.Errorf("got %+v", o.identity)
	}
	// Nor what is no address, however verified.
	for _, email := range []string{"bob@evil.example@example.org", "@example.org", "bob", "bob@", "b\u00f6b@example.org"} {
		changes["email"], changes["email_verified"] = email, true
		if o := try(t, guard, sign(t, p256(), es256("ec"), claimsOf(is.URL, changes))); !o.reached || o.identity.Email != "" {
			t.Errorf("%q: %+v", email, o)
		}
	}
	if id, ok := FromContext(t.Context()); ok || id.Subject != "" {
		t.Errorf("an identity without a guard: %+v", id)
	}
}

func TestTokenElsewhereIsNotLookedAt(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("ec", "", p256()))
	guard := newVerifier(t, is.config(newClock())).Require()
	token := sign(t, p256(), es256("ec"), claimsOf(is.URL, nil))
	for name, change := range map[string]func(r *http.Request){
		"query string":           func(r *http.Request) { r.URL.RawQuery = "access_token=" + token },
		"cookie":                 func(r *http.Request) { r.Header.Set("Cookie", "access_token="+token) },
		"proxy authorization":    func(r *http.Request) { r.Header.Set("Proxy-Authorization", "Bearer "+token) },
		"key header":             func(r *http.Request) { r.Header.Set("X-Api-Key", token) },
		"form (RFC 6750, 2.2)":   func(r *http.Request) { r.PostForm = map[string][]string{"access_token": {token}} },
		"forwarded access token": func(r *http.Request) { r.Header.Set("X-Forwarded-Access-Token", token) },
	} {
		r, record := request(t)
		change(r)
		if o := send(t, guard, r, record); o.status != 401 || o.rule != "bearer.missing" || o.challenge != challengeAbsent {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

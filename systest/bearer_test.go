//go:build linux

package systest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// issuer is an OpenID Connect issuer with one key, over TLS with a private
// authority.
type issuer struct {
	url, ca string
	key     *ecdsa.PrivateKey
}

func startIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert, secret, _ := certificate(t)
	pair, err := tls.LoadX509KeyPair(cert, secret)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{ca: cert, key: key}
	mux := http.NewServeMux()
	answer := func(pattern string, body func() any) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(body()) // whoever left needs no keys
		})
	}
	// OpenID Connect Discovery 1.0, section 3.
	answer("GET /.well-known/openid-configuration", func() any {
		return map[string]any{
			"issuer": i.url, "jwks_uri": i.url + "/keys", "authorization_endpoint": i.url + "/auth",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
			"id_token_signing_alg_values_supported": []string{"ES256"},
		}
	})
	answer("GET /keys", func() any {
		return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "k1", Algorithm: "ES256", Use: "sig"}}}
	})
	server := httptest.NewUnstartedServer(mux)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	i.url = server.URL
	return i
}

// token is a token of the issuer for a user, with changes.
func (i *issuer) token(t *testing.T, change func(claims map[string]any)) string {
	t.Helper()
	now := time.Now()
	claims := map[string]any{
		"iss": i.url, "aud": "sallyport", "sub": "user-1", "email": "ana@example.org", "email_verified": true,
		"iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	}
	if change != nil {
		change(claims)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: i.key, KeyID: "k1"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Users come in by the tokens of an issuer, each as far as the configuration
// says; keys are not looked at then.
func TestTokens(t *testing.T) {
	t.Parallel()
	i := startIssuer(t)
	s := start(t, "", "serve", "--config", writeFile(t, "sallyport.yaml", "listen: 127.0.0.1:0\noperator: {listen: \"off\"}\naccess:\n  bearer: {issuer: '"+i.url+
		"', audience: [sallyport], emails: ['@example.org'], algorithms: [ES256], ca: "+i.ca+"}\n  lockout: {failures: 1000, pause: 1s}\n"+
		generous+"sources:\n  data:\n    location: "+writeFile(t, "data.csv", "n\n1\n")+"\n"))
	if !strings.Contains(s.banner.String(), "token of "+i.url) {
		t.Errorf("the banner does not say who may come:\n%s", s.banner)
	}
	for name, test := range map[string]struct {
		header    http.Header
		status    int
		challenge string // a part of it
	}{
		"a good token":           {http.Header{"Authorization": {"Bearer " + i.token(t, nil)}}, http.StatusOK, ""},
		"none":                   {http.Header{}, http.StatusUnauthorized, "Bearer"},
		"a key":                  {http.Header{"X-Api-Key": {testKey}}, http.StatusUnauthorized, "Bearer"},
		"no token":               {http.Header{"Authorization": {"Bearer x"}}, http.StatusUnauthorized, `error="invalid_token"`},
		"for another service":    {http.Header{"Authorization": {"Bearer " + i.token(t, func(c map[string]any) { c["aud"] = "shop" })}}, http.StatusUnauthorized, `error="invalid_token"`},
		"expired":                {http.Header{"Authorization": {"Bearer " + i.token(t, func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() })}}, http.StatusUnauthorized, `error="invalid_token"`},
		"another user":           {http.Header{"Authorization": {"Bearer " + i.token(t, func(c map[string]any) { c["email"] = "eve@example.net" })}}, http.StatusForbidden, ""},
		"an unverified address":  {http.Header{"Authorization": {"Bearer " + i.token(t, func(c map[string]any) { c["email_verified"] = false })}}, http.StatusForbidden, ""},
		"a token and its double": {http.Header{"Authorization": {"Bearer " + i.token(t, nil), "Bearer " + i.token(t, nil)}}, http.StatusUnauthorized, "Bearer"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/v1/sources", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = test.header
		response, err := s.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close() // read to its end
		challenge := response.Header.Get("WWW-Authenticate")
		if err != nil || response.StatusCode != test.status || !strings.Contains(challenge, test.challenge) || test.challenge == "" && challenge != "" {
			t.Errorf("%s: %v, %d %s, challenge %q", name, err, response.StatusCode, body, challenge)
		}
		if response.StatusCode == http.StatusUnauthorized && string(body) != `{"type":"about:blank","title":"Unauthorized","status":401}` {
			t.Errorf("%s: %s", name, body)
		}
	}
	eventually(t, "the user in the log", func() bool { return strings.Contains(s.log.String(), "subject=user-1") })
}

package bearer_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/sallyport-dev/sallyport/bearer"
)

// issuer stands for the OpenID Connect issuer that users sign in to. It returns
// its server, and a function that makes tokens.
func issuer() (*httptest.Server, func(email string, expires time.Time) string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	var server *httptest.Server
	server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keys" {
			_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Use: "sig"}}})
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": server.URL, "jwks_uri": server.URL + "/keys"})
	}))
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "1"}}, nil)
	if err != nil {
		panic(err)
	}
	return server, func(email string, expires time.Time) string {
		token, err := jwt.Signed(signer).Claims(map[string]any{
			"iss": server.URL, "sub": "248289761001", "aud": "https://api.example.com", "exp": expires.Unix(),
			"scope": "query", "email": email, "email_verified": true,
		}).Serialize()
		if err != nil {
			panic(err)
		}
		return token
	}
}

func Example() {
	// Without event.Recorder the reason of a refusal goes to the default log.
	slog.SetDefault(slog.New(slog.DiscardHandler))
	server, token := issuer()
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())

	tokens, err := bearer.New(context.Background(), bearer.Config{
		Issuer:   server.URL,
		Audience: []string{"https://api.example.com"},
		Emails:   []string{"@example.org"},
		RootCAs:  roots, // for a private authority
		Client: func(r *http.Request) netip.Addr { // with a proxy in front: package clientip
			peer, _ := netip.ParseAddrPort(r.RemoteAddr)
			return peer.Addr()
		},
	})
	if err != nil {
		panic(err)
	}
	defer func() { _ = tokens.Close() }()
	handler := tokens.Require("query").Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _ := bearer.FromContext(r.Context())
		_, _ = fmt.Fprintf(w, "hello, %s", user.Email)
	}))

	now := time.Now()
	for _, line := range []string{
		"Bearer " + token("bob@example.org", now.Add(time.Hour)),
		"Bearer " + token("bob@example.org", now.Add(-time.Hour)),
		"Bearer " + token("eve@evil.example", now.Add(time.Hour)),
		"Basic Ym9iOnNlY3JldA==",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Header.Set("Authorization", line)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Printf("%d %s %q\n", w.Code, w.Body, w.Header().Get("WWW-Authenticate"))
	}
	// Output:
	// 200 hello, bob@example.org ""
	// 401 {"type":"about:blank","title":"Unauthorized","status":401} "Bearer realm=\"api\", error=\"invalid_token\""
	// 403 {"type":"about:blank","title":"Forbidden","status":403} ""
	// 401 {"type":"about:blank","title":"Unauthorized","status":401} "Bearer realm=\"api\""
}

// A configuration that would accept any token of anybody for anything does not
// make a verifier.
func ExampleNew_incorrect() {
	_, err := bearer.New(context.Background(), bearer.Config{
		Issuer:     "https://accounts.example.com",
		Algorithms: []string{"RS256", "none"},
	})
	fmt.Println(err)
	// Output:
	// bearer: Config.Audience is empty, so a token for any other service would open this one; write the name of this service at the issuer
	// bearer: Config.Algorithms item 2: "none" is not an algorithm that is accepted; those with a shared secret and "none" never are; choose from RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA
	// bearer: Config.Client is nil, so failed attempts would be counted against nobody; give a function, or set DangerouslyNoLockout
}

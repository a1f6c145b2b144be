package bearer

import (
	"encoding/json"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// maxKeyID bounds a key id, in bytes.
const maxKeyID = 256

// keyType is what an algorithm needs a key to be.
type keyType uint8

const (
	rsaKey keyType = iota + 1
	p256Key
	p384Key
	p521Key
	ed25519Key
)

// algorithms are those that can be allowed: signatures with a public key.
// HMAC and "none" are not among them, so no allowlist can have them.
var algorithms = map[string]keyType{
	"RS256": rsaKey, "RS384": rsaKey, "RS512": rsaKey,
	"PS256": rsaKey, "PS384": rsaKey, "PS512": rsaKey,
	"ES256": p256Key, "ES384": p384Key, "ES512": p521Key,
	"EdDSA": ed25519Key,
}

const algorithmNames = "RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA"

// joseHeader is what of a token's header decides which key it is verified with.
type joseHeader struct {
	alg, kid string // kid is empty where there is none
}

// parseJOSE reads the header of a token (RFC 7515, section 4). Members that
// point to keys (jku, jwk, x5u, x5c, x5t) are not looked at.
func parseJOSE(data []byte, allowed map[string]struct{}) (joseHeader, rule) {
	members, err := parseObject(data)
	if err != nil {
		return joseHeader{}, ruleMalformed
	}
	var h joseHeader
	var ok bool
	if h.alg, ok = stringMember(members, "alg"); !ok {
		return joseHeader{}, ruleMalformed
	}
	if raw, there := members["kid"]; there {
		if h.kid, ok = asString(raw); !ok || h.kid == "" || len(h.kid) > maxKeyID {
			return joseHeader{}, ruleMalformed
		}
	}
	if _, ok := allowed[h.alg]; !ok {
		return joseHeader{}, ruleAlgorithm
	}
	// Of crit, no extension is known here (section 4.1.11). b64 must come with it
	// (RFC 7797, section 6), and changes what is signed. enc and zip belong to
	// encrypted tokens.
	for _, name := range []string{"crit", "b64", "enc", "zip"} {
		if _, there := members[name]; there {
			return joseHeader{}, ruleType
		}
	}
	if !plainType(members) {
		return joseHeader{}, ruleType
	}
	return h, passed
}

// plainType says whether a token is, by typ and cty, an access or ID token.
// What is signed for another purpose must not pass for one: RFC 8725, sections
// 2.8 and 3.11.
func plainType(members map[string]json.RawMessage) bool {
	if raw, there := members["cty"]; there {
		// Of a nested token this is "JWT" (RFC 7519, section 5.2).
		if cty, ok := asString(raw); !ok || !strings.EqualFold(cty, "json") && !strings.EqualFold(cty, "application/json") {
			return false
		}
	}
	raw, there := members["typ"]
	if !there {
		return true
	}
	typ, ok := asString(raw)
	if !ok {
		return false
	}
	typ = strings.ToLower(typ)
	switch strings.TrimPrefix(typ, "application/") { // RFC 7515, section 4.1.9
	case "jwt", "at+jwt": // RFC 7519, section 5.1; RFC 9068, section 2.1
		return true
	}
	return false
}

// verifySignature returns the payload of a token if key signed it. The library
// parses the token again; where it would find another algorithm or key id than
// we did, nothing is believed.
func verifySignature(token string, h joseHeader, key any) ([]byte, rule) {
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(h.alg)})
	if err != nil || len(jws.Signatures) != 1 {
		return nil, ruleMalformed
	}
	if p := jws.Signatures[0].Protected; p.Algorithm != h.alg || p.KeyID != h.kid {
		return nil, ruleMalformed
	}
	payload, err := jws.Verify(key)
	if err != nil {
		return nil, ruleSignature
	}
	return payload, passed
}

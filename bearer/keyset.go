package bearer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

const (
	// maxKeys bounds the keys of a document.
	maxKeys = 64
	// RSA keys of other sizes, in bits, are not used: the smaller can be broken
	// (RFC 7518, section 3.3), and the larger cost too much at each token.
	minRSA, maxRSA = 2048, 8192
)

// keyName is how a token names its key.
type keyName struct{ kid, alg string }

// keySet are the keys of an issuer. It does not change, except for its cache,
// which holds what these keys verified and is dropped with them.
type keySet struct {
	sum   [sha256.Size]byte // of the document
	named map[keyName]crypto.PublicKey
	// sole has, for tokens without kid, the key of each algorithm that only one
	// key can be used with (OpenID Connect Core 1.0, section 10.1).
	sole  map[string]crypto.PublicKey
	count int
	cache *cache
}

func (s *keySet) find(h joseHeader) (crypto.PublicKey, bool) {
	if h.kid == "" {
		key, ok := s.sole[h.alg]
		return key, ok
	}
	key, ok := s.named[keyName{h.kid, h.alg}]
	return key, ok
}

// parseKeySet reads a JWK Set (RFC 7517, section 5). Keys that cannot be used are
// left out, as that section asks, and skipped says why.
func parseKeySet(data []byte, allowed map[string]struct{}) (set *keySet, skipped []error, err error) {
	members, err := parseObject(data)
	if err != nil {
		return nil, nil, fmt.Errorf("the key set is malformed: %w", err)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(members["keys"], &list); err != nil || list == nil {
		return nil, nil, errors.New("the key set is malformed: it has no array of keys")
	}
	if len(list) > maxKeys {
		return nil, nil, fmt.Errorf("the key set has %d keys; at most %d are allowed", len(list), maxKeys)
	}
	set = &keySet{
		sum:   sha256.Sum256(data),
		named: map[keyName]crypto.PublicKey{},
		sole:  map[string]crypto.PublicKey{},
		cache: newCache(),
	}
	uses := map[string]int{} // of each algorithm
	for i, raw := range list {
		kid, key, algs, err := parseKey(raw, allowed)
		if err == nil && kid != "" && slices.ContainsFunc(algs, func(alg string) bool { _, twice := set.named[keyName{kid, alg}]; return twice }) {
			err = errors.New("another key has its id; the first one is used")
		}
		if err != nil {
			skipped = append(skipped, fmt.Errorf("key %d: %w", i+1, err))
			continue
		}
		set.count++
		for _, alg := range algs {
			uses[alg]++
			set.sole[alg] = key
			if kid != "" {
				set.named[keyName{kid, alg}] = key
			}
		}
	}
	for alg, n := range uses {
		if n > 1 {
			delete(set.sole, alg)
		}
	}
	return set, skipped, nil
}

// parseKey returns a key, its id, and the allowed algorithms it may be used with.
func parseKey(raw json.RawMessage, allowed map[string]struct{}) (kid string, key crypto.PublicKey, algs []string, err error) {
	members, err := parseObject(raw)
	if err != nil {
		return "", nil, nil, err
	}
	if ops, there := members["key_ops"]; there { // RFC 7517, section 4.3; the library does not read it
		if list, ok := asStrings(ops); !ok || !slices.Contains(list, "verify") {
			return "", nil, nil, errors.New("not for verifying (key_ops)")
		}
	}
	var jwk jose.JSONWebKey
	if err := json.Unmarshal(raw, &jwk); err != nil {
		return "", nil, nil, fmt.Errorf("not understood: %w", err)
	}
	switch {
	case jwk.Use != "" && jwk.Use != "sig":
		return "", nil, nil, errors.New("not for signatures (use)")
	case len(jwk.KeyID) > maxKeyID:
		return "", nil, nil, fmt.Errorf("its id is longer than %d bytes", maxKeyID)
	case !jwk.IsPublic():
		return "", nil, nil, errors.New("not a public key; whoever reads the set could sign with it")
	case !jwk.Valid():
		return "", nil, nil, errors.New("not valid")
	}
	kind, err := typeOf(jwk.Key)
	if err != nil {
		return "", nil, nil, err
	}
	for alg := range allowed {
		if algorithms[alg] == kind && (jwk.Algorithm == "" || jwk.Algorithm == alg) {
			algs = append(algs, alg)
		}
	}
	if len(algs) == 0 {
		return "", nil, nil, errors.New("not for an algorithm of the allowlist")
	}
	return jwk.KeyID, jwk.Key, algs, nil
}

func typeOf(key any) (keyType, error) {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if n := key.N.BitLen(); n < minRSA || n > maxRSA {
			return 0, fmt.Errorf("an RSA key of %d bits; %d to %d are used", n, minRSA, maxRSA)
		}
		return rsaKey, nil
	case *ecdsa.PublicKey:
		switch key.Curve {
		case elliptic.P256():
			return p256Key, nil
		case elliptic.P384():
			return p384Key, nil
		case elliptic.P521():
			return p521Key, nil
		}
	case ed25519.PublicKey:
		return ed25519Key, nil
	}
	return 0, errors.New("of a type that is not used")
}

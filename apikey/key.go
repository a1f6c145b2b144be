package apikey

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Key is what is known of a key: everything but the key itself.
type Key struct {
	// Name is unique in a set, and is what logs show: 1 to 64 characters of
	// A-Z a-z 0-9 . _ -, beginning with a letter or digit.
	Name string
	// ID is the public part of the key, unique in a set. It is empty for a
	// secret of the operator's own choice; see [FromPlaintext].
	ID string
	// Hash is the SHA-256 of the whole key as the client sends it.
	Hash Hash
	// Scopes says what the key may be used for; at least one.
	Scopes []Scope
	// Created is when the key was made; zero is unknown.
	Created time.Time
	// Expires is the first moment at which the key is refused; zero is never.
	Expires time.Time
	// Disabled keys are refused. A revoked key that stays in the set disabled
	// can still be told from an unknown one in the log.
	Disabled bool
}

// Usable reports whether the key is neither disabled nor expired at now.
func (k *Key) Usable(now time.Time) bool {
	return !k.Disabled && !k.expired(now)
}

func (k *Key) expired(now time.Time) bool {
	return !k.Expires.IsZero() && !now.Before(k.Expires)
}

// check returns every mistake in k.
func (k *Key) check() error {
	var errs []error
	fail := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("apikey: key %q: "+format, append([]any{clip(k.Name)}, args...)...))
	}
	if !isName(k.Name) {
		fail("the name must have 1 to %d characters of A-Z a-z 0-9 . _ - and begin with a letter or digit", maxName)
	}
	if k.ID != "" && !isID(k.ID) {
		fail("the id %q is not %d characters of %s", clip(k.ID), idLength, alphabet)
	}
	if k.Hash == (Hash{}) {
		fail("there is no hash")
	}
	if len(k.Scopes) == 0 {
		fail("there are no scopes; a key without one could do nothing (scopes: %s)", scopeList())
	}
	seen := make(map[Scope]bool, maxScopes)
	for _, s := range k.Scopes {
		if _, err := ParseScope(string(s)); err != nil {
			fail("%q is no scope; there are %s", clip(string(s)), scopeList())
		} else if seen[s] {
			fail("the scope %s is given twice", s)
		}
		seen[s] = true
	}
	if !k.Expires.IsZero() && !k.Created.IsZero() && !k.Expires.After(k.Created) {
		fail("it expires (%s) before it was created (%s)", k.Expires.Format(time.RFC3339), k.Created.Format(time.RFC3339))
	}
	return errors.Join(errs...)
}

// maxName bounds a key's name, in bytes.
const maxName = 64

func isName(s string) bool {
	if s == "" || len(s) > maxName {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case i > 0 && (c == '.' || c == '_' || c == '-'):
		default:
			return false
		}
	}
	return true
}

// Hash is the SHA-256 of a key. Its text form is "sha256:" and 64 lower-case
// hexadecimal digits.
type Hash [sha256.Size]byte

const hashPrefix = "sha256:"

// String returns the text form.
func (h Hash) String() string { return hashPrefix + hex.EncodeToString(h[:]) }

// ParseHash reads the text form.
func ParseHash(text string) (Hash, error) {
	var h Hash
	digits, ok := strings.CutPrefix(text, hashPrefix)
	if !ok || len(digits) != 2*len(h) || strings.ToLower(digits) != digits {
		return Hash{}, fmt.Errorf("apikey: a hash is %q and %d lower-case hexadecimal digits", hashPrefix, 2*len(h))
	}
	if _, err := hex.Decode(h[:], []byte(digits)); err != nil {
		return Hash{}, fmt.Errorf("apikey: hash: %w", err)
	}
	return h, nil
}

// hashOf hashes a key as presented, without a copy on the heap.
func hashOf(presented string) Hash {
	var buf [maxPresented]byte
	n := copy(buf[:], presented)
	return sha256.Sum256(buf[:n])
}

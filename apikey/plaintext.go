package apikey

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	// minSecret is the least length of a secret of the operator's own choice,
	// in characters: 128 bits in hexadecimal.
	minSecret = 32
	// minDistinct is how many different characters it must have. 32 random
	// hexadecimal digits have 14 on average, fewer than 8 once in 10^7.
	minDistinct = 8
)

// howToMake ends every error about a missing or weak key.
const howToMake = "make one with: sallyport key new NAME"

// placeholders occur in examples that were copied and not filled in.
var placeholders = []string{
	"changeme", "change-me", "change_me", "replaceme", "replace-me", "replace_me",
	"placeholder", "password", "example", "your-", "your_", "api-key", "api_key", "apikey",
}

// FromPlaintext makes a Key of a key that the operator supplies in plain text,
// as in the environment variable SALLYPORT_API_KEY. It takes a key made by
// [Generate], or any other secret of 32 to 256 printable ASCII characters that
// does not look made up: such a secret has no id, so the Key has none either.
//
// The tests for variety find what people type, not every weak secret. A secret
// of one's own must come from a random generator, because its hash is a fast one.
func FromPlaintext(name, plaintext string, scopes []Scope) (Key, error) {
	var id string
	if strings.HasPrefix(plaintext, Prefix) {
		var err error
		if id, err = ParseKey(plaintext); err != nil {
			return Key{}, fmt.Errorf("%w; %s", err, howToMake)
		}
	} else if err := checkSecret(plaintext); err != nil {
		return Key{}, fmt.Errorf("%w; %s", err, howToMake)
	}
	k := Key{Name: name, ID: id, Hash: hashOf(plaintext), Scopes: slices.Clone(scopes)}
	if err := k.check(); err != nil {
		return Key{}, err
	}
	return k, nil
}

// checkSecret refuses secrets that are short or were not made by chance. Its
// errors never quote the secret.
func checkSecret(s string) error {
	if len(s) < minSecret {
		return fmt.Errorf("apikey: the secret has %d characters; at least %d are needed", len(s), minSecret)
	}
	if len(s) > maxPresented {
		return fmt.Errorf("apikey: the secret has %d characters; at most %d are allowed", len(s), maxPresented)
	}
	if !isPrintable(s) {
		return errors.New("apikey: the secret may only have printable ASCII characters and no spaces")
	}
	lower := strings.ToLower(s)
	for _, p := range placeholders {
		if strings.Contains(lower, p) {
			return fmt.Errorf("apikey: the secret contains %q, as if it were a placeholder", p)
		}
	}
	if distinct(s) < minDistinct || repeats(s) || runs(s) {
		return errors.New("apikey: the secret has too little variety to be random")
	}
	return nil
}

func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func distinct(s string) int {
	var seen [256]bool
	n := 0
	for i := range len(s) {
		if !seen[s[i]] {
			seen[s[i]] = true
			n++
		}
	}
	return n
}

// repeats reports whether s is a piece of at most half its length over and
// over, the last one perhaps cut.
func repeats(s string) bool {
	for period := 1; period <= len(s)/2; period++ {
		if s[period:] == s[:len(s)-period] {
			return true
		}
	}
	return false
}

// runs reports whether most characters are the same as the one before, or the
// next or previous one of the alphabet (aaaa, abcd, 4321).
func runs(s string) bool {
	n := 0
	for i := 1; i < len(s); i++ {
		if d := int(s[i]) - int(s[i-1]); -1 <= d && d <= 1 {
			n++
		}
	}
	return n > len(s)/2
}

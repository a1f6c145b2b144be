package clientip

import (
	"crypto/sha256"
	"crypto/subtle"
)

const (
	minSecret = 32  // bytes
	maxSecret = 256 // bytes
)

// secrets are the SHA-256 of the forwarder's secrets.
type secrets [][sha256.Size]byte

func newSecrets(list []string) secrets {
	s := make(secrets, 0, len(list))
	for _, secret := range list {
		s = append(s, sha256.Sum256([]byte(secret)))
	}
	return s
}

// match compares with all of them, whichever it is: how long it takes says
// nothing about the secrets. Hashing first makes the lengths equal.
func (s secrets) match(presented string) bool {
	// What cannot be a secret is cut, not skipped: a hash is made of every
	// value, and one that long matches none.
	if len(presented) > maxSecret {
		presented = presented[:maxSecret+1]
	}
	hash := sha256.Sum256([]byte(presented))
	found := 0
	for i := range s {
		found |= subtle.ConstantTimeCompare(hash[:], s[i][:])
	}
	return found == 1
}

package apikey

import (
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"
)

const (
	// Prefix begins every key of ours.
	Prefix = "sp_"

	// alphabet is Crockford's base 32 in lower case: no i, l, o and u, which
	// are mistaken for 1, 0 and v when a key is read aloud or typed.
	alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

	idLength     = 10 // 50 bits: unique, not secret
	secretLength = 52 // 260 bits, of which 256 are random
	sumLength    = 7  // the 32 bits of a CRC
	keyLength    = len(Prefix) + idLength + 1 + secretLength + sumLength

	// maxPresented bounds what is accepted in the header, in bytes, before it
	// is looked at.
	maxPresented = 256
)

// Errors of [ParseKey]. They never quote the key.
var (
	errForm     = fmt.Errorf("apikey: a key is %s, %d characters, _ and %d characters", Prefix, idLength, secretLength+sumLength)
	errChecksum = errors.New("apikey: the key's checksum is wrong; it was mistyped or cut")
)

// ParseKey checks the form of a key and returns its id. The form is
//
//	sp_ id _ secret checksum
//
// with an id of 10, a secret of 52 and a checksum of 7 characters, all of
// Crockford's base 32 in lower case (0-9 a-z without i, l, o, u). The checksum
// is the CRC-32 (IEEE) of everything before it. A key that passes is well
// formed; whether it is anybody's is for an [Authenticator] to say.
func ParseKey(plaintext string) (id string, err error) {
	if len(plaintext) != keyLength || !strings.HasPrefix(plaintext, Prefix) {
		return "", errForm
	}
	id = plaintext[len(Prefix) : len(Prefix)+idLength]
	rest := plaintext[len(Prefix)+idLength:]
	if !inAlphabet(id) || rest[0] != '_' || !inAlphabet(rest[1:]) {
		return "", errForm
	}
	body, sum := plaintext[:keyLength-sumLength], plaintext[keyLength-sumLength:]
	if want := checksum(body); sum != string(want[:]) {
		return "", errChecksum
	}
	return id, nil
}

// Generate makes a new key. The plaintext is returned once and kept nowhere:
// show it to its owner and forget it. A zero expires means never.
func Generate(name string, scopes []Scope, expires, now time.Time) (Key, string, error) {
	id := randomText(idLength)
	body := Prefix + id + "_" + randomText(secretLength)
	sum := checksum(body)
	plaintext := body + string(sum[:])
	k := Key{
		Name:    name,
		ID:      id,
		Hash:    hashOf(plaintext),
		Scopes:  slices.Clone(scopes),
		Created: now.UTC().Truncate(time.Second),
	}
	if !expires.IsZero() {
		k.Expires = expires.UTC().Truncate(time.Second)
	}
	if err := k.check(); err != nil {
		return Key{}, "", err
	}
	return k, plaintext, nil
}

// randomText returns n random characters of the alphabet, 5 bits each. Both
// lengths in use need fewer than 64 bytes.
func randomText(n int) string {
	var b [64]byte
	_, _ = rand.Read(b[:n]) // never fails; it ends the program instead
	for i := range n {
		b[i] = alphabet[b[i]%32] // 256 is a multiple of 32: no bias
	}
	return string(b[:n])
}

// checksum returns the CRC-32 of s as 7 characters, most significant first.
// hash/crc32 would need a copy of s on the heap; this takes eight bytes a step
// (slicing-by-8: Kounavis, Berry, ISCC 2005), since it runs on every request.
func checksum(s string) [sumLength]byte {
	crc := ^uint32(0)
	for len(s) >= 8 {
		crc ^= uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
		crc = slices8[0][s[7]] ^ slices8[1][s[6]] ^ slices8[2][s[5]] ^ slices8[3][s[4]] ^
			slices8[4][crc>>24] ^ slices8[5][crc>>16&0xff] ^ slices8[6][crc>>8&0xff] ^ slices8[7][crc&0xff]
		s = s[8:]
	}
	for i := range len(s) {
		crc = slices8[0][(crc^uint32(s[i]))&0xff] ^ crc>>8
	}
	crc = ^crc
	var out [sumLength]byte
	for i := range out {
		out[sumLength-1-i] = alphabet[crc%32]
		crc /= 32
	}
	return out
}

// slices8 has in its nth table the CRC of a byte that n zero bytes follow.
var slices8 = func() (t [8][256]uint32) {
	t[0] = *crc32.IEEETable
	for n := 1; n < len(t); n++ {
		for i, crc := range t[n-1] {
			t[n][i] = t[0][crc&0xff] ^ crc>>8
		}
	}
	return t
}()

func isID(s string) bool { return len(s) == idLength && inAlphabet(s) }

func inAlphabet(s string) bool {
	for i := range len(s) {
		if !letters[s[i]] {
			return false
		}
	}
	return true
}

// letters are the bytes of the alphabet.
var letters = func() (t [256]bool) {
	for i := range len(alphabet) {
		t[alphabet[i]] = true
	}
	return t
}()

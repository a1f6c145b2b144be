package bearer

import (
	"encoding/base64"
	"net/http"
	"strings"
)

const (
	// maxHeader bounds the Authorization line, in bytes, before it is looked at.
	maxHeader = 8 << 10
	// maxJOSEHeader bounds the decoded first part of a token, in bytes.
	maxJOSEHeader = 4 << 10
)

// present returns the token that a request carries. Whether it is one of three
// parts in the right alphabet is not looked at yet.
func present(h http.Header) (string, rule) {
	lines := h["Authorization"]
	switch {
	case len(lines) == 0:
		return "", ruleMissing
	case len(lines) > 1 || len(lines[0]) > maxHeader:
		return "", ruleMalformed
	}
	// RFC 9110, section 11.4: the scheme in any case, one space or more.
	scheme, token, found := strings.Cut(lines[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", ruleMissing // RFC 6750, section 3.1: an unsupported method is none
	}
	token = strings.TrimLeft(token, " ")
	if !found || token == "" {
		return "", ruleMalformed
	}
	return token, passed
}

// strict refuses bits after the last byte, so that a token can be written in
// one way only.
var strict = base64.RawURLEncoding.Strict()

// split takes a JWS in compact serialization (RFC 7515, section 7.1) apart and
// returns its header, decoded. Nothing of it is believed, and the payload is left
// to whoever verifies the signature.
func split(token string) ([]byte, rule) {
	for i := range len(token) {
		if !tokenChar[token[i]] {
			return nil, ruleMalformed
		}
	}
	head, rest, _ := strings.Cut(token, ".")
	body, sig, _ := strings.Cut(rest, ".")
	if head == "" || body == "" || sig == "" {
		return nil, ruleMalformed
	}
	if strict.DecodedLen(len(head)) > maxJOSEHeader {
		return nil, ruleMalformed
	}
	header, err := strict.DecodeString(head)
	if err != nil {
		return nil, ruleMalformed
	}
	// The five parts of an encrypted token end here: a dot is not base64url.
	for _, part := range []string{body, sig} {
		if _, err := strict.DecodeString(part); err != nil {
			return nil, ruleMalformed
		}
	}
	return header, passed
}

// tokenChar are the characters of base64url (RFC 4648, section 5) and the dot:
// of token68 (RFC 9110, section 11.2) what a JWT can have.
var tokenChar = func() (t [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") {
		t[c] = true
	}
	return t
}()

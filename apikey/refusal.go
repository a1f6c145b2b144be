package apikey

import (
	"errors"

	"github.com/sallyport-dev/sallyport/problem"
)

// verdict is what became of a request. The zero value is a refusal.
type verdict uint8

const (
	missing verdict = iota
	malformed
	unknown
	disabled
	expired
	outOfScope
	locked
	accepted
)

// rules are the stable ids of the refusals; see the package documentation.
var rules = [accepted]string{
	missing:    "key.missing",
	malformed:  "key.malformed",
	unknown:    "key.unknown",
	disabled:   "key.disabled",
	expired:    "key.expired",
	outOfScope: "key.scope",
	locked:     "key.locked",
}

// refusals are all the same to the client.
var refusals = [accepted]*problem.Error{
	missing:    refusal(missing, "there is no X-API-Key header"),
	malformed:  refusal(malformed, "the X-API-Key header is not one well-formed key"),
	unknown:    refusal(unknown, "no key has this id and secret"),
	disabled:   refusal(disabled, "the key is disabled"),
	expired:    refusal(expired, "the key has expired"),
	outOfScope: refusal(outOfScope, "the key does not have the scope of this endpoint"),
	locked:     refusal(locked, "too many attempts from this address have failed; the key was not looked at"),
}

func refusal(v verdict, cause string) *problem.Error {
	return problem.Forbidden(errors.New("apikey: "+cause)).By("apikey", rules[v])
}

// guessed says whether the caller tried a key without knowing one. It counts
// towards the lockout. A disabled or expired key does not: its holder proved to
// know the secret, so there is nothing left to guess, and a forgotten job would
// lock out everybody behind its address.
func (v verdict) guessed() bool { return v == malformed || v == unknown }

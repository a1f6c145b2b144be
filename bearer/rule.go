package bearer

import (
	"errors"
	"time"

	"github.com/sallyport-dev/sallyport/problem"
)

// rule is the reason of a refusal; passed is none.
type rule uint8

const (
	passed rule = iota
	ruleMissing
	ruleMalformed
	ruleAlgorithm
	ruleType
	ruleKey
	ruleSignature
	ruleClaims
	ruleIssuer
	ruleAudience
	ruleExpired
	ruleNotYet
	ruleLifetime
	ruleBound
	ruleClient
	ruleSubject
	ruleEmail
	ruleScope
	ruleUnavailable
	ruleLocked
	ruleCount
)

// retryAfter is what a client is told to wait while there are no keys.
const retryAfter = 10 * time.Second

// reasons has the id and the text for the log of each rule, and how it is
// answered.
var reasons = [ruleCount]struct {
	id, cause string
	answer    answer
	attempt   bool // counts as a failed attempt
}{
	passed:          {answer: invalid},
	ruleMissing:     {"bearer.missing", "there is no bearer token", absent, false},
	ruleMalformed:   {"bearer.malformed", "the Authorization header is not one well-formed JWT", invalid, true},
	ruleAlgorithm:   {"bearer.algorithm", "the token's algorithm is not on the allowlist", invalid, true},
	ruleType:        {"bearer.type", "the token is made for something else, or needs what is not supported", invalid, true},
	ruleKey:         {"bearer.key", "no key of the issuer has the token's key id and algorithm", invalid, true},
	ruleSignature:   {"bearer.signature", "the token's signature is wrong", invalid, true},
	ruleClaims:      {"bearer.claims", "the token's claims are missing, of a wrong type, or there twice", invalid, true},
	ruleIssuer:      {"bearer.issuer", "the token is of another issuer", invalid, true},
	ruleAudience:    {"bearer.audience", "the token is for another audience", invalid, true},
	ruleExpired:     {"bearer.expired", "the token has expired", invalid, false},
	ruleNotYet:      {"bearer.not_yet", "the token is not valid yet; do the clocks agree?", invalid, false},
	ruleLifetime:    {"bearer.lifetime", "the token is valid for longer than is allowed", invalid, true},
	ruleBound:       {"bearer.bound", "the token is bound to a key of its holder, which cannot be proved here", invalid, true},
	ruleClient:      {"bearer.client", "the token was given to a client that is not listed", unexpected, true},
	ruleSubject:     {"bearer.subject", "the token's subject is not listed", unexpected, true},
	ruleEmail:       {"bearer.email", "neither the token's subject nor its verified e-mail address is listed", unexpected, true},
	ruleScope:       {"bearer.scope", "the token lacks a scope of this endpoint", insufficient, false},
	ruleUnavailable: {"bearer.unavailable", "there are no keys of the issuer to judge tokens by", unavailable, false},
	ruleLocked:      {"bearer.locked", "the client is locked out after failed attempts", invalid, false},
}

// answer is what the client is told.
type answer uint8

const (
	invalid      answer = iota // 401, error="invalid_token"
	absent                     // 401 without an error
	unexpected                 // the uniform 403
	insufficient               // 403, error="insufficient_scope"
	unavailable                // 503
)

// challenges are the values of WWW-Authenticate: RFC 6750, section 3, with
// resource_metadata of RFC 9728, section 5.1. Nothing in them is from a request.
type challenges struct {
	realm, metadata string
}

// text returns the challenge with an error code and scopes; both may be empty.
func (c challenges) text(code, scopes string) string {
	s := `Bearer realm="` + c.realm + `"`
	if code != "" {
		s += `, error="` + code + `"`
	}
	if scopes != "" {
		s += `, scope="` + scopes + `"`
	}
	if c.metadata != "" {
		s += `, resource_metadata="` + c.metadata + `"`
	}
	return s
}

// refusal makes the refusal for a rule at an endpoint that needs scopes, which
// are joined by spaces.
func (c challenges) refusal(r rule, scopes string) *problem.Error {
	reason := reasons[r]
	cause := errors.New("bearer: " + reason.cause)
	var e *problem.Error
	switch reason.answer {
	case absent:
		e = problem.Unauthorized(c.text("", ""), cause)
	case unexpected:
		e = problem.Forbidden(cause)
	case insufficient:
		e = problem.Forbidden(cause)
		e.Challenge = c.text("insufficient_scope", scopes)
	case unavailable:
		e = problem.Unavailable(retryAfter, cause)
	default:
		e = problem.Unauthorized(c.text("invalid_token", ""), cause)
	}
	return e.By("bearer", reason.id)
}

package bearer

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// claims is what is read of a token's payload: RFC 7519, section 4.1, OpenID
// Connect Core 1.0, sections 2 and 5.1, and RFC 9068, section 2.2.
type claims struct {
	audience             []string
	expires              time.Time
	notBefore, issued    time.Time // zero where there is none
	subject, email       string    // email only where it is verified
	clientID, authorized string    // client_id and azp
	scopes               []string
	bound                bool // there is a cnf
	foreign              bool // there are events: a logout token or security event
}

// parseClaims reads a verified payload. It says ruleIssuer where that is
// another than issuer, before it looks at anything else.
func parseClaims(payload []byte, issuer string) (claims, rule) {
	members, err := parseObject(payload)
	if err != nil {
		return claims{}, ruleClaims
	}
	if iss, ok := stringMember(members, "iss"); !ok || iss != issuer {
		return claims{}, ruleIssuer
	}
	var c claims
	if !c.fill(members) {
		return claims{}, ruleClaims
	}
	return c, passed
}

// fill reads all claims; it is false if one that is there has a wrong type, or
// one that is needed is not there.
func (c *claims) fill(members map[string]json.RawMessage) bool {
	var ok bool
	if c.subject, ok = stringMember(members, "sub"); !ok || !isSubject(c.subject) {
		return false
	}
	if raw, there := members["exp"]; !there || !asTime(raw, &c.expires) {
		return false
	}
	for name, into := range map[string]*time.Time{"nbf": &c.notBefore, "iat": &c.issued} {
		if raw, there := members[name]; there && !asTime(raw, into) {
			return false
		}
	}
	if raw, there := members["aud"]; there {
		if c.audience, ok = asOneOrMore(raw); !ok {
			return false
		}
	}
	for name, into := range map[string]*string{"client_id": &c.clientID, "azp": &c.authorized} {
		if raw, there := members[name]; there {
			if *into, ok = asString(raw); !ok || !isSubject(*into) {
				return false
			}
		}
	}
	// RFC 9068 writes scopes into scope, Entra ID and Okta into scp.
	for _, name := range []string{"scope", "scp"} {
		if raw, there := members[name]; there {
			list, ok := asOneOrMore(raw)
			if !ok {
				return false
			}
			c.scopes = splitScopes(list)
			break
		}
	}
	// Exactly the boolean: an address that may be anybody's opens no door.
	if string(members["email_verified"]) == "true" {
		if email, ok := stringMember(members, "email"); ok {
			if local, domain, ok := splitEmail(email); ok && local != "" {
				c.email = local + "@" + domain
			}
		}
	}
	_, c.bound = members["cnf"]
	_, c.foreign = members["events"]
	return true
}

// asOneOrMore returns a string, or an array of strings, as a list.
func asOneOrMore(raw json.RawMessage) ([]string, bool) {
	if s, ok := asString(raw); ok {
		return []string{s}, true
	}
	return asStrings(raw)
}

// splitScopes splits at spaces (RFC 6749, section 3.3), each scope once.
func splitScopes(list []string) []string {
	var scopes []string
	for _, s := range list {
		for scope := range strings.SplitSeq(s, " ") {
			if scope != "" {
				scopes = append(scopes, scope)
			}
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// The range of times that are understood: years 1 to 9999.
const (
	minSeconds = -62135596800
	maxSeconds = 253402300799
)

// asTime reads a NumericDate (RFC 7519, section 2): seconds since 1970, also with
// a fraction. Numbers beyond the year 9999 are refused rather than wrapped.
func asTime(raw json.RawMessage, into *time.Time) bool {
	seconds, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || seconds < minSeconds || seconds > maxSeconds {
		return false
	}
	whole := math.Floor(seconds)
	*into = time.Unix(int64(whole), int64((seconds-whole)*1e9))
	return true
}

// judge checks the claims against the configuration, in the order that makes
// the recorded reason the most useful.
func (v *Verifier) judge(c *claims, now time.Time) rule {
	switch {
	case !slices.ContainsFunc(c.audience, func(a string) bool { _, ok := v.audience[a]; return ok }):
		return ruleAudience
	case c.foreign:
		return ruleType
	case c.bound:
		return ruleBound
	// On or after exp a token must not be accepted, before nbf neither: RFC 7519,
	// sections 4.1.4 and 4.1.5.
	case !now.Before(c.expires.Add(v.skew)):
		return ruleExpired
	case c.notBefore.After(now.Add(v.skew)), c.issued.After(now.Add(v.skew)):
		return ruleNotYet
	case v.maxLifetime > 0 && (c.issued.IsZero() || c.expires.Sub(c.issued) > v.maxLifetime):
		return ruleLifetime
	case !v.clientListed(c):
		return ruleClient
	}
	return v.people.judge(c.subject, c.email)
}

func (v *Verifier) clientListed(c *claims) bool {
	if len(v.clients) == 0 {
		return true
	}
	listed := false
	for _, id := range []string{c.clientID, c.authorized} {
		if id == "" {
			continue
		}
		if _, ok := v.clients[id]; !ok {
			return false
		}
		listed = true
	}
	return listed
}

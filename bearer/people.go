package bearer

import "strings"

// people are those who may come in.
type people struct {
	anybody  bool
	subjects map[string]struct{}
	emails   map[string]struct{} // "local@domain" and "@domain", the domain in lower case
}

func newPeople(c Config) people {
	p := people{
		anybody:  len(c.Subjects)+len(c.Emails) == 0,
		subjects: make(map[string]struct{}, len(c.Subjects)),
		emails:   make(map[string]struct{}, len(c.Emails)),
	}
	for _, s := range c.Subjects {
		p.subjects[s] = struct{}{}
	}
	for _, s := range c.Emails {
		local, domain, _ := splitEmail(s)
		p.emails[local+"@"+domain] = struct{}{}
	}
	return p
}

// judge says whether a user is expected. The address is empty unless it is
// verified.
func (p people) judge(subject, email string) rule {
	if p.anybody {
		return passed
	}
	if _, ok := p.subjects[subject]; ok {
		return passed
	}
	if len(p.emails) == 0 {
		return ruleSubject
	}
	local, domain, ok := splitEmail(email)
	if !ok || local == "" {
		return ruleEmail
	}
	if _, ok := p.emails[local+"@"+domain]; ok {
		return passed
	}
	if _, ok := p.emails["@"+domain]; ok {
		return passed
	}
	return ruleEmail
}

// splitEmail takes an address of printable ASCII with one @ apart; the domain
// comes back in lower case. ASCII only: in Unicode there are many ways to write
// what looks like one address, and folding its case can change who is meant.
func splitEmail(s string) (local, domain string, ok bool) {
	if len(s) > 254 { // RFC 5321, section 4.5.3.1.3, without the brackets
		return "", "", false
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),:;<>[\]`, c) >= 0 {
			return "", "", false
		}
	}
	local, domain, found := strings.Cut(s, "@")
	if !found || domain == "" || strings.Contains(domain, "@") {
		return "", "", false
	}
	return local, strings.ToLower(domain), true
}

// isDomain says whether a domain of the configuration could ever match: labels
// of letters, digits and hyphens. A pattern could not, and must not be taken for one.
func isDomain(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			switch c := label[i]; {
			case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-':
			default:
				return false
			}
		}
	}
	return true
}

// isSubject says whether s can be a sub: at most 255 ASCII characters (OpenID
// Connect Core 1.0, section 2), and printable, so that it can go into a log.
func isSubject(s string) bool {
	if s == "" || len(s) > 255 {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

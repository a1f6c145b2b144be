package bearer

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/internal/lockout"
)

// mistakes collects what is wrong with a [Config].
type mistakes struct{ errs []error }

func (m *mistakes) add(field, format string, args ...any) {
	m.errs = append(m.errs, fmt.Errorf("bearer: Config."+field+" "+format, args...))
}

// Validate returns every mistake in c that [New] would return without reading
// anything. It has no side effects. What an endpoint requires is for
// [Config.CheckScopes].
func (c Config) Validate() error {
	return errors.Join(c.withDefaults().check(), c.checkLockout())
}

// Validate returns every mistake in l, as [New] would.
func (l Lockout) Validate() error {
	const least = 64 << 10 // the smallest table, which is dropped at once
	_, err := lockout.New(lockout.Config{Failures: l.Failures, Pause: l.Pause, Bytes: least})
	return err
}

func (c Config) checkLockout() error {
	if c.Client == nil {
		return nil // there is none
	}
	if err := c.Lockout.Validate(); err != nil {
		return fmt.Errorf("bearer: Config.Lockout: %w", err)
	}
	return nil
}

// check says everything that is wrong with c, which has its defaults, but for
// the lockout.
func (c Config) check() error {
	var m mistakes
	hosts := newInternalHosts(c.InternalHosts)
	c.checkIssuer(&m, hosts)
	c.checkLists(&m)
	for i, name := range c.Algorithms {
		if _, ok := algorithms[name]; !ok {
			m.add("Algorithms", "item %d: %q is not an algorithm that is accepted; those with a shared secret and \"none\" never are; choose from %s",
				i+1, name, algorithmNames)
		}
	}
	for i, host := range c.InternalHosts {
		if host == "" || strings.ContainsAny(host, "/@ *?#[]") || strings.Count(host, ":") == 1 {
			m.add("InternalHosts", "item %d: %q is not the name or address of a host; write it without scheme and port", i+1, host)
		}
	}
	c.checkTimes(&m)
	if c.HTTPClient != nil && c.RootCAs != nil {
		m.add("RootCAs", "would not be used by HTTPClient; give one of the two")
	}
	switch {
	case c.Client == nil && !c.DangerouslyNoLockout:
		m.add("Client", "is nil, so failed attempts would be counted against nobody; give a function, or set DangerouslyNoLockout")
	case c.Client != nil && c.DangerouslyNoLockout:
		m.add("DangerouslyNoLockout", "contradicts Client; leave one out")
	}
	if len(c.Realm) > 64 || !isRealm(c.Realm) {
		m.add("Realm", "%q is not 1 to 64 letters, digits and . _ -", c.Realm)
	}
	if c.ResourceMetadata != "" {
		if err := checkURL(c.ResourceMetadata, nil); err != nil {
			m.add("ResourceMetadata", "%q: %w", c.ResourceMetadata, err)
		}
	}
	return errors.Join(m.errs...)
}

func (c Config) checkIssuer(m *mistakes, hosts internalHosts) {
	if c.Issuer == "" {
		m.add("Issuer", "is empty; write the URL of the issuer, as it stands in its tokens")
		return
	}
	if err := checkURL(c.Issuer, hosts); err != nil {
		m.add("Issuer", "%q: %w", c.Issuer, err)
	} else if strings.Contains(c.Issuer, "?") {
		m.add("Issuer", "%q has a query; an issuer has none", c.Issuer)
	}
}

func (c Config) checkLists(m *mistakes) {
	if len(c.Audience) == 0 {
		m.add("Audience", "is empty, so a token for any other service would open this one; write the name of this service at the issuer")
	}
	if len(c.Audience) > maxAudience {
		m.add("Audience", "has %d items; at most %d are allowed", len(c.Audience), maxAudience)
	}
	for i, s := range c.Audience {
		if s == "" || len(s) > maxURL || strings.TrimSpace(s) != s {
			m.add("Audience", "item %d: %q is not 1 to %d bytes without spaces around them", i+1, s, maxURL)
		}
	}
	for i, s := range c.Subjects {
		if !isSubject(s) {
			m.add("Subjects", "item %d: %q is not 1 to 255 printable ASCII characters", i+1, s)
		}
	}
	for i, s := range c.Clients {
		if !isSubject(s) {
			m.add("Clients", "item %d: %q is not 1 to 255 printable ASCII characters", i+1, s)
		}
	}
	for i, s := range c.Emails {
		_, domain, ok := splitEmail(s)
		if !ok || !isDomain(domain) {
			m.add("Emails", "item %d: %q is neither an address in ASCII nor a domain such as \"@example.org\"", i+1, s)
		}
	}
	for _, list := range []struct {
		name string
		n    int
	}{{"Subjects", len(c.Subjects)}, {"Emails", len(c.Emails)}, {"Clients", len(c.Clients)}} {
		if list.n > maxList {
			m.add(list.name, "has %d items; at most %d are allowed", list.n, maxList)
		}
	}
	if c.DangerouslyAnySubject && len(c.Subjects)+len(c.Emails) > 0 {
		m.add("DangerouslyAnySubject", "contradicts Subjects and Emails; leave one out")
	}
}

func (c Config) checkTimes(m *mistakes) {
	for _, t := range []struct {
		field              string
		given, least, most time.Duration
	}{
		{"Skew", c.Skew, 0, maxSkew},
		{"Refresh", c.Refresh, minRefresh, maxRefresh},
		{"MinRefresh", c.MinRefresh, minMinRefresh, max(minMinRefresh, c.Refresh)},
	} {
		if t.given < t.least || t.given > t.most {
			m.add(t.field, "of %v is not between %v and %v", t.given, t.least, t.most)
		}
	}
	if c.MaxLifetime != 0 && c.MaxLifetime < minLifetime {
		m.add("MaxLifetime", "of %v is less than %v; zero means no limit", c.MaxLifetime, minLifetime)
	}
}

func isRealm(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return s != ""
}

package clientip

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
)

// Config says what stands between the clients and this server. A field that
// the Kind has no use for must be left zero: it would only look as if it did
// something.
type Config struct {
	// Kind is the topology. Required.
	Kind Kind

	// Trusted are the addresses of our own proxies. With Proxies: the peers
	// whose header is believed; exactly one of Trusted and Hops. With
	// Cloudflare: proxies between Cloudflare and this server, each of which
	// appends to X-Forwarded-For; nil if there are none. No prefix may be
	// wider than /8 of IPv4 or /16 of IPv6 (fc00::/7 and fe80::/10 may).
	Trusted []netip.Prefix

	// Hops is, with Proxies, how many proxies every request passes, 1 to 31:
	// the client is the Hops-th address from the right of the header. Use it
	// only where the proxies' addresses cannot be known and nobody can reach
	// this server, or an inner proxy, around the outer ones: whoever can
	// chooses their address. Zero means that Trusted is used.
	Hops int

	// Header is, with Proxies, what the proxies write. Zero means
	// XForwardedFor. XRealIP takes Trusted.
	Header Header

	// ForwarderHeader is, with Forwarder, the header with the client's
	// address. Empty means "X-Sallyport-Client". It may not be one that
	// Cloudflare or other proxies write.
	ForwarderHeader string

	// Secrets are, with Forwarder, the secrets one of which the forwarder
	// sends in the header X-Sallyport-Forwarder; several while they are
	// rotated. Each has 32 to 256 printable ASCII characters, no spaces.
	// Required there. Only their hashes are kept.
	Secrets []string

	// CloudflareRanges are, with Cloudflare, the addresses of its edge. Nil
	// means the list of [BundledCloudflareRanges].
	CloudflareRanges []netip.Prefix
}

// maxHops is less than maxElements, so that the place that decides is seen.
const maxHops = maxElements - 1

// Resolver decides whom requests are attributed to. It is safe for concurrent
// use.
type Resolver struct {
	kind    Kind
	trusted prefixes
	hops    int
	header  int // position in headers
	headers headers
	secrets secrets
	ranges  atomic.Pointer[prefixes] // never nil with Cloudflare

	counters counters
}

// New returns a resolver, or every mistake in the configuration.
func New(c Config) (*Resolver, error) {
	if c.Kind == 0 || c.Kind.String() == "unknown" {
		return nil, fmt.Errorf("clientip: Config.Kind %d is no topology; use Direct, Cloudflare, Proxies or Forwarder", c.Kind)
	}
	rs := &Resolver{kind: c.Kind, hops: c.Hops, headers: knownHeaders()}
	errs := checkUnused(c)
	for _, p := range c.Trusted {
		if err := checkTrusted(p); err != nil {
			errs = append(errs, fmt.Errorf("clientip: Config.Trusted: %s %w", p, err))
		}
	}
	switch c.Kind {
	case Proxies:
		errs = append(errs, rs.setProxies(c)...)
	case Cloudflare:
		rs.trusted = newPrefixes(valid(c.Trusted))
		ranges := c.CloudflareRanges
		if ranges == nil {
			ranges, _ = BundledCloudflareRanges()
		}
		errs = append(errs, rs.Replace(ranges))
	case Forwarder:
		errs = append(errs, rs.setForwarder(c)...)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return rs, nil
}

// valid leaves out what checkTrusted has complained of.
func valid(list []netip.Prefix) []netip.Prefix {
	return slices.DeleteFunc(slices.Clone(list), func(p netip.Prefix) bool { return checkTrusted(p) != nil })
}

// checkUnused complains of fields that the topology has no use for.
func checkUnused(c Config) []error {
	var errs []error
	for _, f := range []struct {
		name string
		set  bool
		uses []Kind
	}{
		{"Trusted", len(c.Trusted) > 0, []Kind{Proxies, Cloudflare}},
		{"Hops", c.Hops != 0, []Kind{Proxies}},
		{"Header", c.Header != 0, []Kind{Proxies}},
		{"ForwarderHeader", c.ForwarderHeader != "", []Kind{Forwarder}},
		{"Secrets", len(c.Secrets) > 0, []Kind{Forwarder}},
		{"CloudflareRanges", c.CloudflareRanges != nil, []Kind{Cloudflare}},
	} {
		if f.set && !slices.Contains(f.uses, c.Kind) {
			errs = append(errs, fmt.Errorf("clientip: Config.%s does nothing with topology %s; leave it out, or use topology %s",
				f.name, c.Kind, f.uses[0]))
		}
	}
	return errs
}

func (rs *Resolver) setProxies(c Config) []error {
	var errs []error
	rs.trusted = newPrefixes(valid(c.Trusted))
	switch {
	case len(c.Trusted) > 0 && c.Hops != 0:
		errs = append(errs, errors.New("clientip: Config.Trusted and Config.Hops are both set; keep Trusted, which is the safer one"))
	case len(c.Trusted) == 0 && c.Hops == 0:
		errs = append(errs, errors.New("clientip: Config.Trusted and Config.Hops are both missing; name the proxies in Trusted"))
	case c.Hops < 0 || c.Hops > maxHops:
		errs = append(errs, fmt.Errorf("clientip: Config.Hops is %d; it may be 1 to %d", c.Hops, maxHops))
	}
	switch c.Header {
	case 0, XForwardedFor:
		rs.header = hXForwardedFor
	case Forwarded:
		rs.header = hForwarded
	case XRealIP:
		rs.header = hXRealIP
		if c.Hops != 0 {
			errs = append(errs, errors.New("clientip: Config.Header X-Real-IP has no hops to count; name the proxy in Trusted"))
		}
	default:
		errs = append(errs, fmt.Errorf("clientip: Config.Header %d is unknown; use XForwardedFor, Forwarded or XRealIP", c.Header))
	}
	return errs
}

func (rs *Resolver) setForwarder(c Config) []error {
	var errs []error
	if name := c.ForwarderHeader; name != "" {
		key := http.CanonicalHeaderKey(name)
		known := slices.ContainsFunc(rs.headers[:], func(h header) bool {
			return h.key == key && h.name != defaultForwarderHeader
		})
		switch {
		case len(name) > maxElement || tokenLen(name) != len(name):
			errs = append(errs, fmt.Errorf("clientip: Config.ForwarderHeader %.80q is no name of a header of at most %d bytes",
				name, maxElement))
		case known || strings.HasPrefix(key, "Cf-"):
			errs = append(errs, fmt.Errorf("clientip: Config.ForwarderHeader %q has a meaning of its own, "+
				"so that others may write it; invent a name", name))
		default:
			rs.headers[hClient] = header{name: name, key: key}
		}
	}
	if len(c.Secrets) == 0 {
		errs = append(errs, errors.New("clientip: Config.Secrets is empty, so that nobody could be the forwarder; "+howToMake))
	}
	for i, secret := range c.Secrets { // the errors never show one
		if len(secret) < minSecret || len(secret) > maxSecret {
			errs = append(errs, fmt.Errorf("clientip: Config.Secrets[%d] has %d bytes, but needs %d to %d; %s",
				i, len(secret), minSecret, maxSecret, howToMake))
		}
		if strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			errs = append(errs, fmt.Errorf("clientip: Config.Secrets[%d] has a character that is not printable ASCII, or a space; %s",
				i, howToMake))
		}
		if slices.Contains(c.Secrets[:i], secret) {
			errs = append(errs, fmt.Errorf("clientip: Config.Secrets[%d] is there twice; remove one", i))
		}
	}
	rs.secrets = newSecrets(c.Secrets)
	return errs
}

const howToMake = "make one with: openssl rand -hex 32"

// Replace puts other addresses of Cloudflare's edge into force, for the
// requests that begin after it. If it returns an error, which names every
// mistake, the old ones stay. The list is copied.
func (rs *Resolver) Replace(ranges []netip.Prefix) error {
	if rs.kind != Cloudflare {
		return fmt.Errorf("clientip: topology %s has no ranges of Cloudflare to replace", rs.kind)
	}
	var errs []error
	if len(ranges) == 0 {
		errs = append(errs, errors.New("clientip: CloudflareRanges is empty, so that nobody would be believed; "+
			"leave it out for the bundled list"))
	}
	for _, p := range ranges {
		if err := checkPrefix(p); err != nil {
			errs = append(errs, fmt.Errorf("clientip: CloudflareRanges: %s %w", p, err))
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	set := newPrefixes(ranges)
	// An edge taken for a proxy of ours would be stepped over, to an address
	// that a stranger wrote.
	if own, edge, found := rs.trusted.overlap(set); found {
		return fmt.Errorf("clientip: Config.Trusted %s overlaps Cloudflare's %s; Trusted is for proxies of your own",
			own, edge)
	}
	rs.ranges.Store(&set)
	return nil
}

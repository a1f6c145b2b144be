package bearer

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// internalHosts are the hosts that may be reached by http, in lower case.
type internalHosts map[string]struct{}

func newInternalHosts(names []string) internalHosts {
	hosts := make(internalHosts, len(names))
	for _, name := range names {
		hosts[strings.ToLower(name)] = struct{}{}
	}
	return hosts
}

func (h internalHosts) has(host string) bool {
	host = strings.ToLower(host)
	if host == "localhost" {
		return true
	}
	if a, err := netip.ParseAddr(host); err == nil && a.Unmap().IsLoopback() {
		return true
	}
	_, ok := h[host]
	return ok
}

// checkURL says why s is not the absolute address of something that may be
// read: https, or http at one of the hosts. With hosts nil, no host is internal.
func checkURL(s string, hosts internalHosts) error {
	if len(s) > maxURL {
		return fmt.Errorf("it has %d bytes; at most %d are allowed", len(s), maxURL)
	}
	for i := range len(s) {
		// Also what would end a quoted string of a challenge.
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return errors.New("it has characters that a URL cannot have")
		}
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return errors.New("it is not a URL")
	case u.Hostname() == "" || !strings.HasPrefix(s, u.Scheme+"://"):
		return errors.New("it is not an absolute URL such as https://accounts.example.com")
	case u.User != nil:
		return errors.New("it holds credentials")
	case strings.Contains(s, "#"):
		return errors.New("it has a fragment")
	case u.Scheme == "https":
		return nil
	case u.Scheme != "http":
		return errors.New("its scheme is not https")
	case hosts == nil || !hosts.has(u.Hostname()):
		return errors.New("its scheme is http, which is only for hosts listed as internal; use https")
	}
	return nil
}

// discoveryURLs returns where an issuer may publish its metadata, first the
// path of OpenID Connect Discovery 1.0, section 4, which is appended, then that
// of RFC 8414, section 3.1, which stands between host and path.
func discoveryURLs(issuer string) []string {
	base := strings.TrimSuffix(issuer, "/")
	urls := []string{base + "/.well-known/openid-configuration"}
	if u, err := url.Parse(base); err == nil {
		root := strings.TrimSuffix(base, u.EscapedPath())
		urls = append(urls, root+"/.well-known/oauth-authorization-server"+u.EscapedPath())
	}
	return urls
}

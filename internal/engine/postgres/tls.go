package postgres

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strings"
)

// secure decides about TLS. There are two ways only: the server proves who it
// is, or there is no TLS because the network is trusted. TLS with an unknown
// peer (sslmode=require and the like) looks safe and is not.
func (a *address) secure(c Config, query url.Values) error {
	trusted := a.loopback()
	if !trusted {
		for _, h := range c.InternalHosts {
			same, err := sameHost(h, a.host)
			if err != nil {
				return err
			}
			trusted = trusted || same
		}
	}
	mode := query.Get("sslmode")
	if mode == "" {
		mode = "verify-full"
		if a.loopback() {
			mode = "disable"
		}
	}
	switch {
	case mode == "verify-full" && a.socket():
		return errors.New("postgres: URL: sslmode=verify-full has no meaning on a Unix socket: leave it out")
	case mode == "verify-full":
		var err error
		a.tls, err = a.verify(c, query)
		return err
	case mode == "disable" && trusted:
		if c.CA != "" || query.Has("sslrootcert") || query.Has("sslcert") || query.Has("sslkey") {
			return errors.New("postgres: URL: certificates with sslmode=disable: say sslmode=verify-full, or leave them out")
		}
		return nil
	case trusted:
		return fmt.Errorf("postgres: URL: sslmode=%s does not verify the server: say sslmode=verify-full, or sslmode=disable to do without TLS", printable(mode))
	default:
		return fmt.Errorf("postgres: URL: sslmode=%s to a host that is neither loopback nor listed as internal: "+
			"say sslmode=verify-full (and sslrootcert=FILE if its certificate comes from an authority of your own)", printable(mode))
	}
}

// printable keeps what is not a mode out of messages: it might be a password
// that slipped.
func printable(mode string) string {
	switch mode {
	case "disable", "allow", "prefer", "require", "verify-ca":
		return mode
	}
	return "(unknown)"
}

// sameHost reports whether a listed name, address or network covers host.
func sameHost(listed, host string) (bool, error) {
	ip, err := netip.ParseAddr(host)
	if strings.Contains(listed, "/") {
		network, bad := netip.ParsePrefix(listed)
		if bad != nil {
			return false, fmt.Errorf("postgres: InternalHosts: %q is no network", listed)
		}
		return err == nil && network.Contains(ip.Unmap()), nil
	}
	if other, bad := netip.ParseAddr(listed); bad == nil && err == nil {
		return other.Unmap() == ip.Unmap(), nil
	}
	return listed != "" && strings.EqualFold(strings.TrimSuffix(listed, "."), strings.TrimSuffix(host, ".")), nil
}

// verify makes a configuration that verifies the server's name and chain.
func (a *address) verify(c Config, query url.Values) (*tls.Config, error) {
	config := &tls.Config{ServerName: a.host, MinVersion: tls.VersionTLS12}
	ca := query.Get("sslrootcert")
	switch {
	case ca == "":
		ca = c.CA
	case c.CA != "" && c.CA != ca:
		return nil, errors.New("postgres: CA: the URL's sslrootcert names another file")
	}
	if ca != "" && ca != "system" {
		pem, err := os.ReadFile(ca) //nolint:gosec // the operator's own file
		if err != nil {
			return nil, fmt.Errorf("postgres: CA: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("postgres: CA: no certificate in %s", ca)
		}
	}
	if query.Has("sslcert") || query.Has("sslkey") {
		own, err := tls.LoadX509KeyPair(query.Get("sslcert"), query.Get("sslkey"))
		if err != nil {
			return nil, fmt.Errorf("postgres: URL: sslcert and sslkey: %w", err)
		}
		config.Certificates = []tls.Certificate{own}
	}
	return config, nil
}

package config

import (
	"fmt"
	"net/netip"

	"github.com/sallyport-dev/sallyport/clientip"
	"github.com/sallyport-dev/sallyport/cors"
)

// ClientIP returns t as package clientip takes it. Cloudflare's networks are the caller's to read.
func (t Topology) ClientIP() (clientip.Config, error) {
	kind, err := clientip.ParseKind(t.Kind)
	if err != nil {
		return clientip.Config{}, err
	}
	c := clientip.Config{Kind: kind, Hops: t.Hops, ForwarderHeader: t.ForwarderHeader, Secrets: t.Secrets}
	if t.Header != "" {
		if c.Header, err = clientip.ParseHeader(t.Header); err != nil {
			return clientip.Config{}, err
		}
	}
	for _, text := range t.Trusted {
		prefix, err := parseNetwork(text)
		if err != nil {
			return clientip.Config{}, fmt.Errorf("%q is not a network", clip(text))
		}
		c.Trusted = append(c.Trusted, prefix)
	}
	return c, nil
}

// parseNetwork takes an address for the network that holds it alone.
func parseNetwork(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}

// Package returns c as package cors takes it.
func (c CORS) Package() cors.Config {
	mode, _ := cors.ParseMode(c.Mode) // an unknown one is the zero mode, which package cors refuses
	return cors.Config{
		Mode: mode, Origins: c.Origins, OwnOrigins: c.OwnOrigins, MaxAge: c.MaxAge.Std(), PrivateNetwork: c.PrivateNetwork,
		DangerouslyAllowInsecureOrigins: c.DangerouslyAllowInsecureOrigins,
	}
}

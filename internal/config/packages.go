package config

import (
	"fmt"

	"github.com/sallyport-dev/sallyport/bearer"
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

// Package returns c as package cors takes it.
func (c CORS) Package() cors.Config {
	mode, _ := cors.ParseMode(c.Mode) // an unknown one is the zero mode, which package cors refuses
	return cors.Config{
		Mode: mode, Origins: c.Origins, OwnOrigins: c.OwnOrigins, MaxAge: c.MaxAge.Std(), PrivateNetwork: c.PrivateNetwork,
		DangerouslyAllowInsecureOrigins: c.DangerouslyAllowInsecureOrigins,
	}
}

// Package returns b as package bearer takes it, without the authorities, which are the caller's to read.
func (b Bearer) Package(lockout Lockout, internalHosts []string) bearer.Config {
	return bearer.Config{
		Issuer: b.Issuer, Audience: b.Audience, Algorithms: b.Algorithms, Subjects: b.Subjects, Emails: b.Emails,
		DangerouslyAnySubject: b.DangerouslyAnySubject, Skew: b.Skew.Std(), InternalHosts: internalHosts,
		Client: clientip.FromRequest, Lockout: lockout.Package(),
	}
}

// Package returns l as package bearer takes it.
func (l Lockout) Package() bearer.Lockout {
	return bearer.Lockout{Failures: l.Failures, Pause: l.Pause.Std()}
}

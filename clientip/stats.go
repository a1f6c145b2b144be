package clientip

import "sync/atomic"

// Stats counts requests that went through [Resolver.Wrap] since it was made.
type Stats struct {
	// Requests is how many there were.
	Requests uint64
	// Spoofed is how many had a header that claimed an address though the peer
	// may not do so. None was believed.
	Spoofed uint64
	// SpoofedBy is how many had which of these headers, by name. A request
	// with several is in each of them. Headers that never came are left out.
	SpoofedBy map[string]uint64
	// Surplus is how many had more addresses in a believed header than
	// counted. Whoever sends X-Forwarded-For through a proxy that appends
	// causes this: attackers, but also proxies in offices, so that it is no
	// spoofing by itself. None was believed.
	Surplus uint64
	// Unusable is how many came through a trusted proxy that sent no address,
	// or one that could not be used. They were attributed to the last trusted
	// hop. If it grows, a proxy is not set up as the topology says.
	Unusable uint64
	// Shared is how many were attributed to an address that many clients
	// share: one of Cloudflare's own, or of a trusted proxy. If it grows,
	// clients are limited together.
	Shared uint64
	// Unresolvable is how many were refused, because the connection had no IP
	// address.
	Unresolvable uint64
}

type counters struct {
	requests, spoofed, surplus, unusable, shared, unresolvable atomic.Uint64

	by [headerCount]atomic.Uint64
}

func (c *counters) count(v *verdict) {
	c.requests.Add(1)
	if v.claims != 0 {
		c.spoofed.Add(1)
		for i := range c.by {
			if v.claims.has(i) {
				c.by[i].Add(1)
			}
		}
	}
	if v.surplus {
		c.surplus.Add(1)
	}
	switch outcomes[v.outcome].class {
	case classUnusable:
		c.unusable.Add(1)
	case classShared:
		c.shared.Add(1)
	case classUnresolvable:
		c.unresolvable.Add(1)
	case classNone:
	}
}

// Stats returns the counts. They are read one after the other, so that sums
// may be off by requests that are under way.
func (rs *Resolver) Stats() Stats {
	c := &rs.counters
	s := Stats{
		Requests:     c.requests.Load(),
		Spoofed:      c.spoofed.Load(),
		SpoofedBy:    make(map[string]uint64),
		Surplus:      c.surplus.Load(),
		Unusable:     c.unusable.Load(),
		Shared:       c.shared.Load(),
		Unresolvable: c.unresolvable.Load(),
	}
	for i := range c.by {
		if n := c.by[i].Load(); n > 0 {
			s.SpoofedBy[rs.headers[i].name] = n
		}
	}
	return s
}

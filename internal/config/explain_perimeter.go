package config

import (
	"net/url"
	"strings"
)

func (e *explanation) operator(o Operator) {
	switch o.Listen {
	case OperatorOff:
		e.line("There is no operator's listener: no metrics, no /whoami.")
	case "":
		e.line("Metrics, readiness and /whoami are on http://%s, if that is free.", DefaultOperator)
	default:
		e.line("Metrics, readiness and /whoami are on http://%s, without a key.", o.Listen)
	}
}

func (e *explanation) bearer(b Bearer) {
	e.line("Users with a token of %s for %s, in the header Authorization.", b.Issuer, strings.Join(b.Audience, " or "))
	if len(b.Scopes) > 0 {
		e.line("The token must have the scopes: %s.", strings.Join(b.Scopes, ", "))
	}
	if len(b.Subjects)+len(b.Emails) > 0 {
		e.line("Only these users: %s.", strings.Join(append(append([]string(nil), b.Emails...), b.Subjects...), ", "))
	}
}

func (e *explanation) topology(t Topology) {
	trusted := strings.Join(t.Trusted, ", ")
	header := t.Header
	if header == "" {
		header = "X-Forwarded-For"
	}
	switch t.Kind {
	case TopologyCloudflare:
		e.line("The client's address is what Cloudflare says (CF-Connecting-IP), if the connection comes from its networks.")
		if trusted != "" {
			e.line("Between Cloudflare and this server, %s are believed.", trusted)
		}
	case TopologyProxies:
		if t.Hops > 0 {
			e.line("The client's address is the one in %s before the last %s. Nobody must reach this server past them.", header, count(t.Hops, "proxy", "proxies"))
		} else {
			e.line("The client's address is the last one in %s that is not of %s, if the connection comes from there.", header, trusted)
		}
	case TopologyForwarder:
		e.line("The client's address is what a forwarder says that shows the shared secret.")
	default:
		e.line("The client's address is the other end of the connection; no header is believed.")
	}
}

func (e *explanation) pages(c CORS) {
	who := "Web pages of every origin"
	if len(c.Origins) > 0 {
		who = "Web pages of " + strings.Join(c.Origins, ", ")
	}
	how := "with a key or token in a header; never with cookies"
	if c.Mode == "cookies" {
		how = "with cookies"
	}
	e.line("%s may call, %s.", who, how)
}

func (e *explanation) rates(p Perimeter) {
	rate := func(who string, r Rate) {
		if r.Limited() {
			e.line("%s: %s.", who, r)
		} else if r == Unlimited {
			e.line("%s: WITHOUT LIMIT.", who)
		}
	}
	rate("Queries of a client", p.PerClient)
	rate("Queries of a network (IPv4 /"+grouped(int64(p.PerNetwork.IPv4))+", IPv6 /"+grouped(int64(p.PerNetwork.IPv6))+")", p.PerNetwork.Rate)
	if p.PerASN.Database != "" {
		rate("Queries of an autonomous system, by "+p.PerASN.Database, p.PerASN.Rate)
	}
	rate("Queries of a key or user", p.PerKey)
	rate("Queries of all", p.Global)
	rate("A client's requests about the sources", p.Catalog)
	rate("A client's other requests", p.Other)
	f := p.InFlight
	e.line("At once: %s of a client, %d of all; %d more wait up to %s, clients in turn.", count(f.PerClient, "query", "queries"), f.Global, f.Queue, f.Wait)
	if p.Store == StoreMemory {
		e.line("Counts are kept in this process, in %s; other instances do not share them.", p.Memory)
	} else {
		e.line("Counts are shared in %s; while it is away, each instance counts by itself.", storeName(p.Store))
	}
}

// storeName is a store's URL without what may be a password.
func storeName(store string) string {
	u, err := url.Parse(store)
	if err != nil {
		return "a Redis"
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// Dangers lists the settings that take a protection away, with what that
// means. Each was written down by somebody; each start says so again.
func Dangers(c Config) []*Error {
	var list []*Error
	add := func(path, meaning string) { list = append(list, &Error{Path: path, Problem: meaning}) }
	if c.Access.Public {
		add("access.public", "anybody who reaches the address can read what the sources serve.")
		if c.Errors.Detail == DetailRule {
			add("errors.detail", "strangers learn which rule refused them.")
		}
	}
	if c.Access.Bearer.Enabled() && c.Access.Bearer.DangerouslyAnySubject {
		add("access.bearer.dangerously_any_subject", "everybody to whom "+c.Access.Bearer.Issuer+" gives a token can read what the sources serve.")
	}
	if c.CORS.DangerouslyAllowInsecureOrigins {
		add("cors.dangerously_allow_insecure_origins", "whoever is on the network between a user and such a page can call from it.")
	}
	if c.Operator.DangerouslyExpose {
		add("operator.dangerously_expose", "whoever reaches "+c.Operator.Listen+" reads metrics and memory profiles without a key.")
	}
	p := c.Perimeter
	for _, r := range []struct {
		path string
		rate Rate
	}{
		{"limits.per_client", p.PerClient},
		{"limits.per_network.rate", p.PerNetwork.Rate},
		{"limits.per_asn.rate", p.PerASN.Rate},
		{"limits.per_key", p.PerKey},
		{"limits.global", p.Global},
		{"limits.catalog", p.Catalog},
		{"limits.other", p.Other},
	} {
		if r.rate == Unlimited {
			add(r.path, "there is no such limit.")
		}
	}
	if p.ReportOnly {
		add("limits.report_only", "the rates refuse nothing.")
	}
	for _, s := range c.Sources {
		for _, name := range s.Functions.DangerouslyAllow {
			add("sources."+s.Name+".functions.dangerously_allow", "nobody reviewed what "+name+" can do.")
		}
	}
	return list
}

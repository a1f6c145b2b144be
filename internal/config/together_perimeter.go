package config

import (
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/sallyport-dev/sallyport/clientip"
	"github.com/sallyport-dev/sallyport/cors"
)

// topology: what package clientip says of it, at the setting that it is about.
func (v *validator) topology() {
	t := v.cfg.Topology
	if !v.right("topology.") {
		return
	}
	unused := func(path string, given bool, kinds ...string) {
		if given && !slices.Contains(kinds, t.Kind) {
			v.mistake(path, "it is given, but topology.kind is "+t.Kind+", which does not use it",
				"remove it, or set topology.kind to "+strings.Join(kinds, " or "))
		}
	}
	unused("topology.trusted", len(t.Trusted) > 0, TopologyProxies, TopologyCloudflare)
	unused("topology.hops", t.Hops != 0, TopologyProxies)
	unused("topology.header", t.Header != "", TopologyProxies)
	unused("topology.forwarder_header", t.ForwarderHeader != "", TopologyForwarder)
	unused("topology.secrets", len(t.Secrets) > 0, TopologyForwarder)
	unused("topology.cloudflare_ranges", t.CloudflareRanges != "", TopologyCloudflare)
	if !v.right("topology.") {
		return
	}
	c, err := t.ClientIP()
	if err != nil {
		v.mistake("topology.trusted", err.Error(), "write networks in CIDR form, such as 10.0.0.0/8")
		return
	}
	if _, err := clientip.New(c); err != nil {
		v.joined(err, "clientip: ", "topology.kind", map[string]string{
			"Config.Trusted": "topology.trusted", "Config.Hops": "topology.hops", "Config.Header": "topology.header",
			"Config.ForwarderHeader": "topology.forwarder_header", "Config.Secrets": "topology.secrets",
		})
	}
}

// bearer: an issuer, and whom it may let in.
func (v *validator) bearer() {
	b := v.cfg.Access.Bearer
	if !b.Enabled() {
		if b.DangerouslyAnySubject || b.CA != "" || len(b.Audience)+len(b.Algorithms)+len(b.Scopes)+len(b.Subjects)+len(b.Emails) > 0 {
			v.mistake("access.bearer.issuer", "there are settings for tokens, but no issuer", "name the issuer, or remove access.bearer")
		}
		return
	}
	if len(b.Audience) == 0 {
		v.mistake("access.bearer.audience", "it is missing, so a token for any other service would open this one",
			"write the name of this server at the issuer, such as `audience: [\"https://api.example.com\"]`")
	}
	if len(b.Scopes)+len(b.Subjects)+len(b.Emails) == 0 && !b.DangerouslyAnySubject {
		v.mistake("access.bearer.subjects", "nothing says whom the issuer's tokens let in",
			"give subjects, emails or scopes, or dangerously_any_subject: true for an issuer that knows nobody else")
	}
	if u, err := url.Parse(b.Issuer); err != nil || u.Scheme != "https" && !v.internal(u.Hostname()) {
		v.mistake("access.bearer.issuer", "it is not an https:// URL: whoever is on the way could put in keys of their own",
			"use https, or list the host in internal_hosts")
	}
}

// cors: what package cors says of it.
func (v *validator) cors() {
	if !v.right("cors.") {
		return
	}
	if _, err := cors.New(v.cfg.CORS.Package()); err != nil {
		v.joined(err, "cors: ", "cors.origins", map[string]string{
			"Config.DangerouslyAllowInsecureOrigins": "cors.dangerously_allow_insecure_origins", "Config.OwnOrigins": "cors.own_origins",
			"Config.Origins": "cors.origins", "Config.MaxAge": "cors.max_age", "Config.PrivateNetwork": "cors.private_network",
			"DangerouslyAllowInsecureOrigins": "cors.dangerously_allow_insecure_origins",
		})
	}
}

// store: a password does not cross a network in the clear.
func (v *validator) store() {
	u, err := url.Parse(v.cfg.Perimeter.Store)
	switch {
	case v.cfg.Perimeter.Store == StoreMemory:
	case err != nil || u.Host == "" && u.Scheme != "unix":
		v.mistake("limits.store", "it is not the URL of a Redis", "write rediss://host:6379/0, with ${NAME} for the password")
	case u.Scheme == "redis" && !v.internal(u.Hostname()):
		v.mistake("limits.store", "it is a Redis on another machine without TLS; its password and the counts would cross the network in the clear",
			"use rediss://, or list the host in internal_hosts")
	}
	if v.cfg.Perimeter.PerClient == Unlimited && v.cfg.Perimeter.PerNetwork.Rate == Unlimited && v.cfg.Perimeter.Global == Unlimited && v.cfg.Perimeter.ReportOnly {
		v.mistake("limits.report_only", "there is nothing to report: no rate is limited", "remove it")
	}
}

// internal says whether a host may be reached without TLS.
func (v *validator) internal(host string) bool { return v.cfg.Internal(host) }

// Internal says whether a host may be reached without TLS: this machine, or one of InternalHosts.
func (c Config) Internal(host string) bool {
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return true
	}
	return slices.Contains(c.InternalHosts, strings.ToLower(host))
}

// right says whether no mistake was found yet in the settings under prefix:
// what they mean together is judged when each can be read by itself.
func (v *validator) right(prefix string) bool {
	return !slices.ContainsFunc(v.wrong.list, func(err error) bool {
		e, ok := err.(*Error) //nolint:errorlint // the list holds these, unwrapped
		return ok && strings.HasPrefix(e.Path, prefix)
	})
}

// joined reports each of several mistakes that a package found. A mistake
// begins with the name of a field, which becomes that of its setting.
func (v *validator) joined(err error, prefix, otherwise string, fields map[string]string) {
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range list.Unwrap() {
			v.joined(e, prefix, otherwise, fields)
		}
		return
	}
	text, path := strings.TrimPrefix(err.Error(), prefix), otherwise
	// Longer names first: one may begin with another.
	names := slices.SortedFunc(maps.Keys(fields), func(a, b string) int { return len(b) - len(a) })
	for _, name := range names {
		if rest, found := strings.CutPrefix(text, name); found {
			path, text = fields[name], strings.TrimPrefix(strings.TrimPrefix(rest, ":"), " ")
			break
		}
	}
	for _, name := range names {
		text = strings.ReplaceAll(text, name, fields[name])
	}
	problem, fix, found := strings.Cut(text, "; ")
	if !found {
		fix = "see docs/configuration.md"
	}
	v.mistake(path, problem, fix)
}

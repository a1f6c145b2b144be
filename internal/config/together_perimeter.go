package config

import (
	"net"
	"net/url"
	"regexp"
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
	if t.Kind == TopologyProxies && len(t.Trusted) == 0 && t.Hops == 0 {
		v.mistake("topology.trusted", "topology.trusted and topology.hops are both missing", `write trusted: ["10.0.0.5"]`, "topology.kind")
		return
	}
	c, err := t.ClientIP()
	if err != nil {
		v.mistake("topology.trusted", err.Error(), "write networks in CIDR form, such as 10.0.0.0/8")
		return
	}
	if _, err := clientip.New(c); err != nil {
		said{
			prefix: "clientip: ", otherwise: "topology.kind",
			names: map[string]string{
				"Trusted": "topology.trusted", "Hops": "topology.hops", "Header": "topology.header",
				"ForwarderHeader": "topology.forwarder_header", "Secrets": "topology.secrets", "CloudflareRanges": "topology.cloudflare_ranges",
			},
		}.report(v, err)
	}
}

// bearer: what package bearer says of an issuer, and of whom it may let in.
func (v *validator) bearer() {
	b := v.cfg.Access.Bearer
	if !b.Enabled() {
		if b.given() && v.right("access.bearer.issuer") {
			v.mistake("access.bearer.issuer", "there are settings for tokens, but no issuer", "name the issuer, or remove access.bearer",
				"access.bearer.audience", "access.bearer.subjects", "access.bearer.emails", "access.bearer.scopes", "access.bearer.algorithms",
				"access.bearer.dangerously_any_subject", "access.bearer.ca")
		}
		return
	}
	if !v.right("access.bearer.") {
		return
	}
	c := b.Package(Lockout{}, v.cfg.InternalHosts) // the lockout is judged for itself
	speak := said{
		prefix: "bearer: ", otherwise: "access.bearer.issuer",
		names: map[string]string{
			"Issuer": "access.bearer.issuer", "Audience": "access.bearer.audience", "Algorithms": "access.bearer.algorithms",
			"Subjects": "access.bearer.subjects", "Emails": "access.bearer.emails", "Skew": "access.bearer.skew",
			"DangerouslyAnySubject": "access.bearer.dangerously_any_subject", "InternalHosts": "internal_hosts",
			"hosts listed as internal": "the hosts of internal_hosts",
		},
	}
	if err := c.Validate(); err != nil {
		speak.report(v, err)
	}
	if len(b.Scopes)+len(b.Subjects)+len(b.Emails) == 0 && !b.DangerouslyAnySubject {
		v.mistake("access.bearer.subjects", "nothing says whom the issuer's tokens let in",
			"give subjects, emails or scopes, or dangerously_any_subject: true for an issuer that knows nobody else", "access.bearer.issuer")
	} else if err := c.CheckScopes(b.Scopes...); err != nil {
		speak.otherwise = "access.bearer.scopes"
		speak.report(v, err)
	}
}

// lockout: what package bearer says of it; keys are locked out alike.
func (v *validator) lockout() {
	if !v.right("access.lockout.") {
		return
	}
	if err := v.cfg.Access.Lockout.Package().Validate(); err != nil {
		said{
			prefix: "lockout: ", otherwise: "access.lockout.failures",
			names: map[string]string{
				"Failures": "access.lockout.failures", "Pause": "access.lockout.pause", "720h0m0s": "30 days",
			},
		}.report(v, err)
	}
}

// cors: what package cors says of it.
func (v *validator) cors() {
	if !v.right("cors.") {
		return
	}
	if _, err := cors.New(v.cfg.CORS.Package()); err != nil {
		said{
			prefix: "cors: ", otherwise: "cors.mode",
			names: map[string]string{
				"Origins": "cors.origins", "OwnOrigins": "cors.own_origins", "MaxAge": "cors.max_age", "PrivateNetwork": "cors.private_network",
				"DangerouslyAllowInsecureOrigins": "cors.dangerously_allow_insecure_origins: true",
			},
		}.report(v, err)
	}
}

// rates: each limits something, and counts what can be told apart.
func (v *validator) rates() {
	p := v.cfg.Perimeter
	if v.cfg.Access.Public && p.PerKey.Limited() {
		v.mistake("limits.per_key", "access.public is true, so that nobody shows a key: all strangers together would share one count",
			"remove it, or access.public; limits.global is for all together")
	}
	_, given := v.cfg.places["limits.per_asn.rate"]
	if p.PerASN.Database == "" && (given || p.PerASN.Rate != Default().Perimeter.PerASN.Rate) && v.right("limits.per_asn.") {
		v.mistake("limits.per_asn.rate", "there is no limits.per_asn.database, so that it limits nothing",
			"name the database, such as `database: /etc/sallyport/asn.mmdb`, or remove limits.per_asn")
	}
}

// databasePath is what a Redis URL may have behind its host.
var databasePath = regexp.MustCompile(`^(/([0-9]{1,5})?)?$`)

// store: a password does not cross a network in the clear.
func (v *validator) store() {
	u, err := url.Parse(v.cfg.Perimeter.Store)
	switch {
	case v.cfg.Perimeter.Store == StoreMemory:
	case err != nil || u.Host == "" && u.Scheme != "unix":
		v.mistake("limits.store", "it is not the URL of a Redis", "write rediss://host:6379/0, with ${NAME} for the password")
	case u.Scheme != "unix" && (u.RawQuery != "" || u.Fragment != ""):
		v.mistake("limits.store", "it has options after its path; none are read from there", "end it with the number of the database: rediss://host:6379/0")
	case u.Scheme != "unix" && !databasePath.MatchString(u.Path):
		v.mistake("limits.store", "what follows the host is not the number of a database", "write rediss://host:6379/0, with ${NAME} for the password")
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

package config

import "strconv"

// together judges combinations of settings: what would be unsafe, and what could not work.
func (v *validator) together() {
	v.reach()
	v.operator()
	v.topology()
	v.access()
	v.bearer()
	v.lockout()
	v.cors()
	v.rates()
	v.store()
	v.postgres()
	v.phases()
	v.sources()
}

// reach: nothing leaves the machine in the clear.
func (v *validator) reach() {
	c := v.cfg
	switch {
	case c.TLS.Cert != "" && c.TLS.Key == "":
		v.mistake("tls.key", "there is a certificate without its private key", "add tls.key, or remove tls.cert")
	case c.TLS.Cert == "" && c.TLS.Key != "":
		v.mistake("tls.cert", "there is a private key without its certificate", "add tls.cert, or remove tls.key")
	}
	a, problem := parseAddress(c.Listen)
	if problem != "" || a.loopback || c.TLS.Enabled() {
		return
	}
	here := "listen on 127.0.0.1:" + a.port
	switch t := c.Topology; {
	case t.Kind == TopologyForwarder:
		v.mistake("listen",
			"it is reachable from beyond this machine without TLS, and a forwarder (topology.kind) has none in its place; keys, answers and its secret would cross the network in the clear",
			here+", or set tls.cert and tls.key")
	case !t.terminatesTLS():
		v.mistake("listen",
			"it is reachable from beyond this machine without TLS, and no trusted proxy is configured; keys and answers would cross the network in the clear",
			here+", set tls.cert and tls.key, or say in topology.kind what terminates TLS before this server")
	case t.trustsHereOnly():
		v.mistake("listen",
			"it is reachable from beyond this machine without TLS, but every proxy of topology.trusted is on this machine",
			here+", set tls.cert and tls.key, or name the proxies on other machines in topology.trusted")
	}
}

// operator: what asks for no key is reachable from here only.
func (v *validator) operator() {
	o := v.cfg.Operator
	a, problem := parseAddress(o.Listen)
	beyond := problem == "" && !a.loopback
	if beyond && !o.DangerouslyExpose {
		v.mistake("operator.listen", "it is reachable from beyond this machine, and asks for no key",
			"listen on 127.0.0.1:"+a.port+", or set operator.dangerously_expose: true for a network that only operators reach")
	}
	if o.DangerouslyExpose && !beyond && v.right("operator.") {
		v.mistake("operator.dangerously_expose", "it is true, but operator.listen is not beyond this machine, so that it exposes nothing",
			"remove it, or give operator.listen the address that is meant, such as `listen: 0.0.0.0:9090`")
	}
	if o.Listen != "" && o.Listen == v.cfg.Listen && a.port != "0" {
		v.mistake("operator.listen", "it is the address of the API", "take another port")
	}
}

// access: one scheme per endpoint, and never none.
func (v *validator) access() {
	a := v.cfg.Access
	switch {
	case a.Public && a.Keys != "":
		v.mistake("access.public", "it is true, but access.keys names keys; an endpoint has one scheme",
			"remove access.public, or access.keys if everybody may query")
	case a.Public && v.facts.EnvKey:
		v.mistake("access.public", "it is true, but the environment holds a key; an endpoint has one scheme",
			"remove access.public, or the key from the environment if everybody may query")
	case a.Public && a.Bearer.Enabled():
		v.mistake("access.public", "it is true, but access.bearer.issuer names an issuer; an endpoint has one scheme",
			"remove access.public, or access.bearer if everybody may query")
	case a.Bearer.Enabled() && a.Keys != "":
		v.mistake("access.bearer.issuer", "there is an issuer, but access.keys names keys; an endpoint has one scheme",
			"remove one of them, or run a second server for the other")
	case a.Bearer.Enabled() && v.facts.EnvKey:
		v.mistake("access.bearer.issuer", "there is an issuer, but the environment holds a key; an endpoint has one scheme",
			"remove the key from the environment, or access.bearer")
	case !a.Public && a.Keys == "" && !v.facts.EnvKey && !a.Bearer.given():
		v.mistake("access.keys", "there is no key, so nobody could query",
			"make one with `sallyport key new` and name its file in access.keys, or set SALLYPORT_API_KEY")
	}
}

// phases: the timeouts and sizes of HTTP fit each other.
func (v *validator) phases() {
	h := v.cfg.HTTP
	if h.ReadHeaderTimeout > h.ReadTimeout {
		v.mistake("http.read_header_timeout",
			h.ReadHeaderTimeout.String()+" is longer than http.read_timeout ("+h.ReadTimeout.String()+"), which includes it",
			"make it at most that")
	}
	if f := v.cfg.Perimeter.InFlight; f.PerClient > f.Global && v.right("limits.in_flight.") {
		v.mistake("limits.in_flight.per_client", grouped(int64(f.PerClient))+" is more than limits.in_flight.global ("+grouped(int64(f.Global))+"), which holds for all clients together",
			"lower it, or raise the other")
	}
	for _, s := range v.cfg.Sources {
		if s.Limits.Deadline >= h.WriteTimeout {
			v.mistake("sources."+s.Name+".limits.deadline",
				s.Limits.Deadline.String()+" is not shorter than http.write_timeout ("+h.WriteTimeout.String()+"): answers would be cut",
				"shorten it, or lengthen http.write_timeout")
		} else if wait := v.cfg.Perimeter.InFlight.Wait; s.Limits.Deadline+wait >= h.WriteTimeout {
			v.mistake("sources."+s.Name+".limits.deadline",
				s.Limits.Deadline.String()+" is, after limits.in_flight.wait ("+wait.String()+"), not shorter than http.write_timeout ("+h.WriteTimeout.String()+"): answers would be cut",
				"shorten one of the two, or lengthen http.write_timeout")
		}
		if s.Limits.SQL > h.MaxBody {
			v.mistake("sources."+s.Name+".limits.sql",
				s.Limits.SQL.String()+" is more than http.max_body ("+h.MaxBody.String()+"): such a query could not be sent",
				"lower it, or raise http.max_body")
		}
	}
}

// sources: there are some, not too many, and none contradicts itself.
func (v *validator) sources() {
	switch n := len(v.cfg.Sources); {
	case n == 0:
		v.mistake("sources", "there is nothing to serve", "add a source:\nsources:\n  flights:\n    location: data/flights.duckdb")
	case n > maxSources:
		v.mistake("sources", "there are more than "+strconv.Itoa(maxSources)+" sources", "run a second server")
	}
	for _, s := range v.cfg.Sources {
		denied := map[string]bool{}
		for _, name := range s.Functions.Deny {
			denied[name] = true
		}
		for _, name := range s.Functions.DangerouslyAllow {
			if denied[name] {
				v.mistake("sources."+s.Name+".functions.deny", strconv.Quote(clip(name))+" is both allowed and denied", "keep it in one list")
			}
		}
	}
}

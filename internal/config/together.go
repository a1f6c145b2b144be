package config

import "strconv"

// together judges combinations of settings: what would be unsafe, and what could not work.
func (v *validator) together() {
	v.reach()
	v.access()
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
	if problem == "" && !a.loopback && !c.TLS.Enabled() {
		v.mistake("listen",
			"it is reachable from beyond this machine without TLS; keys and answers would cross the network in the clear, and there is no support for a trusted proxy yet",
			"listen on 127.0.0.1:"+a.port+", or set tls.cert and tls.key")
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
	case !a.Public && a.Keys == "" && !v.facts.EnvKey:
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
	for _, s := range v.cfg.Sources {
		if s.Limits.Deadline >= h.WriteTimeout {
			v.mistake("sources."+s.Name+".limits.deadline",
				s.Limits.Deadline.String()+" is not shorter than http.write_timeout ("+h.WriteTimeout.String()+"): answers would be cut",
				"shorten it, or lengthen http.write_timeout")
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

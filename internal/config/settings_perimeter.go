package config

const (
	wordPattern    = `^[^\x00-\x20\x7f]{1,255}$`
	cidrPattern    = `^[0-9A-Fa-f:.]{2,45}(/[0-9]{1,3})?$`
	headerPattern  = `^[A-Za-z][A-Za-z0-9-]{0,62}$`
	originPattern  = `^https?://[^\x00-\x20\x7f/]{1,255}$`
	hostPattern    = `^[a-z0-9.:_-]{1,253}$`
	urlPattern     = `^https?://[^\x00-\x20\x7f]{1,1000}$`
	opaquePattern  = `^[^\x00-\x20\x7f]+$`
	storePattern   = `^(memory|(redis|rediss|unix)://[^\x00-\x20\x7f]+)$`
	networkWord    = "networks in CIDR form, or addresses"
	secretLeast    = 32
	secretMost     = 256
	mostInFlight   = 10_000
	mostInQueue    = 100_000
	rateExample    = "30/minute"
	unlimitedRate  = " `dangerously_unlimited` is no limit."
	queriesOnly    = " Counts `/v1/query` and `/v1/check` together."
	clientAddress  = "A client is an IPv4 address, or an IPv6 network of 64 bits."
	bearerExcludes = "Excludes keys and `access.public`."
)

// operatorSettings are the listener for whoever runs the server.
func operatorSettings() []*setting {
	return []*setting{
		{
			path: "operator.listen", kind: kindAddress, oneOf: []string{OperatorOff}, example: DefaultOperator,
			absent: "`" + DefaultOperator + "` if that is free",
			doc:    "The address for whoever runs the server: `/metrics`, `/readyz`, `/whoami`, `/debug/pprof`. `off`: none.",
			why:    "It asks for no key, so it is reachable from this machine only; see `operator.dangerously_expose`.",
			at:     func(c *Config) any { return &c.Operator.Listen },
		},
		{
			path: "operator.dangerously_expose", kind: kindBool,
			doc: "**Dangerous.** `true` allows `operator.listen` beyond loopback.",
			why: "Whoever reaches it reads metrics and memory profiles without a key. For a network of its own, such as a container's.",
			at:  func(c *Config) any { return &c.Operator.DangerouslyExpose },
		},
	}
}

// topologySettings say which address a request is attributed to.
func topologySettings() []*setting {
	return []*setting{
		{
			path: "topology.kind", kind: kindChoice, oneOf: []string{TopologyDirect, TopologyCloudflare, TopologyProxies, TopologyForwarder},
			doc: "What stands between clients and this server: nothing, Cloudflare, proxies of yours, or a function that forwards what it saw.",
			why: "Limits and the log go by the client's address. No header is believed unless the peer may set it.",
			at:  func(c *Config) any { return &c.Topology.Kind },
		},
		{
			path: "topology.trusted", kind: kindNames, least: 1, most: 1000, item: cidrPattern, itemWord: networkWord, one: "an address or network", check: checkNetwork, example: `["10.0.0.0/8"]`, absent: "none",
			doc: "`proxies`: the proxies that are believed. `cloudflare`: proxies of yours between Cloudflare and this server.",
			why: "Whoever is in these networks decides which client a request counts for, so they are as narrow as can be.",
			at:  func(c *Config) any { return &c.Topology.Trusted },
		},
		{
			path: "topology.hops", kind: kindCount, least: 1, most: 31, optional: true, example: "1", absent: "not given",
			doc: "`proxies`: how many stand before this server, instead of `topology.trusted`.",
			why: "For proxies whose addresses change. Right only if nobody can reach this server past them.",
			at:  func(c *Config) any { return &c.Topology.Hops },
		},
		{
			path: "topology.header", kind: kindChoice, oneOf: []string{"X-Forwarded-For", "Forwarded", "X-Real-IP"}, example: "X-Forwarded-For", absent: "`X-Forwarded-For`",
			doc: "`proxies`: the header that the proxies write.",
			why: "One, not whichever came: a proxy passes on those that it does not write.",
			at:  func(c *Config) any { return &c.Topology.Header },
		},
		{
			path: "topology.forwarder_header", kind: kindText, least: 1, most: 63, item: headerPattern, one: "the name of a header", example: "X-Sallyport-Client", absent: "`X-Sallyport-Client`",
			doc: "`forwarder`: the header with the address that the forwarder saw.",
			why: "It is believed together with one of `topology.secrets` only.",
			at:  func(c *Config) any { return &c.Topology.ForwarderHeader },
		},
		{
			path: "topology.secrets", kind: kindSecrets, least: secretLeast, most: secretMost, item: opaquePattern, itemWord: "secrets, each from the environment", example: `["${FORWARDER_SECRET}"]`, absent: "none",
			doc: "`forwarder`: the secrets it may send in `X-Sallyport-Forwarder`; two while one is exchanged for the other.",
			why: "Without one, anybody could claim to be any address.",
			at:  func(c *Config) any { return &c.Topology.Secrets },
		},
		{
			path: "topology.cloudflare_ranges", kind: kindPath, least: 1, most: pathMost, item: pathPattern, example: "/etc/sallyport/cloudflare.txt", absent: "the bundled list",
			doc: "`cloudflare`: a file with Cloudflare's networks, one in a line, as Cloudflare publishes them. Read again on SIGHUP.",
			why: "They change every few years. A list that is too old attributes requests to Cloudflare, one that is too wide believes strangers.",
			at:  func(c *Config) any { return &c.Topology.CloudflareRanges },
		},
	}
}

// bearerSettings admit users by token.
func bearerSettings() []*setting {
	return []*setting{
		{
			path: "access.bearer.issuer", kind: kindText, least: 1, most: 1000, item: urlPattern, one: "the URL of an issuer", check: checkIssuer, example: "https://accounts.example.com", absent: "no tokens",
			doc: "The OpenID Connect issuer whose tokens let users in, exactly as it stands in them. " + bearerExcludes,
			why: "For where it matters which user asks. Its keys are found by discovery and read again as they change.",
			at:  func(c *Config) any { return &c.Access.Bearer.Issuer },
		},
		{
			path: "access.bearer.audience", kind: kindNames, exact: true, least: 1, most: 16, item: wordPattern, itemWord: "names of this server at the issuer", one: "a name without blanks, of at most 255 characters", example: `["https://api.example.com"]`, absent: "none",
			doc: "What a token's `aud` must have one of. Required with an issuer.",
			why: "A token for another service must not open this one.",
			at:  func(c *Config) any { return &c.Access.Bearer.Audience },
		},
		{
			path: "access.bearer.algorithms", kind: kindNames, least: 1, most: 16, item: `^[A-Z][A-Za-z0-9]{1,15}$`, itemWord: "names of signature algorithms", one: "the name of a signature algorithm", check: checkAlgorithm, example: "[RS256, ES256]", absent: "RS256 and ES256",
			doc: "The signature algorithms that are accepted.",
			why: "`none` and those with a shared secret are never accepted.",
			at:  func(c *Config) any { return &c.Access.Bearer.Algorithms },
		},
		{
			path: "access.bearer.scopes", kind: kindNames, exact: true, least: 1, most: 32, item: wordPattern, itemWord: "scopes", one: "a scope", example: "[query]", absent: "none",
			doc: "Scopes that a token must have, all of them.",
			why: "A token that was given for something else does not query.",
			at:  func(c *Config) any { return &c.Access.Bearer.Scopes },
		},
		{
			path: "access.bearer.subjects", kind: kindNames, exact: true, least: 1, most: 10_000, item: wordPattern, itemWord: "subjects", one: "a subject: a text without blanks, of at most 255 characters", example: `["248289761001"]`, absent: "none",
			doc: "Who may query, by the token's `sub`.",
			why: "A public issuer gives a token to everybody. One of `subjects`, `emails`, `scopes` says who is meant.",
			at:  func(c *Config) any { return &c.Access.Bearer.Subjects },
		},
		{
			path: "access.bearer.emails", kind: kindNames, least: 1, most: 10_000, item: `^[^\x00-\x20\x7f@]{0,64}@[^\x00-\x20\x7f@]{1,253}$`, itemWord: "e-mail addresses, or domains such as \"@example.org\"", one: "an e-mail address or a domain such as \"@example.org\"", check: checkEmail, example: `["ana@example.com", "@example.org"]`, absent: "none",
			doc: "Who may query, by the token's verified `email`; `\"@example.org\"` is everybody of that domain.",
			why: "As above, by a name that people know. An address that the issuer has not verified does not count.",
			at:  func(c *Config) any { return &c.Access.Bearer.Emails },
		},
		{
			path: "access.bearer.dangerously_any_subject", kind: kindBool,
			doc: "**Dangerous.** `true` admits everybody to whom the issuer gives a token.",
			why: "Right only for an issuer that knows nobody but those who may query.",
			at:  func(c *Config) any { return &c.Access.Bearer.DangerouslyAnySubject },
		},
		{
			path: "access.bearer.skew", kind: kindDuration, least: second, most: 5 * minute,
			doc: "How far the clocks of the issuer and this server may differ.",
			why: "Clocks do; a token lives longer by this.",
			at:  func(c *Config) any { return &c.Access.Bearer.Skew },
		},
		{
			path: "access.bearer.ca", kind: kindPath, least: 1, most: pathMost, item: pathPattern, example: "/etc/sallyport/ca.pem", absent: "those of the system",
			doc: "The certificate authorities that vouch for the issuer, PEM.",
			why: "For an issuer with a private authority. There is no way to skip the verification.",
			at:  func(c *Config) any { return &c.Access.Bearer.CA },
		},
		{
			path: "access.lockout.failures", kind: kindCount, least: 1, most: 1000,
			doc: "How often a client may fail to authenticate before it is locked out. " + clientAddress,
			why: "A few slips are free; guessing is not.",
			at:  func(c *Config) any { return &c.Access.Lockout.Failures },
		},
		{
			path: "access.lockout.pause", kind: kindDuration, least: second, most: 24 * 60 * minute,
			doc: "After how long a client that was locked out may try once more.",
			why: "Each quiet pause gives one attempt back, up to `access.lockout.failures`.",
			at:  func(c *Config) any { return &c.Access.Lockout.Pause },
		},
	}
}

// corsSettings say which web pages may call.
func corsSettings() []*setting {
	return []*setting{
		{
			path: "cors.mode", kind: kindChoice, oneOf: []string{"header", "cookies"},
			doc: "How web pages authenticate: by a key or token in a header, or by cookies.",
			why: "With `header` no page can use what a browser sends by itself, so all origins may call. `cookies` needs `cors.origins`.",
			at:  func(c *Config) any { return &c.CORS.Mode },
		},
		{
			path: "cors.origins", kind: kindNames, least: 1, most: 1000, item: originPattern, itemWord: "origins such as https://app.example.com or https://*.example.org", one: "an origin", check: checkOrigin, example: `["https://app.example.com"]`, absent: "all, in the mode `header`",
			doc: "The origins whose pages may call. `https://*.example.org` is every subdomain.",
			why: "A pattern over names that anybody can register, such as `https://*.github.io`, is refused.",
			at:  func(c *Config) any { return &c.CORS.Origins },
		},
		{
			path: "cors.own_origins", kind: kindNames, least: 1, most: 1000, item: originPattern, itemWord: "origins such as https://api.example.com", one: "an origin", check: checkOwnOrigin, example: `["https://api.example.com"]`, absent: "those recognised by the request",
			doc: "The origins under which browsers reach this server itself. Only with `cors.origins`.",
			why: "For old browsers behind a proxy that ends TLS or changes `Host`; others say themselves that a request is of the same origin.",
			at:  func(c *Config) any { return &c.CORS.OwnOrigins },
		},
		{
			path: "cors.dangerously_allow_insecure_origins", kind: kindBool,
			doc: "**Dangerous.** `true` admits `http://` origins other than this machine's in `cors.origins`.",
			why: "Whoever is on the network between a user and such a page can put pages there, and call from them.",
			at:  func(c *Config) any { return &c.CORS.DangerouslyAllowInsecureOrigins },
		},
		{
			path: "cors.max_age", kind: kindDuration, least: second, most: 24 * 60 * minute,
			doc: "How long a browser may keep the answer to a preflight request.",
			why: "Saves a request before each call. Chromium keeps it two hours at most.",
			at:  func(c *Config) any { return &c.CORS.MaxAge },
		},
		{
			path: "cors.private_network", kind: kindBool,
			doc: "Whether public pages may call this server where it is in a private network.",
			why: "Only where pages on the internet are meant to reach into yours. Only with `cors.origins`.",
			at:  func(c *Config) any { return &c.CORS.PrivateNetwork },
		},
	}
}

// rateSettings bound how often callers come.
func rateSettings() []*setting {
	return []*setting{
		{
			path: "limits.per_client", kind: kindRate, example: rateExample,
			doc: "Queries of one client." + queriesOnly + unlimitedRate,
			why: clientAddress,
			at:  func(c *Config) any { return &c.Perimeter.PerClient },
		},
		{
			path: "limits.per_network.ipv4", kind: kindCount, least: 8, most: 32,
			doc: "The length in bits of an IPv4 network that is counted together.",
			why: "Rotating addresses inside one network does not help.",
			at:  func(c *Config) any { return &c.Perimeter.PerNetwork.IPv4 },
		},
		{
			path: "limits.per_network.ipv6", kind: kindCount, least: 16, most: 64,
			doc: "The length in bits of an IPv6 network that is counted together.",
			why: "A site is commonly given 48 bits: 65,536 networks of one client each.",
			at:  func(c *Config) any { return &c.Perimeter.PerNetwork.IPv6 },
		},
		{
			path: "limits.per_network.rate", kind: kindRate, example: "300/minute",
			doc: "Queries of one network." + queriesOnly + unlimitedRate,
			why: "Ten clients' worth: an office shares one.",
			at:  func(c *Config) any { return &c.Perimeter.PerNetwork.Rate },
		},
		{
			path: "limits.per_asn.database", kind: kindPath, least: 1, most: pathMost, item: pathPattern, example: "/etc/sallyport/asn.mmdb", absent: "no limit by ASN",
			doc: "An MMDB file that tells the autonomous system (ASN) of an address, such as GeoLite2-ASN.",
			why: "Whoever rents servers has addresses in many networks of one provider. The file is yours to bring and to keep up.",
			at:  func(c *Config) any { return &c.Perimeter.PerASN.Database },
		},
		{
			path: "limits.per_asn.rate", kind: kindRate, example: "600/minute",
			doc: "Queries of one autonomous system, where there is a database." + queriesOnly + unlimitedRate,
			why: "More than a network's, because a provider of access is one too.",
			at:  func(c *Config) any { return &c.Perimeter.PerASN.Rate },
		},
		{
			path: "limits.per_key", kind: kindRate, example: "120/minute", absent: "no limit by key",
			doc: "Queries with one key, or of one user, wherever they come from." + queriesOnly,
			why: "For keys that are used from many addresses.",
			at:  func(c *Config) any { return &c.Perimeter.PerKey },
		},
		{
			path: "limits.global", kind: kindRate, example: "200/minute",
			doc: "Queries of all clients." + queriesOnly + unlimitedRate,
			why: "What the machine bears, whoever asks.",
			at:  func(c *Config) any { return &c.Perimeter.Global },
		},
		{
			path: "limits.catalog", kind: kindRate, example: "120/minute",
			doc: "Requests of one client to the routes under `/v1/sources`." + unlimitedRate,
			why: "They cost little, and an agent begins with several.",
			at:  func(c *Config) any { return &c.Perimeter.Catalog },
		},
		{
			path: "limits.other", kind: kindRate, example: "60/minute",
			doc: "Requests of one client to everything else: `/healthz`, `/openapi.json`, and paths that there are not." + unlimitedRate,
			why: "No route is without a limit, and neither is guessing paths.",
			at:  func(c *Config) any { return &c.Perimeter.Other },
		},
		{
			path: "limits.report_only", kind: kindBool,
			doc: "**Dangerous.** `true`: the rates refuse nothing. The log has what they would have refused (`would_refuse`).",
			why: "For finding the right rates before they count. `limits.in_flight` holds all the same.",
			at:  func(c *Config) any { return &c.Perimeter.ReportOnly },
		},
		{
			path: "limits.memory", kind: kindSize, least: mib, most: 256 * mib,
			doc: "The memory of this process for the counts: 16 bytes for each client, network, key.",
			why: "However many addresses come, it is never more. Where it is full, newcomers are allowed less, never more.",
			at:  func(c *Config) any { return &c.Perimeter.Memory },
		},
		{
			path: "limits.store", kind: kindStore, most: 2048, item: storePattern, example: "rediss://:${REDIS_PASSWORD}@redis.example.com:6379/0",
			doc: "`memory`, or the URL of a Redis or Valkey in which several instances count together (`redis://`, `rediss://` with TLS, `unix://`).",
			why: "While it is away each instance counts by itself, and says so in the log. Without TLS only to this machine or `internal_hosts`.",
			at:  func(c *Config) any { return &c.Perimeter.Store },
		},
	}
}

// inFlightSettings bound how many callers are answered at once.
func inFlightSettings() []*setting {
	return []*setting{
		{
			path: "limits.in_flight.per_client", kind: kindCount, least: 1, most: mostInFlight,
			doc: "Queries of one client that are answered at once. " + clientAddress,
			why: "One client must not hold all places.",
			at:  func(c *Config) any { return &c.Perimeter.InFlight.PerClient },
		},
		{
			path: "limits.in_flight.global", kind: kindCount, least: 1, most: mostInFlight,
			doc: "Queries that are answered at once.",
			why: "The engine is shared; more at once only makes all of them slower.",
			at:  func(c *Config) any { return &c.Perimeter.InFlight.Global },
		},
		{
			path: "limits.in_flight.queue", kind: kindCount, least: 1, most: mostInQueue,
			doc: "Queries that wait for a place, of all clients; clients take turns.",
			why: "A short burst waits; beyond that a quick refusal is kinder.",
			at:  func(c *Config) any { return &c.Perimeter.InFlight.Queue },
		},
		{
			path: "limits.in_flight.wait", kind: kindDuration, least: 10 * millisecond, most: minute,
			doc: "How long a query waits for a place.",
			why: "Then it is refused with 429 or 503. Together with a source's `deadline` less than `http.write_timeout`.",
			at:  func(c *Config) any { return &c.Perimeter.InFlight.Wait },
		},
	}
}

// hostSettings name hosts that are inside.
func hostSettings() []*setting {
	return []*setting{
		{
			path: "internal_hosts", kind: kindNames, least: 1, most: 100, item: hostPattern, itemWord: "host names or addresses in lower case", one: "the name or address of a host in lower case", example: "[redis.internal]", absent: "none",
			doc: "Hosts that may be reached without TLS: for `limits.store` and `access.bearer.issuer`. This machine is always one.",
			why: "What crosses a network in the clear can be read and changed on the way.",
			at:  func(c *Config) any { return &c.InternalHosts },
		},
	}
}

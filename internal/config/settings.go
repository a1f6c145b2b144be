package config

import "slices"

// settings is every setting, in the order of the reference.
var settings = slices.Concat(
	serverSettings(), operatorSettings(), topologySettings(), accessSettings(), bearerSettings(), corsSettings(),
	rateSettings(), inFlightSettings(), hostSettings(), httpSettings(), sourceSettings(), workerSettings(), logSettings(),
)

const (
	pathPattern = `^[^\x00-\x1f\x7f]+$`
	pathMost    = 4096
)

func serverSettings() []*setting {
	return []*setting{
		{
			path: "listen", kind: kindAddress, example: "127.0.0.1:8080",
			doc: "The address of the API: an IP address (IPv6 in brackets) or `localhost`, and a port; port 0 takes a free one.",
			why: "Loopback, so that nothing is reachable from outside until you say so. Beyond loopback needs `tls`, or a proxy that has it: see `topology.kind`.",
			at:  func(c *Config) any { return &c.Listen },
		},
		{
			path: "tls.cert", kind: kindPath, least: 1, most: pathMost, item: pathPattern, example: "/etc/sallyport/cert.pem", absent: "plain HTTP",
			doc: "The certificate chain for HTTPS, PEM, leaf first. Needs `tls.key`.",
			why: "Keys and answers must not cross a network in the clear.",
			at:  func(c *Config) any { return &c.TLS.Cert },
		},
		{
			path: "tls.key", kind: kindPath, least: 1, most: pathMost, item: pathPattern, example: "/etc/sallyport/key.pem", absent: "plain HTTP",
			doc: "The private key of that certificate, PEM. Needs `tls.cert`.",
			why: "Keys and answers must not cross a network in the clear.",
			at:  func(c *Config) any { return &c.TLS.Key },
		},
	}
}

func accessSettings() []*setting {
	return []*setting{
		{
			path: "access.keys", kind: kindPath, least: 1, most: pathMost, item: pathPattern, example: "keys.yaml", absent: "no keys file",
			doc: "The file of keys (their hashes), as `sallyport key new` writes it. Read again when it changes, and on SIGHUP. A key in the environment variable `SALLYPORT_API_KEY` counts in addition to those of the file, or by itself.",
			why: "There is no default key. With none, the server does not start.",
			at:  func(c *Config) any { return &c.Access.Keys },
		},
		{
			path: "access.public", kind: kindBool,
			doc: "**Dangerous.** `true` lets everybody query without a key. Excludes keys: one scheme per endpoint.",
			why: "Open access must be a decision that somebody wrote down.",
			at:  func(c *Config) any { return &c.Access.Public },
		},
	}
}

func httpSettings() []*setting {
	return []*setting{
		{
			path: "http.read_header_timeout", kind: kindDuration, least: 100 * millisecond, most: minute,
			doc: "How long a client may take to send the header of a request.",
			why: "A client that sends one byte a second must not hold a connection. At most `http.read_timeout`.",
			at:  func(c *Config) any { return &c.HTTP.ReadHeaderTimeout },
		},
		{
			path: "http.read_timeout", kind: kindDuration, least: 100 * millisecond, most: 10 * minute,
			doc: "How long a client may take to send the whole request.",
			why: "As above, for the body; a query is small.",
			at:  func(c *Config) any { return &c.HTTP.ReadTimeout },
		},
		{
			path: "http.write_timeout", kind: kindDuration, least: second, most: 30 * minute,
			doc: "How long an answer may take: that of a query, the time for which its client keeps the server waiting; any other, from the end of the request's header to its last byte.",
			why: "A client that does not read must not hold a query's result. More than every source's `deadline`, or answers would be cut.",
			at:  func(c *Config) any { return &c.HTTP.WriteTimeout },
		},
		{
			path: "http.idle_timeout", kind: kindDuration, least: second, most: 30 * minute,
			doc: "How long an open connection may wait for its next request.",
			why: "Long enough to reuse connections, short enough not to collect them.",
			at:  func(c *Config) any { return &c.HTTP.IdleTimeout },
		},
		{
			path: "http.max_header", kind: kindSize, least: kib, most: mib,
			doc: "The size of a request's header.",
			why: "Memory that anybody can make the server hold, before any key is checked.",
			at:  func(c *Config) any { return &c.HTTP.MaxHeader },
		},
		{
			path: "http.max_body", kind: kindSize, least: kib, most: mib,
			doc: "The size of a request's body: the query, its parameters and the JSON around them.",
			why: "As above. At least every source's `sql`, or a query of the length allowed could not be sent.",
			at:  func(c *Config) any { return &c.HTTP.MaxBody },
		},
		{
			path: "http.shutdown_grace", kind: kindDuration, least: second, most: 10 * minute,
			doc: "How long running requests may finish once the server was told to stop.",
			why: "A little more than the default deadline, so that a running query ends by itself.",
			at:  func(c *Config) any { return &c.HTTP.ShutdownGrace },
		},
	}
}

func logSettings() []*setting {
	return []*setting{
		{
			path: "errors.detail", kind: kindChoice, oneOf: []string{"rule", "none"}, example: "none",
			absent: "`rule` for callers with a key, `none` for the rest",
			doc:    "Whether a refused query is answered with its rule and the way to mend it (`rule`), or with neither (`none`). No form repeats the caller's input.",
			why:    "A caller with a key, often an agent, can repair its query; a stranger learns nothing.",
			at:     func(c *Config) any { return &c.Errors.Detail },
		},
		{
			path: "log.format", kind: kindChoice, oneOf: []string{"text", "json"},
			doc: "The form of a log line, on standard error.",
			why: "`text` for people, `json` for a log collector.",
			at:  func(c *Config) any { return &c.Log.Format },
		},
		{
			path: "log.level", kind: kindChoice, oneOf: []string{"debug", "info", "warn", "error"},
			doc: "The least level that is logged.",
			why: "`info` has one line for each request.",
			at:  func(c *Config) any { return &c.Log.Level },
		},
		{
			path: "cache", kind: kindPath, least: 1, most: pathMost, item: pathPattern, example: "/var/cache/sallyport",
			absent: "chosen by the command",
			doc:    "The directory for CSV files converted to DuckDB files.",
			why:    "It holds a copy of the data, so it must not be served or shared.",
			at:     func(c *Config) any { return &c.Cache },
		},
	}
}

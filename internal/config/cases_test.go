package config

import "slices"

// fileCase is a configuration and what must become of it. The tests of Load and of the schema share the table, so that
// the two cannot come to disagree unseen.
type fileCase struct {
	name, yaml string
	facts      Facts
	// path is where the only mistake is, and text a part of its message; both empty: the file is right.
	path, text string
	// blind: the schema cannot see this mistake.
	blind bool
}

const (
	withTLS  = minimal + "tls: {cert: c.pem, key: k.pem}\n"
	limits   = minimal + "    limits: "
	noSource = "log: {level: info}\n"
)

// wholeCases are about the settings of the whole.
var wholeCases = []fileCase{
	{name: "minimal", yaml: minimal, facts: withKey},
	{name: "keys file", yaml: minimal + "access: {keys: keys.yaml}\n"},
	{name: "keys file and key from the environment", yaml: minimal + "access: {keys: keys.yaml}\n", facts: withKey},
	{name: "public", yaml: minimal + "access: {public: true}\n"},
	{name: "public false with keys", yaml: minimal + "access: {public: false, keys: keys.yaml}\n"},
	{name: "no key", yaml: minimal, path: "access.keys", text: "sallyport key new", blind: true},
	{name: "public false without keys", yaml: minimal + "access: {public: false}\n", path: "access.keys", text: "no key", blind: true},
	{name: "public with keys", yaml: minimal + "access: {public: true, keys: k}\n", path: "access.public", text: "one scheme"},
	{name: "public with a key from the environment", yaml: minimal + "access: {public: true}\n", facts: withKey, path: "access.public", text: "the environment holds a key", blind: true},

	{name: "no source", yaml: noSource, facts: withKey, path: "sources", text: "nothing to serve"},
	{name: "sources without content", yaml: "sources: {}\n", facts: withKey, path: "sources", text: "nothing in it"},
	{name: "unknown key", yaml: minimal + "webhooks: {}\n", facts: withKey, path: "webhooks", text: "unknown setting"},

	{name: "listen localhost", yaml: minimal + "listen: localhost:80\n", facts: withKey},
	{name: "listen IPv6 loopback", yaml: minimal + "listen: '[::1]:80'\n", facts: withKey},
	{name: "listen 127.x", yaml: minimal + "listen: 127.9.9.9:0\n", facts: withKey},
	{name: "listen everywhere with TLS", yaml: withTLS + "listen: :8443\n", facts: withKey},
	{name: "listen beyond with TLS", yaml: withTLS + "listen: 192.0.2.1:8443\n", facts: withKey},
	{name: "listen IPv6 with TLS", yaml: withTLS + "listen: '[2001:db8::1]:8443'\n", facts: withKey},
	{name: "listen zone with TLS", yaml: withTLS + "listen: '[fe80::1%eth0]:8443'\n", facts: withKey},
	{name: "listen everywhere", yaml: minimal + "listen: :8080\n", facts: withKey, path: "listen", text: "topology.kind"},
	{name: "listen 0.0.0.0", yaml: minimal + "listen: 0.0.0.0:8080\n", facts: withKey, path: "listen", text: "without TLS"},
	{name: "listen [::]", yaml: minimal + "listen: '[::]:8080'\n", facts: withKey, path: "listen", text: "without TLS"},
	{name: "listen private", yaml: minimal + "listen: 10.0.0.1:8080\n", facts: withKey, path: "listen", text: "127.0.0.1:8080"},
	{name: "listen mapped", yaml: minimal + "listen: '[::ffff:192.0.2.1]:80'\n", facts: withKey, path: "listen", text: "without TLS"},
	{name: "listen name", yaml: withTLS + "listen: example.com:443\n", facts: withKey, path: "listen", text: "not an IP address"},
	{name: "listen looks like loopback", yaml: withTLS + "listen: localhost.example.com:443\n", facts: withKey, path: "listen", text: "not an IP address"},
	{name: "listen no port", yaml: minimal + "listen: 127.0.0.1\n", facts: withKey, path: "listen", text: "with a port"},
	{name: "listen named port", yaml: minimal + "listen: 127.0.0.1:http\n", facts: withKey, path: "listen", text: "not a port"},
	{name: "listen large port", yaml: minimal + "listen: 127.0.0.1:65536\n", facts: withKey, path: "listen", text: "not a port", blind: true},
	{name: "listen variable", yaml: minimal + "listen: ${LISTEN}:80\n", facts: withKey, path: "listen", text: "not substituted here"},
	{name: "listen short IPv4", yaml: minimal + "listen: 127.1:80\n", facts: withKey, path: "listen", text: "not an IP address", blind: true},

	{name: "TLS", yaml: withTLS, facts: withKey},
	{name: "TLS without key", yaml: minimal + "tls: {cert: c.pem}\n", facts: withKey, path: "tls.key", text: "without its private key"},
	{name: "TLS without certificate", yaml: minimal + "tls: {key: k.pem}\n", facts: withKey, path: "tls.cert", text: "without its certificate"},
	{name: "TLS variable", yaml: minimal + "tls: {cert: '${A}', key: '${B}'}\n", facts: withKey},

	{name: "HTTP", yaml: minimal + "http: {read_header_timeout: 100ms, read_timeout: 100ms, write_timeout: 30m, idle_timeout: 1s, max_header: 1MiB, max_body: 1MiB, shutdown_grace: 10m}\n", facts: withKey},
	{name: "header timeout above read timeout", yaml: minimal + "http: {read_header_timeout: 16s}\n", facts: withKey, path: "http.read_header_timeout", text: "longer than http.read_timeout (15s)", blind: true},
	{name: "zero timeout", yaml: minimal + "http: {idle_timeout: 0s}\n", facts: withKey, path: "http.idle_timeout", text: "0s is below the least allowed, 1s", blind: true},
	{name: "huge header", yaml: minimal + "http: {max_header: 2MiB}\n", facts: withKey, path: "http.max_header", text: "2MiB is beyond the most allowed, 1MiB", blind: true},
	{name: "bare timeout", yaml: minimal + "http: {idle_timeout: 60}\n", facts: withKey, path: "http.idle_timeout", text: "no unit"},
	{name: "write timeout at the deadline", yaml: minimal + "http: {write_timeout: 15s}\n", facts: withKey, path: "sources.flights.limits.deadline", text: "not shorter than http.write_timeout (15s)", blind: true},
	{name: "body under the query", yaml: minimal + "http: {max_body: 9kB}\n", facts: withKey, path: "sources.flights.limits.sql", text: "more than http.max_body (9kB)", blind: true},

	{name: "detail", yaml: minimal + "errors: {detail: none}\n", facts: withKey},
	{name: "unknown detail", yaml: minimal + "errors: {detail: full}\n", facts: withKey, path: "errors.detail", text: `"full" is none of the values; write one of rule, none`},
	{name: "log", yaml: minimal + "log: {format: json, level: debug}\n", facts: withKey},
	{name: "log level in capitals", yaml: minimal + "log: {level: INFO}\n", facts: withKey, path: "log.level", text: "one of debug, info, warn, error"},
	{name: "empty section", yaml: minimal + "log: {}\n", facts: withKey, path: "log", text: "nothing in it"},
	{name: "cache", yaml: minimal + "cache: /var/cache/x\n", facts: withKey},
	{name: "cache of control characters", yaml: minimal + "cache: \"a\\tb\"\n", facts: withKey, path: "cache", text: "control characters"},
}

// sourceCases are about the settings of a source.
var sourceCases = []fileCase{
	{name: "preset", yaml: minimal + "    preset: strict\n", facts: withKey},
	{name: "analyst", yaml: minimal + "    preset: analyst\n", facts: withKey},
	{name: "unknown preset", yaml: minimal + "    preset: lax\n", facts: withKey, path: "sources.flights.preset", text: "none of the values"},
	{name: "no location", yaml: "sources: {s: {notes: x}}\n", facts: withKey, path: "sources.s.location", text: "it is missing"},
	{name: "empty location", yaml: "sources: {s: {location: ''}}\n", facts: withKey, path: "sources.s.location", text: "it is empty"},
	{name: "relative location", yaml: "sources: {s: {location: ./a:b.csv}}\n", facts: withKey},
	{name: "Windows location", yaml: "sources: {s: {location: 'C:\\data\\x.csv'}}\n", facts: withKey},
	{name: "Postgres", yaml: "sources: {s: {location: 'postgres://u:p@h/d'}}\n", facts: withKey},
	{name: "Postgres, the longer word", yaml: "sources: {s: {location: 'postgresql://u@h:5433/d?sslmode=verify-full', limits: {temp: 1GiB, threads: 1}}}\n", facts: withKey},
	{name: "Postgres, in capitals", yaml: "sources: {s: {location: 'PostgreSQL://h/d'}}\n", facts: withKey, path: "sources.s.location", text: "in lower case"},
	{name: "Postgres without a role", yaml: "sources: {s: {location: 'postgres://h/d'}}\n", facts: withKey, path: "sources.s.location", text: "names no role", blind: true},
	{name: "Postgres without a database", yaml: "sources: {s: {location: 'postgres://u@h/'}}\n", facts: withKey, path: "sources.s.location", text: "names no database", blind: true},
	{name: "Postgres with a raw password", yaml: "sources: {s: {location: 'postgres://u:a%zz@h/d'}}\n", facts: withKey, path: "sources.s.location", text: "percent-encode", blind: true},
	{name: "Postgres with workers", yaml: "sources: {s: {location: 'postgres://u@h/d', limits: {workers: 2}}}\n", facts: withKey, path: "sources.s.limits.workers", text: "not used", blind: true},
	{name: "Postgres with memory", yaml: "sources: {s: {location: 'postgres://u@h/d', limits: {memory: 1GiB}}}\n", facts: withKey, path: "sources.s.limits.memory", text: "not used", blind: true},
	{name: "Postgres, everything", yaml: "sources: {s: {location: 'postgres://u@h/d', preset: analyst, schemas: [public, Sales], pool: {min: 1, max: 2, wait: 1s}, limits: {cost: 1, plan_rows: 1}}}\n", facts: withKey},
	{name: "Postgres, system schema", yaml: "sources: {s: {location: 'postgres://u@h/d', schemas: [pg_catalog]}}\n", facts: withKey, path: "sources.s.schemas", text: "system catalog", blind: true},
	{name: "Postgres, no schema", yaml: "sources: {s: {location: 'postgres://u@h/d', schemas: []}}\n", facts: withKey, path: "sources.s.schemas", text: "the list is empty"},
	{name: "Postgres, schema with a dot", yaml: "sources: {s: {location: 'postgres://u@h/d', schemas: [a.b]}}\n", facts: withKey, path: "sources.s.schemas", text: "not the name of a schema"},
	{name: "Postgres, pool upside down", yaml: "sources: {s: {location: 'postgres://u@h/d', pool: {min: 7}}}\n", facts: withKey, path: "sources.s.pool.min", text: "more than pool.max (6)", blind: true},
	{name: "Postgres, pool 0", yaml: "sources: {s: {location: 'postgres://u@h/d', pool: {max: 0}}}\n", facts: withKey, path: "sources.s.pool.max", text: "0 is below"},
	{name: "S3", yaml: "sources: {s: {location: 's3://b/x.parquet'}}\n", facts: withKey, path: "sources.s.location", text: "s3: locations are not supported"},
	{name: "file URL", yaml: "sources: {s: {location: 'file:///x'}}\n", facts: withKey, path: "sources.s.location", text: "write the plain path"},
	{name: "MotherDuck", yaml: "sources: {s: {location: 'md:x'}}\n", facts: withKey, path: "sources.s.location", text: "md: locations are not supported"},
	{name: "in memory", yaml: "sources: {s: {location: ':memory:'}}\n", facts: withKey, path: "sources.s.location", text: "in-memory"},
	{name: "two of one location", yaml: minimal + "  second: {location: data/flights.duckdb}\n", facts: withKey},
	{name: "long name", yaml: "sources: {a123456789a123456789a123456789a123456789a123456789a123456789abc: {location: x}}\n", facts: withKey},
	{name: "too long a name", yaml: "sources: {a123456789a123456789a123456789a123456789a123456789a123456789abcd: {location: x}}\n", facts: withKey, path: `sources."a123456789a123456789a123456789a123456789a123456789a123456789…"`, text: "not a name for a source"},

	{name: "tables", yaml: minimal + "    tables: [a, 'b c', \"2024\", schema.t]\n", facts: withKey},
	{name: "all tables", yaml: minimal + "    tables: ['*']\n", facts: withKey},
	{name: "all tables and one", yaml: minimal + "    tables: ['*', a]\n", facts: withKey, path: "sources.flights.tables", text: "stands beside other names"},
	{name: "table pattern", yaml: minimal + "    tables: ['sales_*']\n", facts: withKey, path: "sources.flights.tables", text: "there are no patterns"},
	{name: "no tables", yaml: minimal + "    tables: []\n", facts: withKey, path: "sources.flights.tables", text: "the list is empty"},
	{name: "table twice", yaml: minimal + "    tables: [a, a]\n", facts: withKey, path: "sources.flights.tables", text: "there twice"},
	{name: "table twice in another case", yaml: minimal + "    tables: [a, A]\n", facts: withKey, path: "sources.flights.tables", text: "there twice", blind: true},
	{name: "empty table", yaml: minimal + "    tables: ['']\n", facts: withKey, path: "sources.flights.tables", text: "not the name of a table"},
	{name: "hidden columns", yaml: minimal + "    hidden_columns: [email, 'Phone No']\n", facts: withKey},
	{name: "hidden column of a table", yaml: minimal + "    hidden_columns: [users.email]\n", facts: withKey, path: "sources.flights.hidden_columns", text: "without the table's name"},
	{name: "hidden pattern", yaml: minimal + "    hidden_columns: ['*']\n", facts: withKey, path: "sources.flights.hidden_columns", text: "there are no patterns"},
	{name: "functions", yaml: minimal + "    functions: {dangerously_allow: [soundex], deny: [random, _x]}\n", facts: withKey},
	{name: "function allowed and denied", yaml: minimal + "    functions: {dangerously_allow: [f], deny: [f]}\n", facts: withKey, path: "sources.flights.functions.deny", text: "both allowed and denied", blind: true},
	{name: "function in capitals", yaml: minimal + "    functions: {deny: [Random]}\n", facts: withKey, path: "sources.flights.functions.deny", text: "lower case"},
	{name: "function with call", yaml: minimal + "    functions: {deny: ['f()']}\n", facts: withKey, path: "sources.flights.functions.deny", text: "not the name of a function"},
	{name: "allow", yaml: minimal + "    functions: {allow: [f]}\n", facts: withKey, path: "sources.flights.functions.allow", text: "known here: dangerously_allow, deny"},
	{name: "notes", yaml: minimal + "    notes: \"one\\ntwo\\tthree\"\n", facts: withKey},
	{name: "notes with escape characters", yaml: minimal + "    notes: \"\\e[2J\"\n", facts: withKey, path: "sources.flights.notes", text: "control characters"},

	{name: "limits", yaml: limits + "{deadline: 10ms, rows: 1, bytes: 1KiB, sql: 100B, memory: 128MiB, threads: 1, temp: 1MiB, workers: 1}\n", facts: withKey},
	{name: "most limits", yaml: limits + "{deadline: 10m, rows: 1000000, bytes: 64MiB, sql: 32kB, memory: 1TiB, threads: 64, temp: 1TiB, workers: 64}\nhttp: {write_timeout: 11m}\n", facts: withKey},
	{name: "rows 0", yaml: limits + "{rows: 0}\n", facts: withKey, path: "sources.flights.limits.rows", text: "0 is below the least allowed, 1; write a whole number from 1 to 1,000,000,000, such as `rows: 1000`"},
	{name: "rows negative", yaml: limits + "{rows: -1}\n", facts: withKey, path: "sources.flights.limits.rows", text: "-1 is below"},
	{name: "rows beyond", yaml: limits + "{rows: 1000000001}\n", facts: withKey, path: "sources.flights.limits.rows", text: "1,000,000,001 is beyond the most allowed, 1,000,000,000"},
	{name: "bytes 0", yaml: limits + "{bytes: 0B}\n", facts: withKey, path: "sources.flights.limits.bytes", text: "0B is below", blind: true},
	{name: "bytes beyond", yaml: limits + "{bytes: 2TiB}\n", facts: withKey, path: "sources.flights.limits.bytes", text: "2TiB is beyond", blind: true},
	{name: "deadline 0", yaml: limits + "{deadline: 0s}\n", facts: withKey, path: "sources.flights.limits.deadline", text: "0s is below", blind: true},
	{name: "deadline beyond", yaml: limits + "{deadline: 11m}\nhttp: {write_timeout: 30m}\n", facts: withKey, path: "sources.flights.limits.deadline", text: "11m is beyond the most allowed, 10m", blind: true},
	{name: "deadline above write timeout", yaml: limits + "{deadline: 1m}\n", facts: withKey, path: "sources.flights.limits.deadline", text: "not shorter than http.write_timeout (30s)", blind: true},
	{name: "sql beyond", yaml: limits + "{sql: 32KiB}\n", facts: withKey, path: "sources.flights.limits.sql", text: "32KiB is beyond the most allowed, 32kB", blind: true},
	{name: "memory below", yaml: limits + "{memory: 64MiB}\n", facts: withKey, path: "sources.flights.limits.memory", text: "below the least allowed, 128MiB", blind: true},
	{name: "threads beyond", yaml: limits + "{threads: 65}\n", facts: withKey, path: "sources.flights.limits.threads", text: "65 is beyond"},
	{name: "workers 0", yaml: limits + "{workers: 0}\n", facts: withKey, path: "sources.flights.limits.workers", text: "0 is below"},
	{name: "plan rows", yaml: limits + "{plan_rows: 1000000}\n", facts: withKey},
	{name: "plan rows 0", yaml: limits + "{plan_rows: 0}\n", facts: withKey, path: "sources.flights.limits.plan_rows", text: "0 is below the least allowed, 1"},
	{name: "cost of files", yaml: limits + "{cost: 1000000}\n", facts: withKey, path: "sources.flights.limits.cost", text: "set limits.plan_rows", blind: true},
	{name: "schemas of files", yaml: minimal + "    schemas: [sales]\n", facts: withKey, path: "sources.flights.schemas", text: "not used", blind: true},
	{name: "pool of files", yaml: minimal + "    pool: {max: 3}\n", facts: withKey, path: "sources.flights.pool.max", text: "see limits.workers", blind: true},
	{name: "a later version's limit", yaml: limits + "{energy: 1000000}\n", facts: withKey, path: "sources.flights.limits.energy", text: "unknown setting"},
}

func allCases() []fileCase { return slices.Concat(wholeCases, perimeterCases, sourceCases) }

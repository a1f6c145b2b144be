package config

const (
	tablePattern    = `^(\*|[^*\x00-\x1f\x7f]{1,255})$`
	columnPattern   = `^[^*.\x00-\x1f\x7f]{1,255}$`
	functionPattern = `^[a-z_][a-z0-9_]{0,62}$`
	notesPattern    = `^[^\x00-\x08\x0b-\x1f\x7f]*$`
	schemaPattern   = `^[^*."\x00-\x1f\x7f]{1,63}$`
	namePattern     = `^[a-z][a-z0-9_]{0,62}$`
)

// maxEstimate is beyond every ceiling that bounds anything.
const maxEstimate = 1_000_000_000_000_000

// maxSources bounds the sources: each has processes of its own.
const maxSources = 64

func sourceSettings() []*setting {
	return append(sourceSubjectSettings(), sourceLimitSettings()...)
}

// sourceSubjectSettings say what is served.
func sourceSubjectSettings() []*setting {
	return []*setting{
		{
			path: "sources.<name>.location", kind: kindPath, least: 1, most: pathMost, item: pathPattern, required: true, example: "data/flights.duckdb",
			doc: "The path of a `.duckdb` file, of a Parquet or CSV file, or of a folder of those, in which each file is a table; or `postgres://role:${PASSWORD}@host:port/database`, of which the tables of `schemas` are served.",
			why: "Paths are relative to the directory in which sallyport is started. A file whose name begins like a URL (`a:b.csv`) is written `./a:b.csv`. A database's role may do nothing but read, and its connection needs `sslmode=verify-full` except on this machine and to `internal_hosts`.",
			of:  func(s *Source) any { return &s.Location },
		},
		{
			path: "sources.<name>.schemas", kind: kindNames, least: 1, most: 100, item: schemaPattern, exact: true,
			itemWord: "schema names, as the database has them", one: "the name of a schema that may be served",
			doc: "Postgres only: the schemas whose tables are served. Tables beyond `public` are named with their schema: `sales.orders`.",
			why: "What you serve is what you point at. Schemas that begin with `pg_`, and `information_schema`, are never served.",
			of:  func(s *Source) any { return &s.Schemas },
		},
		{
			path: "sources.<name>.preset", kind: kindChoice, oneOf: []string{"strict", "analyst"},
			doc: "The set of rules for SQL.",
			why: "`strict` admits one table source in each SELECT and reviewed functions only. `analyst` also admits joins whose sources are tied by equalities between columns, window functions, deeper queries and computed ORDER BY, under a ceiling on the planner's estimate (`limits.cost`, `limits.plan_rows`).",
			of:  func(s *Source) any { return &s.Preset },
		},
		{
			path: "sources.<name>.tables", kind: kindNames, least: 1, most: 10_000, item: tablePattern,
			itemWord: "table names, or only \"*\" for every table", one: "the name of a table",
			doc: "The tables that may be read: exact names, without patterns, whatever the case in DuckDB and in the database's own in Postgres; `[\"*\"]` is every table.",
			why: "What you serve is what you point at. Name the tables where the file holds more than strangers may see.",
			of:  func(s *Source) any { return &s.Tables },
		},
		{
			path: "sources.<name>.hidden_columns", kind: kindNames, least: 1, most: 1000, item: columnPattern, example: "[email]",
			itemWord: "column names, without the table's name", one: "the name of a column", absent: "none",
			doc: "Columns that no query may name or return, in any table: exact names, whatever the case.",
			why: "For what the file must hold and callers must not see. A name hides the column in every table, so that a copy of it elsewhere does not leak.",
			of:  func(s *Source) any { return &s.HiddenColumns },
		},
		{
			path: "sources.<name>.functions.dangerously_allow", kind: kindNames, least: 1, most: 1000, item: functionPattern, example: "[soundex]",
			itemWord: "function names in lower case", one: "the name of a function", absent: "none",
			doc: "**Dangerous.** Functions beyond the reviewed list that queries may call.",
			why: "A function that nobody reviewed may read files, run SQL given as text, or use memory and time without bound.",
			of:  func(s *Source) any { return &s.Functions.DangerouslyAllow },
		},
		{
			path: "sources.<name>.functions.deny", kind: kindNames, least: 1, most: 1000, item: functionPattern, example: "[random]",
			itemWord: "function names in lower case", one: "the name of a function", absent: "none",
			doc: "Functions of the reviewed list that queries may not call.",
			why: "Takes away what your data does not need.",
			of:  func(s *Source) any { return &s.Functions.Deny },
		},
		{
			path: "sources.<name>.notes", kind: kindText, least: 0, most: 4000, item: notesPattern, example: `"Delays are in minutes."`, absent: "none",
			doc: "What callers should know about the data, shown with the list of tables.",
			why: "An agent that knows the units asks better queries. Every caller can read it; it goes into an agent's context, so it is short.",
			of:  func(s *Source) any { return &s.Notes },
		},
	}
}

// sourceLimitSettings bound each query.
func sourceLimitSettings() []*setting {
	return []*setting{
		{
			path: "sources.<name>.limits.deadline", kind: kindDuration, least: 10 * millisecond, most: 10 * minute,
			doc: "The time of one query in the engine; then it is interrupted, and its worker killed if that does not end it.",
			why: "Half of the default `http.write_timeout`, which must stay longer.",
			of:  func(s *Source) any { return &s.Limits.Deadline },
		},
		{
			path: "sources.<name>.limits.rows", kind: kindCount, least: 1, most: 1_000_000_000,
			doc: "The rows of one answer, whatever LIMIT the query has.",
			why: "An answer is for reading; whoever wants the whole table gets a file.",
			of:  func(s *Source) any { return &s.Limits.Rows },
		},
		{
			path: "sources.<name>.limits.bytes", kind: kindSize, least: kib, most: tib,
			doc: "The size of one answer, before compression. `json` is collected before it is sent, so 64 MiB is the most there; the other formats stream.",
			why: "Rows can be wide: one `string_agg` returns a whole column in a row.",
			of:  func(s *Source) any { return &s.Limits.Bytes },
		},
		{
			path: "sources.<name>.limits.sql", kind: kindSize, least: 100, most: 32_000,
			doc: "The length of a query's text.",
			why: "Parsers have overflowed their stack on 60 kB of nested SQL. 32kB is the most under every preset.",
			of:  func(s *Source) any { return &s.Limits.SQL },
		},
		{
			path: "sources.<name>.limits.memory", kind: kindSize, least: 128 * mib, most: tib,
			doc: "The engine's memory, for each worker.",
			why: "One query must not take the whole machine's. A source uses up to `workers` × `memory`.",
			of:  func(s *Source) any { return &s.Limits.Memory },
		},
		{
			path: "sources.<name>.limits.threads", kind: kindCount, least: 1, most: 64,
			doc: "The engine's threads, for each worker.",
			why: "One query must not take every core. A source uses up to `workers` × `threads`.",
			of:  func(s *Source) any { return &s.Limits.Threads },
		},
		{
			path: "sources.<name>.limits.temp", kind: kindSize, least: mib, most: tib,
			doc: "The engine's temporary files, for each worker.",
			why: "Large sorts spill to disk; unbounded, they fill it.",
			of:  func(s *Source) any { return &s.Limits.Temp },
		},
		{
			path: "sources.<name>.limits.workers", kind: kindCount, least: 1, most: 64,
			doc: "The worker processes, and so the queries that run at once on this source.",
			why: "One runs while the other is killed and replaced.",
			of:  func(s *Source) any { return &s.Limits.Workers },
		},
		{
			path: "sources.<name>.limits.spares", kind: kindCount, least: 1, most: 16,
			doc: "Warm worker processes beside `workers`: they take a query of a client that runs nothing while the others are busy with long ones, and the place of a worker that dies.",
			why: "A short query need not wait behind long ones, and a killed worker costs the next query nothing. One more process at rest takes some 40 MiB.",
			of:  func(s *Source) any { return &s.Limits.Spares },
		},
		{
			path: "sources.<name>.limits.cost", kind: kindCount, least: 1, most: maxEstimate, optional: true, example: "1000000",
			absent: "1000000 under `analyst`, none under `strict`",
			doc:    "Postgres only: the ceiling on the planner's estimate of a query's cost, in its own unit; a query above it is refused by `sql.cost` before it runs.",
			why:    "A page read in sequence costs 1, so that 1000000 is some 8 GB read once, or some ten seconds. The estimate is one round trip more for a query that is new.",
			of:     func(s *Source) any { return &s.Limits.Cost },
		},
		{
			path: "sources.<name>.limits.plan_rows", kind: kindCount, least: 1, most: maxEstimate, optional: true, example: "1000000000",
			absent: "1000000000 under `analyst`, none under `strict`",
			doc:    "The ceiling on the rows that the planner expects of any step of a query; a query above it is refused by `sql.cost` before it runs.",
			why:    "A join on a column of few values multiplies rows without any rule seeing it; the planner, which knows the data, does.",
			of:     func(s *Source) any { return &s.Limits.PlanRows },
		},
		{
			path: "sources.<name>.pool.min", kind: kindCount, least: 1, most: 100,
			doc: "Postgres only: the connections that are kept open.",
			why: "The first queries after a pause need not wait for a connection.",
			of:  func(s *Source) any { return &s.Pool.Min },
		},
		{
			path: "sources.<name>.pool.max", kind: kindCount, least: 1, most: 100,
			doc: "Postgres only: the most connections, and so the queries that run at once on this source.",
			why: "The database serves others as well, and its `max_connections` is shared by all.",
			of:  func(s *Source) any { return &s.Pool.Max },
		},
		{
			path: "sources.<name>.pool.wait", kind: kindDuration, least: 10 * millisecond, most: minute,
			doc: "Postgres only: how long a query waits for a connection before it is answered 503.",
			why: "A queue that is longer than callers wait only hides the load.",
			of:  func(s *Source) any { return &s.Pool.Wait },
		},
	}
}

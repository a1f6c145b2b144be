package housetest

// A row is a set of packages with the same place in the order of tiers.
//
// A pattern is a directory from the root; "x/..." is x and all below it. The
// packages of one pattern are one family and may import each other. Of the rest,
// a package may import only rows above its own in the table, narrowed by the
// fields below.
type row struct {
	tier     string
	name     string
	packages []string
	sideways bool     // its families may import each other
	only     []string // it may import these rows and no others; nil means every row above it, and an empty list none
	usedBy   []string // no other rows may import it; nil means every row below it may
	reason   string   // why, printed when the rule is broken
}

// rows is the whole order, lowest first.
var rows = []row{
	{
		tier: "0", name: "facts",
		packages: []string{"problem/...", "chain/...", "event/..."},
		sideways: true,
		reason:   "what every other package shares: the error a client sees, the order of middleware, the record of a request",
	},
	{
		tier: "0", name: "duckdb library",
		packages: []string{"internal/duckdblib/..."},
		only:     []string{},
		usedBy:   []string{"adapters", "engines", "corpus", "aside"},
		reason:   "a thin leaf over DuckDB's C API; whoever imports it needs cgo and links DuckDB",
	},
	{
		tier: "0", name: "counting",
		packages: []string{"internal/gcra/...", "internal/lockout/..."},
		sideways: true,
		only:     []string{},
		usedBy:   []string{"protections", "aside"},
		reason:   "how often each key came, in bounded memory: limits on rates and on failed attempts count alike",
	},
	{
		tier: "0", name: "shared store",
		packages: []string{"internal/redisdial/..."},
		only:     []string{},
		usedBy:   []string{"protections", "aside"},
		reason:   "how a Redis is reached safely; what is kept there is each protection's own",
	},
	{
		tier: "0", name: "operating system",
		packages: []string{"internal/sandbox/...", "internal/membudget/..."},
		only:     []string{},
		usedBy:   []string{"engines", "server", "command", "aside"},
		reason:   "what encloses a process and bounds its memory knows nothing of what the process does",
	},
	{
		tier: "0", name: "test services",
		packages: []string{"internal/servicetest/..."},
		only:     []string{},
		reason:   "real services for tests; a file that is not a test has no use for it",
	},
	{
		tier: "1", name: "protections",
		packages: []string{
			"clientip/...", "requestid/...", "secheaders/...", "cors/...", "ratelimit/...", "concurrency/...",
			"apikey/...", "bearer/...", "webhook/...", "upload/...", "monitor/...", "safefetch/...",
			"tempfile/...", "prebuild/...", "htmlreport/...",
		},
		only:   []string{"facts", "counting", "shared store"},
		reason: "each protection is usable alone; they share facts through context values and take functions from whoever wires them",
	},
	{
		tier: "2", name: "guard internals",
		packages: []string{"sqlguard/internal/..."},
		only:     []string{"facts"},
		reason:   "the neutral tree and the text layers know no dialect and no protection",
	},
	{
		tier: "2", name: "guard",
		packages: []string{"sqlguard"},
		only:     []string{"facts", "guard internals"},
		reason:   "the rules know no dialect: a program that guards Postgres must not link DuckDB",
	},
	{
		tier: "2", name: "adapters",
		packages: []string{"sqlguard/duckdb/...", "sqlguard/postgres/..."},
		only:     []string{"facts", "duckdb library", "guard internals", "guard"},
		reason:   "an adapter is one dialect's parser and printer, and knows no other dialect",
	},
	{
		tier: "2", name: "guard tests",
		packages: []string{"sqlguard/internal/guardtest/...", "sqlguard/internal/sqlgen/..."},
		sideways: true,
		only:     []string{"facts", "guard internals", "guard"},
		usedBy:   []string{},
		reason:   "what the tests of the dialects share; nothing that ships may use it",
	},
	{
		tier: "3", name: "encode",
		packages: []string{"internal/encode/..."},
		only:     []string{"facts"},
		reason:   "typed columns to bytes, for every engine: it knows none of them",
	},
	{
		tier: "4", name: "engine",
		packages: []string{"internal/engine"},
		reason:   "the interface of engines knows no engine",
	},
	{
		tier: "4", name: "schedule",
		packages: []string{"internal/engine/schedule/..."},
		only:     []string{"engine"},
		usedBy:   []string{"engines", "server", "aside"},
		reason:   "who is next is decided without knowing what runs",
	},
	{
		tier: "4", name: "engines",
		packages: []string{"internal/engine/duckdb/...", "internal/engine/postgres/..."},
		usedBy:   []string{"server", "command", "aside"},
		reason:   "queries reach an engine through internal/engine; only the wiring names one",
	},
	{
		tier: "5", name: "query",
		packages: []string{"internal/query/..."},
		reason:   "the only way from a front to an engine",
	},
	{
		tier: "5", name: "corpus",
		packages: []string{"internal/corpus/..."},
		only:     []string{"facts", "duckdb library", "guard", "adapters"},
		usedBy:   []string{"command", "aside"},
		reason:   "it judges logs of queries, and runs none: it has no use for an engine",
	},
	{
		tier: "6", name: "configuration",
		packages: []string{"internal/config/..."},
		usedBy:   []string{"server", "command", "aside"},
		reason:   "a package takes its own Config; only the wiring knows the file it came from",
	},
	{
		tier: "6", name: "fronts",
		packages: []string{
			"internal/httpapi/...", "internal/mcpapi/...", "internal/collector/...",
			"internal/logstore/...", "internal/dashboard/...", "internal/audit/...",
		},
		reason: "fronts meet in internal/query, never in each other",
	},
	{
		tier: "7", name: "server",
		packages: []string{"internal/server/..."},
		reason:   "wiring",
	},
	{
		tier: "7", name: "command",
		packages: []string{"cmd/sallyport/..."},
		reason:   "the only reader of flags and environment",
	},
	{
		tier: "beside the tiers", name: "aside",
		packages: []string{"bench/...", "systest/...", "examples/...", "tools/...", "internal/housetest/..."},
		sideways: true,
		usedBy:   []string{},
		reason:   "programs and tests about the project, of which it needs none",
	},
}

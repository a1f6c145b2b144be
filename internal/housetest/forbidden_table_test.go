package housetest

// A ban is something that Go files may not use, except where it is allowed.
type ban struct {
	// What: one of the first two. An import ends with "/" to mean every package
	// below it. A name is an identifier of any package.
	imports string
	name    string
	// calls narrows imports to these names of the package; nil means all of it.
	calls []string

	allowed []string // directories, "x/..." with all below
	tests   bool     // _test.go files may use it anywhere
	reason  string   // why, printed when the rule is broken
}

// commands are the programs: the only places that are started by a person or a shell.
var commands = []string{"cmd/...", "bench/...", "systest/...", "examples/...", "tools/..."}

// bans is the list of what is forbidden.
var bans = []ban{
	{
		imports: "C",
		allowed: []string{"internal/duckdblib/...", "internal/engine/duckdb/..."},
		reason:  "whoever imports a protection must be able to build it without a C compiler",
	},
	{
		imports: "unsafe",
		allowed: []string{"internal/duckdblib/...", "internal/engine/duckdb/...", "internal/sandbox/..."},
		reason:  "memory that Go does not own is touched only next to the library, or the kernel, that owns it",
	},
	{
		imports: "github.com/duckdb/",
		tests:   true, // which compare with the engine itself, through database/sql
		allowed: append([]string{"internal/duckdblib/...", "internal/engine/duckdb/..."}, commands...),
		reason:  "DuckDB is reached through internal/duckdblib; its Go packages bring cgo and a large library with them",
	},
	{
		imports: "github.com/pganalyze/",
		allowed: append([]string{"sqlguard/postgres/..."}, commands...),
		reason:  "Postgres's parser is C: only the adapter that needs it brings cgo to those who import it",
	},
	{
		imports: "math/rand",
		reason:  "version 1 has a global lock and a guessable seed; crypto/rand for what must not be guessed, math/rand/v2 for the rest",
	},
	{
		imports: "net/http/pprof",
		allowed: []string{"internal/server/..."},
		reason:  "importing it adds routes to http.DefaultServeMux; the operator's listener registers its handlers one by one",
	},
	{
		imports: "expvar",
		reason:  "importing it adds a public route to http.DefaultServeMux that shows the command line and memory statistics",
	},
	{
		imports: "os/exec",
		allowed: append([]string{"internal/engine/duckdb/...", "internal/servicetest/..."}, commands...),
		tests:   true,
		reason:  "the server starts no program but its own workers",
	},
	{
		imports: modulePath + "/internal/servicetest",
		tests:   true,
		reason:  "it starts services for tests; nothing that ships may",
	},
	{
		imports: "plugin",
		reason:  "code that was not built with the server must not run in it",
	},
	{
		imports: "io/ioutil",
		reason:  "deprecated since Go 1.19; io and os have the same functions",
	},
	{
		imports: "text/template",
		reason:  "it does not escape; html/template for pages, fmt for text",
	},
	{
		imports: "flag",
		allowed: commands,
		tests:   true,
		reason:  "flags are read only by commands, so that a package does what its Config says and nothing else",
	},
	{
		imports: "os",
		calls:   []string{"Args", "Getenv", "LookupEnv", "Environ", "ExpandEnv"},
		allowed: commands,
		tests:   true,
		reason:  "the environment and the command line are read only by commands, so that a package does what its Config says and nothing else",
	},
	{
		imports: "os",
		calls:   []string{"Exit"},
		allowed: append([]string{"internal/engine/duckdb/..."}, commands...),
		tests:   true,
		reason:  "a package returns its errors; a process that exits in the middle loses audit records and answers (a worker has none)",
	},
	{
		imports: "net/http",
		calls:   []string{"DefaultServeMux", "Handle", "HandleFunc"},
		reason:  "any package can add a route to the default mux; every route is registered with its limit and its access rule",
	},
	{
		imports: "net/http",
		calls:   []string{"DefaultClient", "DefaultTransport", "Get", "Head", "Post", "PostForm"},
		reason:  "the default client has no time limit, follows redirects anywhere and obeys proxies in the environment; build a client (httptest's Server.Client in tests)",
	},
	{
		imports: "net/http",
		calls:   []string{"ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS"},
		reason:  "these servers have no timeouts; build an http.Server with all of them",
	},
	{
		name:   "InsecureSkipVerify",
		reason: "there is no option anywhere to skip the verification of certificates; trust a private CA through RootCAs",
	},
}

package config

import "slices"

// Config is the whole configuration. Its zero value allows nothing: every limit is zero, and Validate refuses it. Start
// from Default or Load.
type Config struct {
	// Listen is the address of the API, "host:port" with an IP address or localhost. Port 0 takes a free one.
	Listen string
	// TLS is the server's certificate. Zero: plain HTTP, allowed on loopback only.
	TLS TLS
	// Operator is the listener for whoever runs the server.
	Operator Operator
	// Topology says what stands between clients and the server, and so which address a request is attributed to.
	Topology Topology
	// Access says who may ask.
	Access Access
	// CORS says which web pages may call.
	CORS CORS
	// Perimeter bounds how often callers come, and how many at once.
	Perimeter Perimeter
	// InternalHosts are hosts that may be reached without TLS, by lower-case name or address.
	InternalHosts []string
	// HTTP bounds every phase of a request.
	HTTP HTTP
	// Sources are what is served, in the order of the file. Names are unique.
	Sources []Source
	// Errors says how much a refusal tells.
	Errors Errors
	// Log is the form and level of the log.
	Log Log
	// Cache is the directory for converted CSV files. Empty: the command decides.
	Cache string
	// Memory is the budget of resident memory for the server and all its workers. Zero: the command finds out what there is.
	Memory Size
	// Sandbox is what must enclose the worker processes.
	Sandbox Sandbox
	// Responses are how answers are written.
	Responses Responses

	// places maps a setting's path to where the file sets it, for messages only. Nil in a Config made in code.
	places map[string]place
}

// TLS names the certificate and the key as PEM files: both or neither.
type TLS struct {
	// Cert is the path of the certificate chain, leaf first.
	Cert string
	// Key is the path of its private key.
	Key string
}

// Enabled says whether HTTPS is served.
func (t TLS) Enabled() bool { return t.Cert != "" || t.Key != "" }

// Access says who may ask. The zero value lets nobody in: no key is known, and the endpoint is not public.
type Access struct {
	// Keys is the path of the keys file. Empty: no file.
	Keys string
	// Public opens the endpoint to everybody, without a key. It excludes keys: one scheme per endpoint.
	Public bool
	// Bearer admits users by the tokens of an issuer. It excludes keys and Public.
	Bearer Bearer
	// Lockout is for clients that fail to authenticate.
	Lockout Lockout
}

// HTTP bounds every phase of a request. A zero denies: Validate refuses it.
type HTTP struct {
	// ReadHeaderTimeout bounds reading the request's header (http.Server.ReadHeaderTimeout).
	ReadHeaderTimeout Duration
	// ReadTimeout bounds reading the whole request, body included (http.Server.ReadTimeout).
	ReadTimeout Duration
	// WriteTimeout bounds the answer: of a query, the time for which its client keeps the server waiting; of the rest,
	// from the end of the header (http.Server.WriteTimeout). It exceeds every source's deadline.
	WriteTimeout Duration
	// IdleTimeout bounds waiting for the next request on an open connection (http.Server.IdleTimeout).
	IdleTimeout Duration
	// MaxHeader bounds the request's header, in bytes (http.Server.MaxHeaderBytes).
	MaxHeader Size
	// MaxBody bounds the request's body, in bytes.
	MaxBody Size
	// ShutdownGrace is how long running requests may finish once the server was told to stop.
	ShutdownGrace Duration
}

// Source is one database that is served, and what a query on it may do.
type Source struct {
	// Name is its name in the API: a-z, then a-z, 0-9 and _, at most 63 characters.
	Name string
	// Location is the path of a .duckdb file, of a Parquet or CSV file, or of a folder of those.
	Location string
	// Schemas are the schemas of a Postgres database whose tables are served. Empty: public.
	Schemas []string
	// Pool is the connections to a Postgres database.
	Pool Pool
	// Preset is the set of rules for SQL.
	Preset Preset
	// Tables are the tables that may be read, by exact name, whatever the case; ["*"] is all of them. Empty: none,
	// which Validate refuses.
	Tables []string
	// HiddenColumns are columns that no query may name or return, in any table, by exact name, whatever the case.
	HiddenColumns []string
	// Functions changes the reviewed list of functions.
	Functions Functions
	// Notes are shown to callers with the list of tables: what an agent should know about the data.
	Notes string
	// Limits bound each query.
	Limits Limits
}

// AllTables says whether every table may be read.
func (s Source) AllTables() bool { return slices.Equal(s.Tables, []string{"*"}) }

// Pool bounds the connections to a database.
type Pool struct {
	// Min are kept open, Max is the most there are.
	Min, Max int
	// Wait is how long a query waits for one.
	Wait Duration
}

// Functions changes the reviewed list of functions, by lower-case name.
type Functions struct {
	// DangerouslyAllow adds functions that the review did not admit. Each may read files, run SQL given as text or use
	// memory and time without bound.
	DangerouslyAllow []string
	// Deny takes functions away.
	Deny []string
}

// Limits bound one query on a source. A zero denies: Validate refuses it.
type Limits struct {
	// Deadline bounds the time in the engine. Then the query is interrupted, and soon after its worker killed.
	Deadline Duration
	// Rows bounds the rows of an answer.
	Rows int
	// Bytes bounds the size of an answer.
	Bytes Size
	// SQL bounds the length of the query's text, in bytes.
	SQL Size
	// Memory bounds the engine's memory, for each worker.
	Memory Size
	// Threads bounds the engine's threads, for each worker.
	Threads int
	// Temp bounds the engine's temporary files, for each worker.
	Temp Size
	// Workers is the number of worker processes, and so of queries that run at once.
	Workers int
	// Spares is the number of worker processes beside these, kept warm.
	Spares int
	// Cost is the ceiling on a Postgres planner's estimate of the cost; 0: that of the preset, see Ceiling.
	Cost int
	// PlanRows is the ceiling on the rows that the planner expects of any step; 0: that of the preset.
	PlanRows int
}

// The ceilings of the preset analyst. Under strict there are none: one source a SELECT is bounded by what is stored.
const (
	analystCost     = 1_000_000
	analystPlanRows = 1_000_000_000
)

// Ceiling is the ceiling on the planner's estimate: the cost and the rows of a step, 0 where there is none.
func (s Source) Ceiling() (cost, rows int) {
	cost, rows = s.Limits.Cost, s.Limits.PlanRows
	if s.Preset == PresetAnalyst {
		if cost == 0 && s.Postgres() {
			cost = analystCost
		}
		if rows == 0 {
			rows = analystPlanRows
		}
	}
	return cost, rows
}

// Errors says how much a refusal tells the caller.
type Errors struct {
	// Detail is by caller when it is not set.
	Detail Detail
}

// Sandbox is what must enclose the worker processes. Whatever the kernel has is always used.
type Sandbox struct {
	// Required refuses to serve files where the kernel lacks a part of the sandbox.
	Required bool
}

// Responses are how answers are written, unless the request says otherwise.
type Responses struct {
	// Compression lets answers be compressed for clients that accept it.
	Compression bool
	// CSVFormulas says what becomes of text in CSV that a spreadsheet would compute.
	CSVFormulas CSVFormulas
}

// Log is the form and level of the log, which goes to standard error.
type Log struct {
	Format LogFormat
	Level  LogLevel
}

// Source returns the source called name.
func (c Config) Source(name string) (Source, bool) {
	for _, s := range c.Sources {
		if s.Name == name {
			return s, true
		}
	}
	return Source{}, false
}

// Given says whether the file gives a setting, by its path.
func (c Config) Given(path string) bool {
	_, given := c.places[path]
	return given
}

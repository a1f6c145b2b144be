package postgres

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Config opens a source.
type Config struct {
	// Name is the source's name, for the log. Required.
	Name string
	// URL is postgres://role:password@host:port/database?sslmode=…. Required.
	// It takes the parameters sslmode, sslrootcert, sslcert, sslkey, host
	// (the directory of a Unix socket), application_name and connect_timeout
	// (seconds). Neither the environment nor ~/.pgpass completes it.
	URL string
	// Schemas are those whose tables are served. A table of another than public
	// has its schema before its name. Empty: public.
	Schemas []string
	// CA is the path of a file of certificates in PEM that sign the server's;
	// the same as sslrootcert in URL. Empty: the system's authorities.
	CA string
	// InternalHosts may be reached without TLS: names, addresses, or networks
	// in CIDR notation. Loopback addresses and Unix sockets always may.
	InternalHosts []string
	// MinConns is how many connections are kept open. Zero: 3, or MaxConns if
	// that is less.
	MinConns int
	// MaxConns is how many connections, and so queries, there are at most.
	// Zero: 6.
	MaxConns int
	// AcquireTimeout is how long a query waits for a connection. Zero: 15s; at
	// most ten minutes.
	AcquireTimeout time.Duration
	// Queue is how many queries may wait for a connection. Zero: 50; at most
	// 16384. One client may fill it, and gives way to others who come then.
	Queue int
	// StatementTimeout is the server's limit on a query. A request's own
	// deadline goes before it. Required.
	StatementTimeout time.Duration
	// LockTimeout is how long a query waits for a lock. Zero: 1s.
	LockTimeout time.Duration
	// WorkMem is the memory, in bytes, of each sort and each hash table of a
	// query, of which there can be several. Zero: 16 MiB; at least 64 KiB.
	WorkMem int64
	// TempFileLimit is how many bytes a query may write into temporary files.
	// Zero: none. It takes a role that may set it, or that has it set (see
	// RoleSQL); otherwise the log says that there is no limit.
	TempFileLimit int64
	// ParallelWorkers is how many more processes one query may use. Zero: none.
	ParallelWorkers int
	// unqualified lets queries name the tables of the first schema without it:
	// tests do, for which no guard writes schemas.
	unqualified bool
	// Logger hears of lost servers and of statements that got past the guard.
	// Required.
	Logger *slog.Logger
}

// Limits of a setting that the server holds in an int of milliseconds or kB.
const (
	maxMillis = math.MaxInt32
	maxKilos  = math.MaxInt32
	minWork   = 64 << 10
)

// Limits of package schedule, which hands out the connections.
const (
	maxAcquire = 10 * time.Minute
	maxQueue   = 1 << 14
)

func (c Config) withDefaults() Config {
	c.Schemas = append([]string(nil), c.Schemas...)
	if len(c.Schemas) == 0 {
		c.Schemas = []string{defaultSchema}
	}
	c.InternalHosts = append([]string(nil), c.InternalHosts...)
	fill(&c.MaxConns, 6)
	fill(&c.MinConns, min(3, c.MaxConns))
	fill(&c.AcquireTimeout, 15*time.Second)
	fill(&c.Queue, 50)
	fill(&c.LockTimeout, time.Second)
	fill(&c.WorkMem, 16<<20)
	return c
}

func fill[T int | int64 | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// validate reports everything that is wrong, after withDefaults.
func (c Config) validate() error {
	var problems []error
	wrong := func(bad bool, field, advice string) {
		if bad {
			problems = append(problems, fmt.Errorf("postgres: %s: %s", field, advice))
		}
	}
	wrong(c.Name == "", "Name", "missing")
	wrong(c.Logger == nil, "Logger", "missing")
	wrong(c.MinConns < 0, "MinConns", "must not be negative")
	wrong(c.MaxConns < 1 || c.MaxConns < c.MinConns, "MaxConns", "must be at least 1 and not below MinConns")
	wrong(c.MaxConns > 1000, "MaxConns", "must not be above 1000")
	wrong(c.AcquireTimeout < 0 || c.AcquireTimeout > maxAcquire, "AcquireTimeout", "must be from 0 to 10 minutes")
	wrong(c.Queue < 0 || c.Queue > maxQueue, "Queue", "must be from 0 to 16384")
	wrong(c.StatementTimeout < time.Millisecond || c.StatementTimeout.Milliseconds() > maxMillis, "StatementTimeout", "must be from 1ms to 24 days")
	wrong(c.LockTimeout < time.Millisecond || c.LockTimeout.Milliseconds() > maxMillis, "LockTimeout", "must be from 1ms to 24 days")
	wrong(c.WorkMem < minWork || c.WorkMem>>10 > maxKilos, "WorkMem", "must be from 64KiB to 2TiB")
	wrong(c.TempFileLimit < 0 || c.TempFileLimit>>10 > maxKilos, "TempFileLimit", "must be from 0 to 2TiB")
	wrong(c.ParallelWorkers < 0 || c.ParallelWorkers > 1024, "ParallelWorkers", "must be from 0 to 1024")
	for i, s := range c.Schemas {
		wrong(s == "" || strings.ContainsRune(s, 0), "Schemas", "an empty or impossible name")
		wrong(strings.ContainsAny(s, `."`), "Schemas", strconv.Quote(s)+" has a dot or a quotation mark in it: its tables cannot be told apart from others")
		wrong(slices.Contains(c.Schemas[:i], s), "Schemas", s+" is there twice")
		wrong(strings.HasPrefix(s, "pg_") || s == "information_schema", "Schemas", s+" is the system's: its catalogs are not served")
	}
	return errors.Join(problems...)
}

// settings are the session's defaults. ROLLBACK and RESET come back to them.
func (c Config) settings() map[string]string {
	millis := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	return map[string]string{
		"default_transaction_read_only": "on",
		"statement_timeout":             millis(c.StatementTimeout),
		"lock_timeout":                  millis(c.LockTimeout),
		// Between two messages of ours nothing takes longer than the way there.
		"idle_in_transaction_session_timeout": millis(c.StatementTimeout + 10*time.Second),
		"work_mem":                            strconv.FormatInt(c.WorkMem>>10, 10),
		"hash_mem_multiplier":                 "1",
		"max_parallel_workers_per_gather":     strconv.Itoa(c.ParallelWorkers),
		// Compiling a query takes memory and time that no limit counts.
		"jit": "off",
		// Temporary objects last: else they would go before the catalog.
		"search_path": c.searchPath(),
		// A query whose client is gone ends, if it looks at all.
		"client_connection_check_interval": "2000",
		"client_min_messages":              "error",
		"client_encoding":                  "UTF8",
		"timezone":                         "UTC",
		"datestyle":                        "ISO, MDY",
		"intervalstyle":                    "iso_8601",
		"bytea_output":                     "hex",
		"extra_float_digits":               "1",
		"standard_conforming_strings":      "on",
		"application_name":                 "sallyport",
	}
}

// searchPath is where names without a schema are looked for: among the
// server's own things, and nowhere else. The guard writes the schema of every
// table, but operators have none, and one of a user's that fits its operands
// better would be called in place of the server's.
func (c Config) searchPath() string {
	if c.unqualified {
		return "pg_catalog, " + quoteName(c.Schemas[0]) + ", pg_temp"
	}
	return "pg_catalog, pg_temp"
}

// quoteName writes an identifier.
func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// quoteText writes a string literal.
func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

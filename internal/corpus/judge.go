package corpus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/duckdb"
	"github.com/sallyport-dev/sallyport/sqlguard/postgres"
)

// The dialects.
const (
	DuckDB   = "duckdb"
	Postgres = "postgres"
)

// isDialect reports whether there is a guard for it.
func isDialect(name string) bool { return name == DuckDB || name == Postgres }

// Config makes a Judge.
type Config struct {
	// Policy is what a source would be served with.
	Policy sqlguard.Policy
	// Schema holds the tables of the source. Nil: unknown, and names of tables
	// and columns are taken as given.
	Schema *Schema
}

// Judge has a guard for each dialect, opened when it is first asked for. It is
// for one goroutine.
type Judge struct {
	config   Config
	guards   map[string]*sqlguard.Guard
	adapters []io.Closer
}

// NewJudge makes a Judge. Its owner closes it.
func NewJudge(c Config) *Judge {
	return &Judge{config: c, guards: map[string]*sqlguard.Guard{}}
}

// Close frees the parsers.
func (j *Judge) Close() error {
	var problems []error
	for _, a := range j.adapters {
		problems = append(problems, a.Close())
	}
	return errors.Join(problems...)
}

// Check judges one query: the error is a *sqlguard.Refusal, or else says that
// the guard itself failed. The time is that of the guard alone.
func (j *Judge) Check(ctx context.Context, dialect, sql string) (sqlguard.Query, time.Duration, error) {
	guard, err := j.guard(dialect)
	if err != nil {
		return sqlguard.Query{}, 0, err
	}
	start := time.Now()
	query, err := guard.Check(ctx, sql)
	return query, time.Since(start), err
}

func (j *Judge) guard(dialect string) (*sqlguard.Guard, error) {
	if g := j.guards[dialect]; g != nil {
		return g, nil
	}
	config := sqlguard.Config{Policy: j.config.Policy, TakeNamesAsGiven: j.config.Schema == nil}
	if j.config.Schema != nil {
		config.Catalog = j.config.Schema.catalog(dialect)
	}
	switch dialect {
	case DuckDB:
		a, err := duckdb.Open()
		if err != nil {
			return nil, err
		}
		config.Adapter, j.adapters = a, append(j.adapters, a)
	case Postgres:
		a, err := postgres.Open()
		if err != nil {
			return nil, err
		}
		config.Adapter, j.adapters = a, append(j.adapters, a)
	default:
		return nil, fmt.Errorf("corpus: there is no dialect %q", dialect)
	}
	g, err := sqlguard.New(config)
	if err != nil {
		return nil, err
	}
	j.guards[dialect] = g
	return g, nil
}

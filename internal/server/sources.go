package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/internal/config"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/query"
	"github.com/sallyport-dev/sallyport/internal/sandbox"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// Served is one source as it came up, for the banner.
type Served struct {
	Source config.Source
	// Tables may be queried.
	Tables []string
	// Withheld are names stored in the file that are not served, with the reason.
	Withheld map[string]error
	// Sandbox is what the kernel keeps the source's workers from; it says
	// nothing of a database's.
	Sandbox sandbox.Report
	// Tried is what one of them has tried to prove it.
	Tried []sandbox.Finding
}

const (
	// queueWait is how long a query waits for a worker.
	queueWait = 5 * time.Second
	// queueLength is how many queries wait for the workers of one source.
	queueLength = 50
	// openingNotice is after how long the log explains why nothing is served
	// yet.
	openingNotice = 3 * time.Second
)

func (s *Server) openSources(ctx context.Context) error {
	var sources []query.Source
	for _, c := range s.options.Config.Sources {
		source, err := s.openSource(ctx, c)
		if err != nil {
			problems := []error{fmt.Errorf("source %s: %w", c.Name, err)}
			for _, opened := range sources {
				problems = append(problems, opened.Engine.Close())
			}
			return errors.Join(problems...)
		}
		sources = append(sources, source)
	}
	var err error
	s.service, err = query.New(s.options.Logger, sources...)
	return err
}

// opened is a source's engine, with what the guard must know of it.
type opened struct {
	engine   engine.Engine
	guard    sqlguard.Config // without a policy
	withheld map[string]error
	sandbox  sandbox.Report
	tried    []sandbox.Finding
}

func (s *Server) openSource(ctx context.Context, c config.Source) (query.Source, error) {
	open := s.openDuckDB
	if c.Postgres() {
		open = s.openPostgres
	}
	o, err := open(ctx, c)
	if err != nil {
		return query.Source{}, err
	}
	o.guard.Policy = sqlguard.Policy{
		Preset: presets[c.Preset], MaxLength: int(c.Limits.SQL.Bytes()), MaxRows: int64(c.Limits.Rows),
		Tables: c.Tables, HiddenColumns: c.HiddenColumns,
		DenyFunctions: c.Functions.Deny, DangerouslyAllowFunctions: c.Functions.DangerouslyAllow,
	}
	g, err := sqlguard.New(o.guard)
	if err == nil {
		err = missingTables(c, o.guard)
	}
	if err != nil {
		return query.Source{}, errors.Join(err, o.engine.Close())
	}
	served := Served{Source: c, Withheld: o.withheld, Sandbox: o.sandbox, Tried: o.tried}
	for _, name := range o.guard.Catalog.Tables {
		if g.AllowsTable(name) {
			served.Tables = append(served.Tables, name)
		}
	}
	slices.Sort(served.Tables)
	s.sources = append(s.sources, served)
	cost, rows := c.Ceiling()
	return query.Source{
		Name: c.Name, Notes: c.Notes, Guard: g, Engine: o.engine,
		Ceiling: query.Ceiling{Rows: float64(rows), Cost: float64(cost)},
		Limits:  engine.Limits{Deadline: c.Limits.Deadline.Std(), Rows: int64(c.Limits.Rows), Bytes: c.Limits.Bytes.Bytes()},
	}, nil
}

// presets are the guard's, by their names in the configuration. One that is not
// there is strict.
var presets = map[config.Preset]sqlguard.Preset{config.PresetStrict: sqlguard.Strict, config.PresetAnalyst: sqlguard.Analyst}

// guarded tells the guard what a source holds, but for what is withheld.
func guarded(held engine.Catalog, withheld map[string]error) *sqlguard.Catalog {
	catalog := &sqlguard.Catalog{Macros: held.Macros, Columns: map[string][]string{}}
	for _, t := range held.Tables {
		if withheld[t.Name] != nil {
			continue
		}
		catalog.Tables = append(catalog.Tables, t.Name)
		if t.View {
			catalog.Views = append(catalog.Views, t.Name)
		}
		for _, column := range t.Columns {
			catalog.Columns[t.Name] = append(catalog.Columns[t.Name], column.Name)
		}
	}
	return catalog
}

// missingTables refuses a policy that names tables which do not exist: a
// misspelled restriction would be a surprise later.
func missingTables(c config.Source, guard sqlguard.Config) error {
	if c.AllTables() {
		return nil
	}
	var problems []error
	fold, tables := guard.Adapter.Fold, guard.Catalog.Tables
	for _, name := range c.Tables {
		if !slices.ContainsFunc(tables, func(have string) bool { return fold(have) == fold(name) }) {
			problems = append(problems, fmt.Errorf("sources.%s.tables: there is no table %q; there are: %s", c.Name, name, strings.Join(tables, ", ")))
		}
	}
	return errors.Join(problems...)
}

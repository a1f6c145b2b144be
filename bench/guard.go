package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/query"
	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/duckdb"
	guardpg "github.com/sallyport-dev/sallyport/sqlguard/postgres"
)

// The goals of the design, in microseconds.
const (
	coldGoal         = 150
	coldPostgresGoal = 100
	cachedGoal       = 1
)

// guardCost is what judging one query takes.
type guardCost struct {
	dialect      string
	name         string
	length       int
	cold, cached cost
}

type guardedQuery struct{ name, sql string }

// guarded are the queries whose verdict is timed.
var guarded = []guardedQuery{
	{"short", "SELECT 42"},
	{typical, "SELECT origin, count(*) AS flights, round(avg(delay), 1) AS delay FROM flights " +
		"WHERE distance > 500 GROUP BY origin ORDER BY flights DESC LIMIT 5"},
	{"long", longQuery()},
}

// longQuery is what a diligent analyst or a program writes: many columns, a
// condition for each day, and a common table expression.
func longQuery() string {
	var b strings.Builder
	b.WriteString("WITH late AS (SELECT date, delay, distance, origin, destination FROM flights WHERE delay > 30) SELECT origin")
	for hour := range 12 {
		fmt.Fprintf(&b, ", sum(CASE WHEN extract(hour FROM date) BETWEEN %d AND %d THEN 1 ELSE 0 END) AS h%02d", 2*hour, 2*hour+1, 2*hour)
	}
	b.WriteString(" FROM late WHERE destination IN ('ATL'")
	for _, code := range strings.Fields("ORD DFW LAX PHX DEN DTW IAH MSP LAS STL PHL CLT SEA SFO EWR BOS LGA CVG PIT") {
		fmt.Fprintf(&b, ", '%s'", code)
	}
	b.WriteString(") AND (distance < 200")
	for miles := range 12 {
		fmt.Fprintf(&b, " OR (distance > %d AND distance <= %d AND delay >= %d)", 200+100*miles, 300+100*miles, 30+5*miles)
	}
	b.WriteString(") GROUP BY origin ORDER BY origin LIMIT 200")
	return b.String()
}

// The dialects that a guard is timed with.
const (
	duckDialect     = "DuckDB"
	postgresDialect = "Postgres"
)

// measureGuards times the guards, and profiles one.
func (r *results) measureGuards(ctx context.Context, w *workshop) (err error) {
	if r.guard, err = timeGuards(ctx, r.plan); err != nil || r.noProfile != "" {
		return err
	}
	found, err := profileGuard(ctx, w, r.plan)
	if err != nil {
		r.noProfile = err.Error()
		return nil
	}
	r.guardProfile = &found
	return nil
}

// timeGuards times a guard of each dialect.
func timeGuards(ctx context.Context, p plan) ([]guardCost, error) {
	var list []guardCost
	for _, d := range []string{duckDialect, postgresDialect} {
		costs, err := measureGuard(ctx, p, d)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d, err)
		}
		list = append(list, costs...)
	}
	return list, nil
}

// measureGuard times a guard by itself and behind the cache of verdicts that
// the server puts before it.
func measureGuard(ctx context.Context, p plan, dialect string) (_ []guardCost, err error) {
	guard, closeGuard, err := openGuard(dialect)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closeGuard()) }()
	service, err := query.New(nil, query.Source{
		Name: "flights", Guard: guard, Engine: noEngine{}, Limits: engine.Limits{Deadline: time.Second, Rows: 1000, Bytes: 1 << 20},
	})
	if err != nil {
		return nil, err
	}
	var list []guardCost
	for _, q := range guarded {
		g := guardCost{dialect: dialect, name: q.name, length: len(q.sql)}
		if g.cold, err = measureLoop(ctx, p, func() error {
			_, err := guard.Check(ctx, q.sql)
			return err
		}); err != nil {
			return nil, fmt.Errorf("%s: %w", q.name, err)
		}
		if g.cached, err = measureLoop(ctx, p, func() error {
			verdict, err := service.Check(ctx, "flights", q.sql)
			if err == nil && !verdict.Allowed {
				err = fmt.Errorf("refused by %s", verdict.Rule)
			}
			return err
		}); err != nil {
			return nil, fmt.Errorf("%s, cached: %w", q.name, err)
		}
		list = append(list, g)
	}
	return list, nil
}

// openGuard makes the guard that the server would make for the flights.
func openGuard(dialect string) (*sqlguard.Guard, func() error, error) {
	config := sqlguard.Config{Policy: sqlguard.Policy{Tables: []string{"*"}}, Catalog: &sqlguard.Catalog{Tables: []string{"flights", "airports"}}}
	var closeAdapter func() error
	if dialect == postgresDialect {
		adapter, err := guardpg.Open()
		if err != nil {
			return nil, nil, err
		}
		config.Adapter, closeAdapter = adapter, adapter.Close
	} else {
		adapter, err := duckdb.Open()
		if err != nil {
			return nil, nil, err
		}
		config.Adapter, closeAdapter = adapter, adapter.Close
	}
	guard, err := sqlguard.New(config)
	if err != nil {
		return nil, nil, errors.Join(err, closeAdapter())
	}
	return guard, closeAdapter, nil
}

// typical is the query that the goals speak of.
const typical = "typical"

// noEngine is the engine of a service that is only asked for verdicts.
type noEngine struct{}

func (noEngine) Run(context.Context, engine.Request, io.Writer) (engine.Summary, error) {
	return engine.Summary{}, errors.New("bench: no query runs here")
}

func (noEngine) Estimate(context.Context, engine.Request) (engine.Estimate, error) {
	return engine.Estimate{}, errors.New("bench: no query is planned here")
}

func (noEngine) Catalog() engine.Catalog { return engine.Catalog{} }
func (noEngine) Close() error            { return nil }

package main

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"time"
)

// comparison is both servers under one load, round by round.
type comparison struct {
	load       load
	bare, full []round
}

// results is everything that a run has found.
type results struct {
	plan      plan
	machine   machine
	started   time.Time
	took      time.Duration
	guard     []guardCost
	perimeter []cost
	chains    []cost
	addresses addressesMeasured
	compared  []comparison
	// pgCompared and pgProfiles are the same over PostgreSQL.
	pgCompared []comparison
	pgProfiles []profile
	pgVersion  string
	// streams is nil where no large result was asked for.
	streams        *streams
	streamProfiles []profile
	// memory is nil, and noMemory says why, where it cannot be measured.
	bareMemory, fullMemory *memoryUse
	noMemory               string
	// profiles is nil, and noProfile says why, where perf cannot be used. The
	// guard's stands apart: it is of a process of its own.
	guardProfile *profile
	profiles     []profile
	noProfile    string
	yaml         string
	pgYAML       string
}

// measureBoth looks at the memory of each server by itself.
func (r *results) measureBoth(ctx context.Context, w *workshop) error {
	if runtime.GOOS != "linux" {
		r.noMemory = "not measured: " + runtime.GOOS + " has no /proc"
		return nil
	}
	bare, err := measureMemory(ctx, w.startBare, r.plan)
	if err != nil {
		return err
	}
	full, err := measureMemory(ctx, w.startFull, r.plan)
	if err != nil {
		return err
	}
	r.bareMemory, r.fullMemory = &bare, &full
	return nil
}

// compare compares both servers over DuckDB.
func (r *results) compare(ctx context.Context, w *workshop, say func(string)) (err error) {
	list := r.plan.wanted(loads)
	bare, err := w.startBare(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	full, err := w.startFull(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, full.stop()) }()
	if r.compared, err = r.plan.compareAll(ctx, list, bare, full, say); err != nil {
		return err
	}
	if r.noProfile == "" {
		if r.profiles, err = r.plan.profileLoads(ctx, w, full, list); err != nil {
			r.noProfile = err.Error()
		}
	}
	return nil
}

// measurePostgres compares both servers over a PostgreSQL of their own.
func (r *results) measurePostgres(ctx context.Context, w *workshop, say func(string)) (err error) {
	list := r.plan.wanted(postgresLoads)
	c, err := startCluster(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	bare, err := w.startBarePostgres(ctx, c.url())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	full, yaml, err := w.startFullPostgres(ctx, c.url())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, full.stop()) }()
	r.pgVersion, r.pgYAML = c.version, strings.ReplaceAll(yaml, w.dir, "$DIR")
	if r.pgCompared, err = r.plan.compareAll(ctx, list, bare, full, say); err != nil {
		return err
	}
	if r.noProfile == "" {
		if r.pgProfiles, err = r.plan.profileLoads(ctx, w, full, list); err != nil {
			return err
		}
	}
	return nil
}

// compareAll lets both servers take turns under each load.
func (p plan) compareAll(ctx context.Context, list []load, bare, full *contender, say func(string)) ([]comparison, error) {
	for _, s := range []*contender{bare, full} {
		if err := settle(ctx, s, p.settle); err != nil {
			return nil, err
		}
	}
	var compared []comparison
	for _, l := range list {
		say("both servers: " + l.name)
		c, err := p.compareUnder(ctx, l, bare, full)
		if err != nil {
			return nil, err
		}
		compared = append(compared, c)
	}
	return compared, nil
}

func (p plan) compareUnder(ctx context.Context, l load, bare, full *contender) (comparison, error) {
	c := comparison{load: l}
	for i := range p.rounds + 1 {
		limit := p.round
		if i == 0 {
			limit = p.warmup
		}
		b, err := press(ctx, bare, l, limit, p.requests)
		if err != nil {
			return c, err
		}
		f, err := press(ctx, full, l, limit, p.requests)
		if err != nil {
			return c, err
		}
		if i > 0 {
			c.bare, c.full = append(c.bare, b), append(c.full, f)
		}
	}
	return c, nil
}

// each maps rounds to one of their figures.
func each(rounds []round, figure func(round) float64) []float64 {
	list := make([]float64, len(rounds))
	for i, r := range rounds {
		list[i] = figure(r)
	}
	return list
}

func perSec(r round) float64 { return r.perSec }

func p50(r round) float64 { return float64(r.p50) / float64(time.Millisecond) }

func p99(r round) float64 { return float64(r.p99) / float64(time.Millisecond) }

// ratio is Sallyport's figure over the bare handler's, by neighbouring rounds.
func (c comparison) ratio(figure func(round) float64) spread {
	return spreadOf(ratios(each(c.full, figure), each(c.bare, figure)))
}

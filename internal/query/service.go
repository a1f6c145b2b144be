package query

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// Source is one database that may be queried.
type Source struct {
	Name   string
	Notes  string // what the operator says about the data
	Guard  *sqlguard.Guard
	Engine engine.Engine
	Limits engine.Limits
	// Ceiling bounds what the engine's planner may expect of a query.
	Ceiling Ceiling
}

// Service runs queries against its sources. It is safe for concurrent use.
type Service struct {
	sources []*source
	logger  *slog.Logger
}

type source struct {
	Source
	verdicts  *verdicts
	estimates *estimates
	durations *durations
}

// ErrNoSource says that the request names a source that does not exist, or
// none while there are several. It is refused like an unknown path.
var ErrNoSource = errors.New("query: no such source")

// New makes a Service. It takes over the engines: Close closes them. At level
// debug, and only there, the logger hears why queries are refused, which may
// quote them.
func New(logger *slog.Logger, sources ...Source) (*Service, error) {
	s := &Service{logger: logger}
	var problems []error
	for _, src := range sources {
		if src.Guard == nil || src.Engine == nil || src.Name == "" {
			problems = append(problems, fmt.Errorf("query: source %q: name, guard and engine are required", src.Name))
		}
		if l := src.Limits; l.Deadline <= 0 || l.Rows <= 0 || l.Bytes <= 0 {
			problems = append(problems, fmt.Errorf("query: source %q: every limit must be positive", src.Name))
		}
		if err := src.Ceiling.validate(); err != nil {
			problems = append(problems, fmt.Errorf("query: source %q: %w", src.Name, err))
		}
		if s.find(src.Name) != nil {
			problems = append(problems, fmt.Errorf("query: source %q: twice", src.Name))
		}
		s.sources = append(s.sources, &source{Source: src, verdicts: newVerdicts(), estimates: newEstimates(time.Now), durations: newDurations()})
	}
	if len(sources) == 0 {
		problems = append(problems, errors.New("query: no source"))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return s, nil
}

// Close closes every engine.
func (s *Service) Close() error {
	var problems []error
	for _, src := range s.sources {
		problems = append(problems, src.Engine.Close())
	}
	return errors.Join(problems...)
}

func (s *Service) find(name string) *source {
	i := slices.IndexFunc(s.sources, func(src *source) bool { return src.Name == name })
	if i < 0 {
		return nil
	}
	return s.sources[i]
}

// source finds the source of a request; the name may be left out when there
// is only one.
func (s *Service) source(name string) (*source, error) {
	if name == "" && len(s.sources) == 1 {
		return s.sources[0], nil
	}
	if src := s.find(name); src != nil {
		return src, nil
	}
	return nil, ErrNoSource
}

// Request is one query as a front received it.
type Request struct {
	Source string // empty: the only source
	SQL    string
	// Params are bound to $1, $2, …: nil, bool, int64, float64 or string.
	Params []any
	Format encode.Format
	// Encoding is what the client chose of the format.
	Encoding encode.Options
	// MaxBytes lowers the source's limit on the size of the answer, for a front
	// that has to hold it whole; zero: it stays.
	MaxBytes int64
}

// Run judges a query and, if it may run, writes its answer to w. The answer
// is whole if and only if the error is nil: a *sqlguard.Refusal, ErrNoSource,
// engine.ErrUnavailable, an error of w, or a failure of ours.
func (s *Service) Run(ctx context.Context, r Request, w io.Writer) (engine.Summary, error) {
	src, query, err := s.judge(ctx, r.Source, r.SQL)
	if err != nil {
		return engine.Summary{}, err
	}
	if want := query.NumParams(); len(r.Params) != want {
		return engine.Summary{}, sqlguard.Refuse(sqlguard.RuleFailed, fmt.Errorf("%d parameters where the query has %d", len(r.Params), want))
	}
	request := engine.Request{Query: query, Params: r.Params, Format: r.Format, Encoding: r.Encoding, Limits: src.Limits, Client: clientOf(ctx)}
	if r.MaxBytes > 0 {
		request.Limits.Bytes = min(request.Limits.Bytes, r.MaxBytes)
	}
	fingerprint := query.Fingerprint()
	request.Size = func() engine.Size { return src.durations.size(fingerprint) }
	record := &event.FromContext(ctx).Query
	began, queued := time.Now(), record.Queue
	if err := s.weigh(ctx, src, request); err != nil {
		return engine.Summary{}, err
	}
	if src.Ceiling.set() {
		// A planner computes what is constant: its time is the query's.
		request.Limits.Deadline -= time.Since(began) - (record.Queue - queued)
	}
	if request.Limits.Deadline <= 0 {
		return engine.Summary{}, sqlguard.Refuse(sqlguard.RuleTimeout, errors.New("the deadline has passed while it was planned"))
	}
	summary, err := src.Engine.Run(ctx, request, w)
	if summary.Elapsed > 0 { // it got as far as the engine
		// Not the time of a client who reads slowly: others ask the same.
		src.durations.add(fingerprint, summary.Elapsed-summary.Delivering)
	}
	record.Rows, record.Engine = summary.Rows, summary.Elapsed
	record.Queue += summary.Queued // beside the wait for a place in flight
	s.explain(ctx, src, err)
	return summary, err
}

// clientOf tells clients apart for their turns: by whom they are, and where
// they come from, because many may use one key.
func clientOf(ctx context.Context) string {
	record := event.FromContext(ctx)
	return record.Key + "\x00" + record.Subject + "\x00" + record.Network.String()
}

// explain tells the log at level debug why a query did not run.
func (s *Service) explain(ctx context.Context, src *source, err error) {
	if err == nil || s.logger == nil {
		return
	}
	var refusal *sqlguard.Refusal
	if errors.As(err, &refusal) && s.logger.Enabled(ctx, slog.LevelDebug) {
		s.logger.LogAttrs(ctx, slog.LevelDebug, "query refused", slog.String("source", src.Name),
			slog.String("rule", string(refusal.Rule)), slog.Any("reason", refusal.Unwrap()))
	}
}

// Verdict is the answer to Check.
type Verdict struct {
	Allowed bool
	Rule    sqlguard.Rule // why not
	SQL     string        // what would run
}

// Check judges a query without running it. The ceiling counts only for a
// query without parameters, because the planner needs their values.
func (s *Service) Check(ctx context.Context, name, sql string) (Verdict, error) {
	src, query, err := s.judge(ctx, name, sql)
	if err == nil && query.NumParams() == 0 {
		err = s.weigh(ctx, src, engine.Request{Query: query, Limits: src.Limits, Client: clientOf(ctx)})
	}
	var refusal *sqlguard.Refusal
	switch {
	case err == nil:
		return Verdict{Allowed: true, SQL: query.SQL()}, nil
	case errors.As(err, &refusal):
		return Verdict{Rule: refusal.Rule}, nil
	default:
		return Verdict{}, err
	}
}

func (s *Service) judge(ctx context.Context, name, sql string) (*source, sqlguard.Query, error) {
	src, err := s.source(name)
	if err != nil {
		return nil, sqlguard.Query{}, err
	}
	record := &event.FromContext(ctx).Query
	record.Source = src.Name
	start := time.Now()
	query, err := src.verdicts.check(ctx, src.Guard, sql)
	record.Guard, record.Fingerprint = time.Since(start), query.Fingerprint()
	s.explain(ctx, src, err)
	return src, query, err
}

// weigh refuses a query of which the planner expects more than the source's
// ceiling. A query for a plan has none to be expected.
func (s *Service) weigh(ctx context.Context, src *source, r engine.Request) error {
	if !src.Ceiling.set() || r.Query.Explain() {
		return nil
	}
	start := time.Now()
	found, err := src.estimates.get(ctx, src.Engine, r)
	record := &event.FromContext(ctx).Query
	record.Queue += found.Queued
	record.Guard += time.Since(start) - found.Queued
	if err == nil {
		err = src.Ceiling.judge(found)
	}
	s.explain(ctx, src, err)
	return err
}

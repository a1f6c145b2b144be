package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sallyport-dev/sallyport/apikey"
	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/internal/config"
	"github.com/sallyport-dev/sallyport/internal/engine/duckdb"
	"github.com/sallyport-dev/sallyport/internal/membudget"
	"github.com/sallyport-dev/sallyport/internal/query"
	"github.com/sallyport-dev/sallyport/internal/sandbox"
	guard "github.com/sallyport-dev/sallyport/sqlguard/duckdb"
)

// Options makes a Server. All are required unless they say otherwise.
type Options struct {
	// Config has been validated.
	Config config.Config
	// Keys lets callers in; nil only where Config.Access.Public is set, or
	// tokens let them in.
	Keys *apikey.Store
	// Cache is the directory for databases made from CSV files.
	Cache string
	// Worker starts this program as a DuckDB worker: path and arguments.
	Worker []string
	// WorkerEnv is the environment of workers; empty is right outside tests.
	WorkerEnv []string
	Logger    *slog.Logger
	// Records gets what became of each request; nil: Logger does.
	Records event.Sink
}

// Server is a running Sallyport.
type Server struct {
	options Options
	adapter *guard.Adapter
	service *query.Service
	handler http.Handler
	sources []Served
	// perimeter is what stands before the routes.
	perimeter   perimeter
	metrics     *prometheus.Registry
	certificate atomic.Pointer[tls.Certificate]
	// operator is the listener for whoever runs the server; nil: there is none.
	operator net.Listener
	// memory is what server and workers may take; budget holds them to it, and
	// shares are the most for each worker of a source.
	memory Memory
	budget *membudget.Budget // nil: there are no workers
	shares map[string]int64
	// engines are those with workers, by source.
	engines map[string]*duckdb.Engine
	// cgroups are where workers are born; nil: nowhere.
	cgroups *sandbox.Cgroups
	// ready is true while requests should be sent here.
	ready atomic.Bool
}

// New opens every source and builds the handler. Close ends what it started.
func New(ctx context.Context, o Options) (*Server, error) {
	if o.Logger == nil || o.Cache == "" || len(o.Worker) == 0 {
		return nil, errors.New("server: Logger, Cache and Worker are required")
	}
	if ways := count(o.Config.Access.Public, o.Keys != nil, o.Config.Access.Bearer.Enabled()); ways != 1 {
		return nil, fmt.Errorf("server: of public access, keys and tokens %d are configured: exactly one must let callers in", ways)
	}
	s := &Server{options: o, shares: map[string]int64{}, engines: map[string]*duckdb.Engine{}}
	s.options.Config.Sources = slices.Clone(o.Config.Sources) // memory may be lowered
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// count counts what is true.
func count(list ...bool) int {
	n := 0
	for _, b := range list {
		if b {
			n++
		}
	}
	return n
}

// open does first what is quick and may fail: a large CSV file takes minutes.
func (s *Server) open(ctx context.Context) error {
	err := errors.Join(s.readCertificate(), s.openBudget(ctx), s.openPerimeter(ctx))
	if err != nil {
		return err
	}
	s.announce(ctx)
	if s.adapter, err = guard.Open(); err != nil {
		return err
	}
	if err := s.openSources(ctx); err != nil {
		return err
	}
	if s.metrics, err = s.newMetrics(); err != nil {
		return err
	}
	s.handler, err = s.buildHandler()
	return err
}

// Handler is the whole API behind all its protections.
func (s *Server) Handler() http.Handler { return s.handler }

// Sources tells what is served.
func (s *Server) Sources() []Served { return s.sources }

// Close ends every query and worker.
func (s *Server) Close() error {
	problems := []error{s.perimeter.Close()}
	if s.service != nil {
		problems = append(problems, s.service.Close())
	}
	if s.budget != nil {
		s.budget.Close()
	}
	if s.cgroups != nil {
		problems = append(problems, s.cgroups.Close())
	}
	if s.adapter != nil {
		problems = append(problems, s.adapter.Close())
	}
	return errors.Join(problems...)
}

// Listen opens the configured addresses, the operator's too. Close closes the
// latter; the former is the caller's.
func (s *Server) Listen(ctx context.Context) (net.Listener, error) {
	var err error
	if s.operator, err = s.listenOperator(ctx); err != nil {
		return nil, err
	}
	if s.operator != nil {
		s.perimeter.own(quiet{s.operator})
	}
	var l net.ListenConfig
	listener, err := l.Listen(ctx, "tcp", s.options.Config.Listen)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address with --listen", s.options.Config.Listen, err)
	}
	return listener, nil
}

// OperatorURL is where whoever runs the server finds metrics; empty: nowhere.
func (s *Server) OperatorURL() string {
	if s.operator == nil {
		return ""
	}
	return "http://" + s.operator.Addr().String()
}

// quiet is a listener that may have been closed by its server.
type quiet struct{ net.Listener }

func (q quiet) Close() error {
	if err := q.Listener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

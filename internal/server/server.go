package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"github.com/sallyport-dev/sallyport/apikey"
	"github.com/sallyport-dev/sallyport/internal/config"
	"github.com/sallyport-dev/sallyport/internal/query"
	guard "github.com/sallyport-dev/sallyport/sqlguard/duckdb"
)

// Options makes a Server. All are required unless they say otherwise.
type Options struct {
	// Config has been validated.
	Config config.Config
	// Keys lets callers in; nil only where Config.Access.Public is set.
	Keys *apikey.Store
	// Cache is the directory for databases made from CSV files.
	Cache string
	// Worker starts this program as a DuckDB worker: path and arguments.
	Worker []string
	// WorkerEnv is the environment of workers; empty is right outside tests.
	WorkerEnv []string
	Logger    *slog.Logger
}

// Server is a running Sallyport.
type Server struct {
	options Options
	adapter *guard.Adapter
	service *query.Service
	handler http.Handler
	sources []Served
	// keys is nil where everybody may query.
	keys *apikey.Authenticator
	// tls is nil where plain HTTP is served.
	tls *tls.Config
}

// New opens every source and builds the handler. Close ends what it started.
func New(ctx context.Context, o Options) (*Server, error) {
	if o.Logger == nil || o.Cache == "" || len(o.Worker) == 0 {
		return nil, errors.New("server: Logger, Cache and Worker are required")
	}
	if public := o.Config.Access.Public; public == (o.Keys != nil) {
		return nil, fmt.Errorf("server: public is %v and keys are %v: exactly one must let callers in", public, o.Keys != nil)
	}
	s := &Server{options: o}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// open does first what is quick and may fail: a large CSV file takes minutes.
func (s *Server) open(ctx context.Context) error {
	err := errors.Join(s.readKeys(), s.readCertificate())
	if err != nil {
		return err
	}
	if s.adapter, err = guard.Open(); err != nil {
		return err
	}
	if err := s.openSources(ctx); err != nil {
		return err
	}
	s.handler, err = s.buildHandler()
	return err
}

func (s *Server) readKeys() error {
	if s.options.Keys == nil {
		return nil
	}
	var err error
	s.keys, err = apikey.New(apikey.Config{Keys: s.options.Keys})
	return err
}

func (s *Server) readCertificate() error {
	c := s.options.Config.TLS
	if !c.Enabled() {
		return nil
	}
	certificate, err := tls.LoadX509KeyPair(c.Cert, c.Key)
	if err != nil {
		return fmt.Errorf("tls.cert, tls.key: %w; both are PEM files, and the key belongs to the first certificate of the chain", err)
	}
	s.tls = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	return nil
}

// Handler is the whole API behind all its protections.
func (s *Server) Handler() http.Handler { return s.handler }

// Sources tells what is served.
func (s *Server) Sources() []Served { return s.sources }

// Close ends every query and worker.
func (s *Server) Close() error {
	var problems []error
	if s.service != nil {
		problems = append(problems, s.service.Close())
	}
	if s.adapter != nil {
		problems = append(problems, s.adapter.Close())
	}
	return errors.Join(problems...)
}

// Listen opens the configured address.
func (s *Server) Listen(ctx context.Context) (net.Listener, error) {
	var l net.ListenConfig
	listener, err := l.Listen(ctx, "tcp", s.options.Config.Listen)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address with --listen", s.options.Config.Listen, err)
	}
	return listener, nil
}

package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
)

// Serve answers requests, and the operator's on a listener of its own, until ctx ends, then lets those that run finish
// within the configured grace and cuts the rest off. It closes the listener.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	stop := s.serveOperator()
	s.ready.Store(true)
	return errors.Join(s.serveAPI(ctx, listener), stop())
}

// serveOperator serves the operator's listener in the background until stop,
// which is after the API has ended: how it ends can be watched.
func (s *Server) serveOperator() (stop func() error) {
	if s.operator == nil {
		return func() error { return nil }
	}
	h := s.operatorServer()
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(s.operator) }()
	return func() error {
		err := h.Close()
		if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}
}

func (s *Server) serveAPI(ctx context.Context, listener net.Listener) error {
	c := s.options.Config
	h := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: c.HTTP.ReadHeaderTimeout.Std(),
		ReadTimeout:       c.HTTP.ReadTimeout.Std(),
		WriteTimeout:      c.HTTP.WriteTimeout.Std(),
		IdleTimeout:       c.HTTP.IdleTimeout.Std(),
		MaxHeaderBytes:    int(c.HTTP.MaxHeader.Bytes()),
		ErrorLog:          slog.NewLogLogger(s.options.Logger.Handler(), slog.LevelDebug),
		TLSConfig:         s.tlsConfig(),
		// OPTIONS * would be answered past every protection.
		DisableGeneralOptionsHandler: true,
	}
	ended := make(chan error, 1)
	go func() {
		if c.TLS.Enabled() {
			ended <- h.ServeTLS(listener, "", "")
			return
		}
		ended <- h.Serve(listener)
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	s.ready.Store(false)
	grace := c.HTTP.ShutdownGrace.Std()
	s.options.Logger.LogAttrs(ctx, slog.LevelInfo, "shutting down", slog.Duration("grace", grace))
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := h.Shutdown(draining)
	if errors.Is(err, context.DeadlineExceeded) {
		s.options.Logger.LogAttrs(ctx, slog.LevelWarn, "requests cut off after the grace")
		err = h.Close()
	}
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

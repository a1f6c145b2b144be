package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
)

// Serve answers requests until ctx ends, then lets those that run finish
// within the configured grace and cuts the rest off. It closes the listener.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	c := s.options.Config
	h := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: c.HTTP.ReadHeaderTimeout.Std(),
		ReadTimeout:       c.HTTP.ReadTimeout.Std(),
		WriteTimeout:      c.HTTP.WriteTimeout.Std(),
		IdleTimeout:       c.HTTP.IdleTimeout.Std(),
		MaxHeaderBytes:    int(c.HTTP.MaxHeader.Bytes()),
		ErrorLog:          slog.NewLogLogger(s.options.Logger.Handler(), slog.LevelDebug),
		TLSConfig:         s.tls,
		// OPTIONS * would be answered past every protection.
		DisableGeneralOptionsHandler: true,
	}
	ended := make(chan error, 1)
	go func() {
		if s.tls != nil {
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

package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
)

// Reload reads again what may change while the server runs: its certificate
// and the list of Cloudflare's networks. What cannot be read stays as it was.
// Keys are their watcher's.
func (s *Server) Reload(ctx context.Context) error {
	err := errors.Join(s.readCertificate(), s.rereadRanges())
	if err == nil {
		s.options.Logger.LogAttrs(ctx, slog.LevelInfo, "certificate and lists read again")
	}
	return err
}

func (s *Server) rereadRanges() error {
	path := s.options.Config.Topology.CloudflareRanges
	if path == "" {
		return nil
	}
	ranges, err := readRanges(path)
	if err != nil {
		return err
	}
	return s.perimeter.clients.Replace(ranges)
}

// readCertificate puts the configured certificate into force.
func (s *Server) readCertificate() error {
	c := s.options.Config.TLS
	if !c.Enabled() {
		return nil
	}
	certificate, err := tls.LoadX509KeyPair(c.Cert, c.Key)
	if err != nil {
		return fmt.Errorf("tls.cert, tls.key: %w; both are PEM files, and the key belongs to the first certificate of the chain", err)
	}
	s.certificate.Store(&certificate)
	return nil
}

// tlsConfig is nil where plain HTTP is served.
func (s *Server) tlsConfig() *tls.Config {
	if !s.options.Config.TLS.Enabled() {
		return nil
	}
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.certificate.Load(), nil },
	}
}

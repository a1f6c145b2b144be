package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/apikey"
	"github.com/sallyport-dev/sallyport/internal/config"
	"github.com/sallyport-dev/sallyport/internal/server"
)

// measurePerimeter times the server's whole handler, without a network, on
// requests that get further and further. The log goes to a file.
func measurePerimeter(ctx context.Context, w *workshop, p plan) (_ []cost, err error) {
	log, err := os.Create(filepath.Join(w.dir, "perimeter.log"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	s, plaintext, err := newHandler(ctx, w, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var list []cost
	for _, r := range []struct {
		name, detail, method, path, key, body string
		status                                int
	}{
		{"`GET /healthz`", "the chain around every route, and the log line", http.MethodGet, "/healthz", "", "", http.StatusOK},
		{"`POST /v1/query` without a key", "the same, and a refusal", http.MethodPost, "/v1/query", "", `{"sql":"SELECT 42"}`, http.StatusForbidden},
		{"`POST /v1/check`", "with a key; the body is parsed, the verdict cached", http.MethodPost, "/v1/check", plaintext, `{"sql":"SELECT 42"}`, http.StatusOK},
		{"`POST /v1/query`", "the same, and one idle worker answers `SELECT 42`", http.MethodPost, "/v1/query", plaintext, `{"sql":"SELECT 42"}`, http.StatusOK},
	} {
		request, err := http.NewRequestWithContext(ctx, r.method, r.path, http.NoBody)
		if err != nil {
			return nil, err
		}
		request.Host, request.RemoteAddr = "127.0.0.1", "127.0.0.1:40000"
		if r.key != "" {
			request.Header.Set(apikey.Header, r.key)
		}
		if r.body != "" {
			request.Header.Set("Content-Type", "application/json")
			request.ContentLength = int64(len(r.body))
		}
		body := strings.NewReader(r.body)
		c, err := measureLoop(ctx, p, func() error {
			body.Reset(r.body)
			if r.body != "" {
				request.Body = nopCloser{body}
			}
			answer := sink{header: http.Header{}}
			s.Handler().ServeHTTP(&answer, request)
			if answer.status != r.status {
				return fmt.Errorf("%s: status %d: %s", r.name, answer.status, answer.body.Bytes())
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		c.name, c.detail = r.name, r.detail
		list = append(list, c)
	}
	return list, nil
}

// newHandler is the server that cmd/sallyport would run, in this process.
func newHandler(ctx context.Context, w *workshop, logger *slog.Logger) (*server.Server, string, error) {
	cfg, err := config.Load([]byte(w.yaml), os.LookupEnv, config.Facts{EnvKey: true})
	if err != nil {
		return nil, "", err
	}
	key, plaintext, err := apikey.Generate("bench", []apikey.Scope{apikey.Query}, time.Time{}, time.Now())
	if err != nil {
		return nil, "", err
	}
	set, err := apikey.NewSet(key)
	if err != nil {
		return nil, "", err
	}
	s, err := server.New(ctx, server.Options{
		Config: cfg, Keys: apikey.NewStore(set), Cache: cfg.Cache, Worker: []string{w.self, workerWord}, Logger: logger,
	})
	return s, plaintext, err
}

// sink is a ResponseWriter that costs little beside what writes to it.
type sink struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (s *sink) Header() http.Header { return s.header }

func (s *sink) WriteHeader(status int) {
	if s.status == 0 {
		s.status = status
	}
}

func (s *sink) Write(b []byte) (int, error) {
	s.WriteHeader(http.StatusOK)
	return s.body.Write(b)
}

// The API sets deadlines on its connection; there is none here.
func (s *sink) SetWriteDeadline(time.Time) error { return nil }

func (s *sink) SetReadDeadline(time.Time) error { return nil }

// nopCloser is a body that can be sent again.
type nopCloser struct{ *strings.Reader }

func (nopCloser) Close() error { return nil }

package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/internal/config"
	"github.com/sallyport-dev/sallyport/problem"
)

const (
	// operatorHeader bounds a request's header on the operator's listener, in bytes.
	operatorHeader = 16 << 10
	// operatorPatience bounds every phase but the answer, which may be a profile.
	operatorPatience = 10 * time.Second
	operatorAnswer   = 2 * time.Minute
	// longestProfile bounds what pprof would add to operatorAnswer.
	longestProfile = time.Minute
)

// listenOperator opens the operator's address; nil: there is none. An address
// that nobody chose must not keep the server from starting when it is taken.
func (s *Server) listenOperator(ctx context.Context) (net.Listener, error) {
	address := s.options.Config.Operator.Listen
	if address == config.OperatorOff {
		return nil, nil
	}
	chosen := address != ""
	if !chosen {
		address = config.DefaultOperator
	}
	var l net.ListenConfig
	listener, err := l.Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return listener, nil
	case !chosen && errors.Is(err, syscall.EADDRINUSE):
		s.options.Logger.LogAttrs(ctx, slog.LevelWarn, "no operator's listener: its default address is taken; set operator.listen to another one, or to off",
			slog.String("address", address))
		return nil, nil
	}
	return nil, fmt.Errorf("operator.listen: cannot listen on %s: %w; choose another address, or off", address, err)
}

// operatorServer answers whoever runs the server.
func (s *Server) operatorServer() *http.Server {
	mux := problem.NewMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /whoami", s.perimeter.clients.Whoami())
	mux.Handle("GET /debug/pprof/", http.HandlerFunc(pprof.Index))
	mux.Handle("GET /debug/pprof/cmdline", http.HandlerFunc(pprof.Cmdline))
	mux.Handle("GET /debug/pprof/profile", http.HandlerFunc(pprof.Profile))
	mux.Handle("GET /debug/pprof/symbol", http.HandlerFunc(pprof.Symbol))
	mux.Handle("GET /debug/pprof/trace", http.HandlerFunc(pprof.Trace))
	exposed := s.options.Config.Operator.DangerouslyExpose
	return &http.Server{
		Handler: problem.NewRecover(s.options.Logger).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			// Refusals here are debugging, not traffic: a record of their own keeps them out of the log.
			r = r.WithContext(event.NewContext(r.Context(), new(event.Record)))
			if fromPage(r) || !exposed && !namesAddress(r.Host) {
				problem.Write(w, r, problem.Forbidden(errors.New("server: the request comes from a web page")))
				return
			}
			if seconds, err := strconv.ParseFloat(r.FormValue("seconds"), 64); err == nil && !(seconds <= longestProfile.Seconds()) { // NaN too
				problem.Write(w, r, problem.Forbidden(fmt.Errorf("server: a profile of more than %v", longestProfile)))
				return
			}
			mux.ServeHTTP(w, r)
		})),
		ReadHeaderTimeout: operatorPatience, ReadTimeout: operatorPatience, WriteTimeout: operatorAnswer, IdleTimeout: operatorPatience,
		MaxHeaderBytes: operatorHeader, DisableGeneralOptionsHandler: true,
		ErrorLog: slog.NewLogLogger(s.options.Logger.Handler(), slog.LevelDebug),
	}
}

// fromPage says whether a browser sends the request for a page of another
// site (Fetch Metadata, https://www.w3.org/TR/fetch-metadata/): it could not
// read the answer, but a profile costs time.
func fromPage(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site != "" && site != "none" && site != "same-origin" || r.Header.Get("Origin") != "" // also of browsers that send no metadata
}

// namesAddress says whether a Host header names an address or localhost. A
// page that has rebound its own name to this address sends that name.
func namesAddress(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if n := len(host); n > 1 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	}
	_, err := netip.ParseAddr(host)
	return err == nil || host == "localhost"
}

// readyz says whether requests should be sent here: not before every source
// is open, and no more once the server was told to stop.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) error {
	if !s.ready.Load() {
		return problem.Unavailable(time.Second, errors.New("server: not ready"))
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, err := w.Write([]byte(`{"status":"ok"}`))
	return err
}

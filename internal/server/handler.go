package server

import (
	"net/http"
	"net/netip"

	"github.com/sallyport-dev/sallyport/apikey"
	"github.com/sallyport-dev/sallyport/chain"
	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/internal/httpapi"
	"github.com/sallyport-dev/sallyport/problem"
	"github.com/sallyport-dev/sallyport/requestid"
	"github.com/sallyport-dev/sallyport/secheaders"
)

// buildHandler is the order of the protections, outermost first.
func (s *Server) buildHandler() (http.Handler, error) {
	recorder, err := event.NewRecorder(event.Config{App: "sallyport", Sink: event.SlogSink(s.options.Logger)})
	if err != nil {
		return nil, err
	}
	headers, err := secheaders.New(secheaders.Config{})
	if err != nil {
		return nil, err
	}
	mux, err := s.routes()
	if err != nil {
		return nil, err
	}
	return chain.New(
		recorder,                          // one record a request, whatever becomes of it
		requestid.New(requestid.Config{}), // X-Request-ID, also on refusals
		chain.Func(peer),                  // whom the request is attributed to
		problem.NewRecover(s.options.Logger),
		headers,
	).Then(mux), nil
}

// routes mounts the API: each route behind what its access rule asks for.
func (s *Server) routes() (http.Handler, error) {
	api, err := httpapi.New(httpapi.Config{Service: s.service, MaxBody: s.options.Config.HTTP.MaxBody.Bytes()})
	if err != nil {
		return nil, err
	}
	guarded := chain.New()
	if s.keys != nil {
		guarded = guarded.Append(s.keys.Require(apikey.Query))
	}
	guarded = guarded.Append(chain.Func(s.detail))
	mux := problem.NewMux()
	for _, route := range api.Routes() {
		if route.Access == httpapi.Public {
			mux.Handle(route.Pattern, route.Handler)
			continue
		}
		mux.Handle(route.Pattern, guarded.Then(route.Handler))
	}
	return mux, nil
}

// detail lets refusals name their rule to those whom the configuration trusts
// with it. It stands behind the key: who gets here has shown one, or needs
// none.
func (s *Server) detail(next http.Handler) http.Handler {
	if !s.options.Config.Errors.Detail.ForCaller(s.keys != nil) {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(problem.WithDetail(r.Context())))
	})
}

// peer attributes a request to the address at the other end of its
// connection. No header is believed: there is no trusted proxy.
func peer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if address, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
			event.FromContext(r.Context()).Client = address.Addr().Unmap()
		}
		next.ServeHTTP(w, r)
	})
}

package server

import (
	"fmt"
	"net/http"

	"github.com/sallyport-dev/sallyport/apikey"
	"github.com/sallyport-dev/sallyport/chain"
	"github.com/sallyport-dev/sallyport/concurrency"
	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/internal/config"
	"github.com/sallyport-dev/sallyport/internal/httpapi"
	"github.com/sallyport-dev/sallyport/problem"
	"github.com/sallyport-dev/sallyport/requestid"
	"github.com/sallyport-dev/sallyport/secheaders"
)

// buildHandler is all routes behind all protections.
func (s *Server) buildHandler() (http.Handler, error) {
	outer, err := s.outer()
	if err != nil {
		return nil, err
	}
	mux, err := s.routes()
	if err != nil {
		return nil, err
	}
	return outer.Then(mux), nil
}

// outer is the order of the protections that stand before every route,
// outermost first. What each route has besides is in guard.
func (s *Server) outer() (chain.Chain, error) {
	records := s.options.Records
	if records == nil {
		records = event.SlogSink(s.options.Logger)
	}
	recorder, err := event.NewRecorder(event.Config{App: "sallyport", Sink: records})
	if err != nil {
		return chain.Chain{}, err
	}
	headers, err := secheaders.New(secheaders.Config{})
	if err != nil {
		return chain.Chain{}, err
	}
	return chain.New(
		recorder,                          // one record a request, whatever becomes of it
		requestid.New(requestid.Config{}), // X-Request-ID, also on refusals
		s.perimeter.clients,               // whom the request is attributed to
		problem.NewRecover(s.options.Logger),
		headers,
		s.perimeter.cors, // before the limits: a page must be able to read that it is over one
	), nil
}

// routes mounts the API. What no route takes is limited as well.
func (s *Server) routes() (http.Handler, error) {
	c := httpapi.Config{
		Service: s.service, MaxBody: s.options.Config.HTTP.MaxBody.Bytes(),
		WriteTimeout: s.options.Config.HTTP.WriteTimeout.Std(), Done: concurrency.Done, Held: s.memory.Held,
		CSVFormulas: csvFormulas[s.options.Config.Responses.CSVFormulas], DisableCompression: !s.options.Config.Responses.Compression,
	}
	if s.perimeter.keys != nil {
		c.Whoami = s.perimeter.clients.Whoami()
	}
	api, err := httpapi.New(c)
	if err != nil {
		return nil, err
	}
	mux := problem.NewMux()
	mux.Unrouted(rate(s.perimeter.other))
	for _, route := range api.Routes() {
		guarded, err := s.guard(route)
		if err != nil {
			return nil, err
		}
		mux.Handle(route.Pattern, guarded.Then(route.Handler))
	}
	return mux, nil
}

// guard is the order of the protections of one route, outermost first. A
// route whose limit or access rule is not one of these does not start.
func (s *Server) guard(route httpapi.Route) (chain.Chain, error) {
	p := &s.perimeter
	guard := chain.New()
	switch route.Limit {
	case httpapi.QueryLimit:
		guard = guard.Append(rate(p.queries))
	case httpapi.CatalogLimit:
		guard = guard.Append(rate(p.catalog))
	case httpapi.OtherLimit:
		guard = guard.Append(rate(p.other))
	default:
		return guard, fmt.Errorf("server: route %q has no limit", route.Pattern)
	}
	switch route.Access {
	case httpapi.Public:
		return guard, nil
	case httpapi.Query:
		guard = guard.Append(s.authenticate(apikey.Query))
	case httpapi.Admin:
		guard = guard.Append(s.authenticate(apikey.Admin))
	default:
		return guard, fmt.Errorf("server: route %q has no access rule", route.Pattern)
	}
	if route.Limit == httpapi.QueryLimit {
		guard = guard.Append(rate(p.admitted), chain.Func(bodyFirst(s.options.Config.HTTP.MaxBody.Bytes())), p.inFlight)
	}
	return guard.Append(chain.Func(s.detail)), nil
}

// authenticate lets in who has a key of the scope, or a token; everybody
// where access is public.
func (s *Server) authenticate(scope apikey.Scope) chain.Wrapper {
	switch p := &s.perimeter; {
	case p.keys != nil:
		return p.keys.Require(scope)
	case p.tokens != nil:
		return p.tokens.Require(s.options.Config.Access.Bearer.Scopes...)
	default: // New has seen to it that somebody wrote public: true
		return none
	}
}

// detail lets refusals name their rule to those whom the configuration trusts
// with it. It stands behind authentication: who gets here has passed it, or
// needs none.
func (s *Server) detail(next http.Handler) http.Handler {
	if !s.options.Config.Errors.Detail.ForCaller(!s.options.Config.Access.Public) {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(problem.WithDetail(r.Context())))
	})
}

// csvFormulas are the front's, by their names in the configuration.
var csvFormulas = map[config.CSVFormulas]httpapi.CSVFormulas{
	config.CSVFormulasKeep: httpapi.KeepFormulas, config.CSVFormulasEscape: httpapi.EscapeFormulas,
}

package clientip

import (
	"context"
	"errors"
	"net/http"
	"net/netip"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/problem"
)

// errNoAddress refuses a request that nobody could be held to.
var errNoAddress = problem.Forbidden(
	errors.New("clientip: the connection has no IP address: a Unix socket, or RemoteAddr was rewritten"),
).By("clientip", "client.no_address")

// Wrap returns next with every request attributed to an address, which
// [FromRequest] returns, and which is noted on the event record where there is
// one. A request over a connection without an IP address is refused (403,
// rule client.no_address).
func (rs *Resolver) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := rs.resolve(r)
		rs.counters.count(&v)
		record, recorded := event.Lookup(r.Context())
		if recorded {
			record.Client = v.addr
			record.Network = network(v.addr)
			record.Spoofed = rs.headers.first(v.claims)
		}
		if !v.addr.IsValid() {
			problem.Write(w, r, errNoAddress)
			return
		}
		if !recorded {
			r = r.WithContext(context.WithValue(r.Context(), contextKey{}, v.addr))
		}
		next.ServeHTTP(w, r)
	})
}

type contextKey struct{}

// FromRequest returns the address that r is attributed to. Where no [Resolver]
// stands in the chain it is the zero Addr. Callers count those requests as one
// client; they never exempt them.
func FromRequest(r *http.Request) netip.Addr { return FromContext(r.Context()) }

// FromContext is [FromRequest] for the context of a request.
func FromContext(ctx context.Context) netip.Addr {
	// Wrap writes to the record where there is one, which saves a context.
	if record, ok := event.Lookup(ctx); ok && record.Client.IsValid() {
		return record.Client
	}
	a, _ := ctx.Value(contextKey{}).(netip.Addr)
	return a
}

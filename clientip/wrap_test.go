package clientip_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"testing"

	"github.com/sallyport-dev/sallyport/chain"
	"github.com/sallyport-dev/sallyport/clientip"
	"github.com/sallyport-dev/sallyport/event"
)

// serve sends r through the resolver, with or without a record, and returns
// what the handler saw.
func serve(t *testing.T, rs *clientip.Resolver, r *http.Request, recorded bool) (*httptest.ResponseRecorder, *event.Record, netip.Addr, bool) {
	t.Helper()
	record := new(event.Record)
	if recorded {
		r = r.WithContext(event.NewContext(r.Context(), record))
	}
	var (
		seen   netip.Addr
		called bool
	)
	w := httptest.NewRecorder()
	rs.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen, called = clientip.FromRequest(r), true
		if other := clientip.FromContext(r.Context()); other != seen {
			t.Errorf("FromContext %v, FromRequest %v", other, seen)
		}
	})).ServeHTTP(w, r)
	return w, record, seen, called
}

func TestWrap(t *testing.T) {
	t.Parallel()
	rs := newResolver(t, clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("10.0.0.0/24")})
	tests := []struct {
		name string
		r    *http.Request
		want event.Record
	}{
		{
			"IPv4", request(t, proxy, "X-Forwarded-For: 198.51.100.7"),
			event.Record{Client: netip.MustParseAddr("198.51.100.7"), Network: netip.MustParsePrefix("198.51.100.0/24")},
		},
		{
			"IPv6", request(t, proxy, "X-Forwarded-For: 2001:db8:1:2::3"),
			event.Record{Client: netip.MustParseAddr("2001:db8:1:2::3"), Network: netip.MustParsePrefix("2001:db8:1::/48")},
		},
		{
			"spoof", request(t, stranger, "CF-Connecting-IP: 1.1.1.1"),
			event.Record{Client: netip.MustParseAddr("203.0.113.7"), Network: netip.MustParsePrefix("203.0.113.0/24"), Spoofed: "CF-Connecting-IP"},
		},
	}
	for _, tt := range tests {
		for _, recorded := range []bool{true, false} {
			_, record, seen, called := serve(t, rs, tt.r, recorded)
			if !called || seen != tt.want.Client {
				t.Errorf("%s, recorded %v: called %v with %v, want %v", tt.name, recorded, called, seen, tt.want.Client)
			}
			want := tt.want
			if !recorded {
				want = event.Record{}
			}
			if *record != want {
				t.Errorf("%s: record %+v, want %+v", tt.name, *record, want)
			}
		}
	}
}

func TestWrapRefusesWithoutAnAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []clientip.Config{
		{Kind: clientip.Direct},
		{Kind: clientip.Proxies, Hops: 1},
		{Kind: clientip.Cloudflare},
		{Kind: clientip.Forwarder, Secrets: []string{oldSecret}},
	} {
		rs := newResolver(t, c)
		r := request(t, "@", "X-Forwarded-For: 198.51.100.7", "CF-Connecting-IP: 198.51.100.7",
			"X-Sallyport-Client: 198.51.100.7", "X-Sallyport-Forwarder: "+oldSecret)
		w, record, _, called := serve(t, rs, r, true)
		if called {
			t.Errorf("%v: the handler was called", c.Kind)
		}
		const body = `{"type":"about:blank","title":"Forbidden","status":403}`
		header := http.Header{
			"Content-Type": {"application/problem+json"}, "Content-Length": {"55"},
			"Cache-Control": {"no-store"}, "X-Content-Type-Options": {"nosniff"},
		}
		if w.Code != http.StatusForbidden || w.Body.String() != body || !reflect.DeepEqual(w.Header(), header) {
			t.Errorf("%v: got %d %s\n%v", c.Kind, w.Code, w.Body, w.Header())
		}
		if record.Protection != "clientip" || record.Rule != "client.no_address" || record.Client.IsValid() || record.Network.IsValid() {
			t.Errorf("%v: recorded %+v", c.Kind, *record)
		}
		if got := rs.Stats(); got.Unresolvable != 1 || got.Spoofed != 0 {
			t.Errorf("%v: %+v", c.Kind, got)
		}
	}
}

func TestFromRequestWithoutResolver(t *testing.T) {
	t.Parallel()
	r := request(t, stranger, "X-Forwarded-For: 1.1.1.1")
	if got := clientip.FromRequest(r); got != (netip.Addr{}) {
		t.Errorf("got %v", got)
	}
	if got := clientip.FromContext(event.NewContext(t.Context(), new(event.Record))); got != (netip.Addr{}) {
		t.Errorf("got %v", got)
	}
}

// In the wrong order the answer is still found.
func TestFromRequestOutsideTheRecorder(t *testing.T) {
	t.Parallel()
	recorder, err := event.NewRecorder(event.Config{Sink: nothing{}})
	check(t, err)
	h := chain.New(newResolver(t, clientip.Config{Kind: clientip.Direct}), recorder).
		Then(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if got := clientip.FromRequest(r); got != netip.MustParseAddr("203.0.113.7") {
				t.Errorf("got %v", got)
			}
		}))
	h.ServeHTTP(httptest.NewRecorder(), request(t, stranger))
}

type nothing struct{}

func (nothing) Record(context.Context, *event.Record) {}

func TestStats(t *testing.T) {
	t.Parallel()
	rs := newResolver(t, clientip.Config{Kind: clientip.Cloudflare, Trusted: cidrs("10.0.0.0/24")})
	for _, r := range []*http.Request{
		request(t, edge, "CF-Connecting-IP: 198.51.100.7"),
		request(t, edge, "CF-Connecting-IP: 198.51.100.7", "X-Forwarded-For: 1.1.1.1, 198.51.100.7"),
		request(t, edge, "CF-Connecting-IP: x"),
		request(t, edge),
		request(t, edge, "CF-Connecting-IP: "+workers),
		request(t, stranger, "CF-Connecting-IP: 1.1.1.1", "X-Real-IP: 1.1.1.1"),
		request(t, stranger, "X-Real-IP: 1.1.1.1"),
		request(t, stranger),
		request(t, proxy, "CF-Connecting-IP: 198.51.100.7", "X-Forwarded-For: 198.51.100.7, 172.70.1.1"), // the first is Cloudflare's word
		request(t, "@"),
	} {
		serve(t, rs, r, true)
	}
	want := clientip.Stats{
		Requests: 10, Spoofed: 2, SpoofedBy: map[string]uint64{"CF-Connecting-IP": 1, "X-Real-IP": 2}, Unusable: 2, Shared: 1, Unresolvable: 1,
	}
	if got := rs.Stats(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}

	rs = newResolver(t, clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("10.0.0.0/24")})
	for _, xff := range []string{"198.51.100.7", "1.1.1.1, 198.51.100.7", "1.1.1.1, x", "1.1.1.1, , 10.0.0.2"} {
		r := request(t, proxy, "X-Forwarded-For: "+xff)
		rs.Resolve(r) // counts nothing
		serve(t, rs, r, false)
	}
	want = clientip.Stats{Requests: 4, SpoofedBy: map[string]uint64{}, Surplus: 3, Unusable: 2}
	if got := rs.Stats(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// A real server: what net/http makes of connections and headers.
func TestServer(t *testing.T) {
	t.Parallel()
	for _, loopback := range []string{"127.0.0.1", "::1"} {
		for _, tt := range []struct {
			name string
			c    clientip.Config
			want string
		}{
			{"direct", clientip.Config{Kind: clientip.Direct}, loopback},
			{"trusted", clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("127.0.0.0/8", "::1/128")}, "198.51.100.7"},
			{"not trusted", clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("10.0.0.0/8")}, loopback},
		} {
			t.Run(loopback+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort(loopback, "0"))
				check(t, err)
				seen := make(chan netip.Addr, 1)
				srv := httptest.NewUnstartedServer(newResolver(t, tt.c).Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					seen <- clientip.FromRequest(r)
				})))
				check(t, srv.Listener.Close())
				srv.Listener = listener
				srv.Start()
				defer srv.Close()
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, http.NoBody)
				check(t, err)
				req.Header["x-forwarded-FOR"] = []string{"1.1.1.1", "198.51.100.7"} // two lines, in a case of our own
				resp, err := srv.Client().Do(req)
				check(t, err)
				check(t, resp.Body.Close())
				if got := <-seen; got != netip.MustParseAddr(tt.want) {
					t.Errorf("got %v, want %s", got, tt.want)
				}
			})
		}
	}
}

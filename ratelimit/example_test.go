package ratelimit_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"time"

	"github.com/sallyport-dev/sallyport/chain"
	"github.com/sallyport-dev/sallyport/ratelimit"
)

// peer stands for clientip.FromRequest.
func peer(r *http.Request) netip.Addr {
	return netip.MustParseAddrPort(r.RemoteAddr).Addr()
}

func Example() {
	// Without event.Recorder the reason of a refusal goes to the default log.
	slog.SetDefault(slog.New(slog.DiscardHandler))

	limiter, err := ratelimit.New(ratelimit.Config{Limit: ratelimit.PerMinute(2), Key: peer})
	if err != nil {
		panic(err)
	}
	handler := chain.New(limiter).Then(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, "hello")
	}))

	for range 3 {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		fmt.Println(w.Code, w.Body)
		fmt.Println(w.Header().Get("RateLimit-Policy"), "|", w.Header().Get("RateLimit"))
	}
	// Output:
	// 200 hello
	// "client";q=2;w=60 | "client";r=1;t=30
	// 200 hello
	// "client";q=2;w=60 | "client";r=0;t=30
	// 429 {"type":"about:blank","title":"Too Many Requests","status":429}
	// "client";q=2;w=60 | "client";r=0;t=30
}

// Several limits in one decision: what one of them refuses counts against none.
func ExampleNew() {
	limiter, err := ratelimit.New(ratelimit.Config{Policies: []ratelimit.Policy{
		{Name: "client", Limit: ratelimit.PerMinute(2), By: ratelimit.ByClient(peer)},
		{Name: "network", Limit: ratelimit.PerMinute(3), By: ratelimit.ByNetwork(peer, 24, 48)},
		{Name: "global", Limit: ratelimit.Limit{Events: 200, Period: time.Minute}, By: ratelimit.Everybody()},
	}})
	if err != nil {
		panic(err)
	}
	for _, address := range []string{"192.0.2.1:1", "192.0.2.1:1", "192.0.2.1:1", "192.0.2.2:1", "192.0.2.3:1"} {
		verdict := limiter.Allow(&http.Request{RemoteAddr: address})
		fmt.Println(address, verdict.Allowed, verdict.Policy, verdict.Wait.Round(time.Second))
	}
	// Output:
	// 192.0.2.1:1 true  0s
	// 192.0.2.1:1 true  0s
	// 192.0.2.1:1 false client 30s
	// 192.0.2.2:1 true  0s
	// 192.0.2.3:1 false network 20s
}

// A limit that was never set does not let everything through: there is no limiter.
func ExampleNew_incorrect() {
	_, err := ratelimit.New(ratelimit.Config{Key: peer})
	fmt.Println(err)
	// Output:
	// ratelimit: Key needs Limit; the zero Limit allows nothing
}

// A route whose limit was forgotten is an error at the start.
func ExampleRoutes() {
	limiter, err := ratelimit.New(ratelimit.Config{Limit: ratelimit.PerMinute(30), Key: peer})
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	routes := ratelimit.NewRoutes(mux.Handle)
	routes.Handle("POST /query", limiter, http.NotFoundHandler())
	routes.Handle("GET /logo.svg", ratelimit.DangerouslyUnlimited(), http.NotFoundHandler())
	routes.Handle("POST /export", nil, http.NotFoundHandler())
	fmt.Println(routes.Err())
	// Output:
	// ratelimit: the route "POST /export" has no limit; give it a Limiter, or DangerouslyUnlimited()
}

func ExampleParseLimit() {
	limit, err := ratelimit.ParseLimit("30/minute burst 10")
	fmt.Println(limit.Events, limit.Period, limit.Burst, err)
	_, err = ratelimit.ParseLimit("30/min")
	fmt.Println(err)
	// Output:
	// 30 1m0s 10 <nil>
	// ratelimit: "30/min" is not a rate: the unit is second, minute, hour or day, such as 30/minute
}

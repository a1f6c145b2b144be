package concurrency_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"time"

	"github.com/sallyport-dev/sallyport/concurrency"
	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/problem"
)

// peer is the address that a middleware further out has decided on.
func peer(r *http.Request) netip.Addr { return event.FromContext(r.Context()).Client }

// request is one of a client, as it comes out of the middleware further out.
func request(client string) *http.Request {
	record := &event.Record{Client: netip.MustParseAddr(client)}
	return httptest.NewRequest(http.MethodGet, "/", http.NoBody).WithContext(event.NewContext(context.Background(), record))
}

func Example() {
	limiter, err := concurrency.New(concurrency.Config{
		Client:    peer,
		PerClient: 1,
		Global:    10,
		Queue:     0, // nobody waits
		Wait:      5 * time.Second,
		Logger:    slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = limiter.Close() }()

	var handler http.Handler
	handler = limiter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Again") != "" {
			return
		}
		// While this request is in flight, the same client comes again.
		for _, client := range []string{"192.0.2.1", "192.0.2.2"} {
			second := request(client)
			second.Header.Set("Again", "yes")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, second)
			fmt.Printf("%s %d %q\n", client, w.Code, w.Header().Get("Retry-After"))
		}
	}))
	handler.ServeHTTP(httptest.NewRecorder(), request("192.0.2.1"))
	fmt.Println("in flight afterwards:", limiter.Stats().InFlight)
	// Output:
	// 192.0.2.1 429 "5"
	// 192.0.2.2 200 ""
	// in flight afterwards: 0
}

// Work that outlives its handler keeps the slot.
func ExampleHold() {
	limiter, err := concurrency.New(concurrency.Config{
		Client: peer, PerClient: 1, Global: 1, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = limiter.Close() }()

	stopped, done := make(chan struct{}), make(chan struct{})
	handler := limiter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		release, ok := concurrency.Hold(r.Context()) // before the goroutine starts
		if !ok {
			problem.Write(w, r, problem.Internal(errors.New("not behind the limiter")))
			return
		}
		go func() {
			defer close(done)
			defer release()
			<-stopped // until the database has really given up the query
		}()
	}))
	handler.ServeHTTP(httptest.NewRecorder(), request("192.0.2.1"))
	fmt.Println("the handler has returned; in flight:", limiter.Stats().InFlight)
	close(stopped)
	<-done
	fmt.Println("the work has ended; in flight:", limiter.Stats().InFlight)
	// Output:
	// the handler has returned; in flight: 1
	// the work has ended; in flight: 0
}

// Outside HTTP there is no handler whose end could give the slot back.
func ExampleLimiter_Acquire() {
	limiter, err := concurrency.New(concurrency.Config{
		Client: peer, PerClient: 1, Global: 1, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = limiter.Close() }()

	work := func(ctx context.Context) error {
		slot, err := limiter.Acquire(ctx, netip.MustParseAddr("192.0.2.1"))
		if err != nil {
			return err
		}
		defer slot.Release() // on every way out
		return nil
	}
	fmt.Println(work(context.Background()), limiter.Stats().InFlight)
	// Output: <nil> 0
}

// Do not do this. X-Forwarded-For is what the client says it is: a new address
// for each request, and no two of them are ever counted together. Take the
// address that package clientip has decided on.
func ExampleConfig_incorrect() {
	limiter, err := concurrency.New(concurrency.Config{
		Client: func(r *http.Request) netip.Addr {
			claimed, _ := netip.ParseAddr(r.Header.Get("X-Forwarded-For"))
			return claimed
		},
		PerClient: 1, Global: 10, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = limiter.Close() }()

	depth := 0
	var handler http.Handler
	handler = limiter.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if depth++; depth == 10 {
			fmt.Println("one client has", limiter.Stats().InFlight, "requests in flight; its cap is 1")
			return
		}
		r := request("192.0.2.1")
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", depth))
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}))
	handler.ServeHTTP(httptest.NewRecorder(), request("192.0.2.1"))
	// Output: one client has 10 requests in flight; its cap is 1
}

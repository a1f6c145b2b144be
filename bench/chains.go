package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/go-chi/httprate"
	peercors "github.com/rs/cors"
	"github.com/unrolled/secure"

	"github.com/sallyport-dev/sallyport/apikey"
	"github.com/sallyport-dev/sallyport/chain"
	"github.com/sallyport-dev/sallyport/clientip"
	"github.com/sallyport-dev/sallyport/concurrency"
	"github.com/sallyport-dev/sallyport/cors"
	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/problem"
	"github.com/sallyport-dev/sallyport/ratelimit"
	"github.com/sallyport-dev/sallyport/requestid"
	"github.com/sallyport-dev/sallyport/secheaders"
)

const (
	// chainGoal is what all protections together may take, in microseconds,
	// and chainAllocs how often they may allocate.
	chainGoal   = 3
	chainAllocs = 10
	// ownName is how the chain of this project's protections is called.
	ownName = "Sallyport"
	// plenty is a rate that no loop here reaches: what is timed is counting,
	// not refusing.
	plenty = 500_000_000
)

// measureChains times a handler that does nothing: by itself, behind every
// protection of tier 1, and behind what people put together from other
// packages.
func measureChains(ctx context.Context, p plan) (list []cost, err error) {
	nothing := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	ours, plaintext, closing, err := ownChain()
	if err != nil {
		return nil, err
	}
	defer func() { err = joinClose(err, closing) }()
	header := http.Header{
		"Origin": {"https://app.example.com"}, "User-Agent": {"curl/8.5.0"}, apikey.Header: {plaintext},
		"Content-Type": {"application/json"}, "Accept": {"*/*"},
	}
	for _, c := range []struct {
		name, detail string
		handler      http.Handler
	}{
		{"no protection", "the handler alone", nothing},
		{ownName, "event.Recorder, requestid, clientip, problem.Recover, secheaders, cors, ratelimit (client, network, global), apikey, concurrency", ours.Then(nothing)},
		{"other packages", "unrolled/secure, rs/cors, go-chi/httprate (by address)", peerChain(nothing)},
	} {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "/v1/query", http.NoBody)
		if err != nil {
			return nil, err
		}
		request.Host, request.RemoteAddr, request.Header = "127.0.0.1", "192.0.2.1:40000", header
		answer := sink{header: http.Header{}}
		measured, err := measureLoop(ctx, p, func() error {
			clear(answer.header)
			answer.status = 0
			c.handler.ServeHTTP(&answer, request)
			if answer.status != http.StatusOK {
				return fmt.Errorf("%s: status %d: %s", c.name, answer.status, answer.body.Bytes())
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		measured.name, measured.detail = c.name, c.detail
		list = append(list, measured)
	}
	return list, nil
}

// discard is a sink of records.
type discard struct{}

func (discard) Record(context.Context, *event.Record) {}

// ownChain is every protection of tier 1 that stands before a query.
func ownChain() (c chain.Chain, plaintext string, closing func() error, err error) {
	key, plaintext, err := apikey.Generate("bench", []apikey.Scope{apikey.Query}, time.Time{}, time.Now())
	if err != nil {
		return c, "", nil, err
	}
	set, err := apikey.NewSet(key)
	if err != nil {
		return c, "", nil, err
	}
	recorder, err := event.NewRecorder(event.Config{Sink: discard{}})
	if err != nil {
		return c, "", nil, err
	}
	clients, err := clientip.New(clientip.Config{Kind: clientip.Direct})
	if err != nil {
		return c, "", nil, err
	}
	headers, err := secheaders.New(secheaders.Config{})
	if err != nil {
		return c, "", nil, err
	}
	pages, err := cors.New(cors.Config{Mode: cors.Header})
	if err != nil {
		return c, "", nil, err
	}
	limit := ratelimit.PerSecond(plenty)
	rates, err := ratelimit.New(ratelimit.Config{Policies: []ratelimit.Policy{
		{Name: "client", Limit: limit, By: ratelimit.ByClient(clientip.FromRequest)},
		{Name: "network", Limit: limit, By: ratelimit.ByNetwork(clientip.FromRequest, 24, 48)},
		{Name: "global", Limit: limit, By: ratelimit.Everybody()},
	}})
	if err != nil {
		return c, "", nil, err
	}
	keys, err := apikey.New(apikey.Config{Keys: apikey.NewStore(set), Client: clientip.FromRequest})
	if err != nil {
		return c, "", nil, err
	}
	inFlight, err := concurrency.New(concurrency.Config{Client: clientip.FromRequest, PerClient: 4, Global: 10, Queue: 50, Wait: time.Second})
	if err != nil {
		return c, "", nil, err
	}
	return chain.New(recorder, requestid.New(requestid.Config{}), clients, problem.NewRecover(nil), headers, pages, rates, keys.Require(apikey.Query), inFlight),
		plaintext, inFlight.Close, nil
}

// peerChain is the same in the words of other packages, as far as they have
// them: no keys, no limit on what is in flight, no record.
func peerChain(next http.Handler) http.Handler {
	byAddress := func(r *http.Request) (string, error) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		return httprate.CanonicalizeIP(host), err
	}
	limited := httprate.LimitBy(plenty, time.Second, byAddress)(next)
	pages := peercors.New(peercors.Options{AllowedMethods: []string{http.MethodGet, http.MethodPost}, AllowedHeaders: []string{"Content-Type", "Authorization", "X-API-Key"}})
	headers := secure.New(secure.Options{
		FrameDeny: true, ContentTypeNosniff: true, ReferrerPolicy: "no-referrer", ContentSecurityPolicy: "default-src 'none'",
		STSSeconds: 31536000, CrossOriginOpenerPolicy: "same-origin", CrossOriginResourcePolicy: "same-origin", PermissionsPolicy: "camera=()",
	})
	return headers.Handler(pages.Handler(limited))
}

// joinClose closes on the way out.
func joinClose(err error, closing func() error) error {
	if closed := closing(); err == nil {
		return closed
	}
	return err
}

// addressesMeasured is what a flood of addresses does to the counts.
type addressesMeasured struct {
	addresses   int
	first, last time.Duration // of one decision, over the first and the last million
	budget      int64         // bytes that the store may take
	heap        int64         // bytes that the process's heap has grown by
}

// million is how many decisions a figure is a mean of.
const million = 1_000_000

// measureAddresses makes decisions about ever new IPv6 addresses, each in a
// network of its own.
func measureAddresses(ctx context.Context, millions int) (m addressesMeasured, err error) {
	before := heapBytes()
	store, err := ratelimit.NewMemoryStore(ratelimit.MemoryConfig{})
	if err != nil {
		return m, err
	}
	var address netip.Addr
	client := func(*http.Request) netip.Addr { return address }
	limiter, err := ratelimit.New(ratelimit.Config{Scope: "bench", Store: store, Policies: []ratelimit.Policy{
		{Name: "client", Limit: ratelimit.PerMinute(30), By: ratelimit.ByClient(client)},
	}})
	if err != nil {
		return m, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "/v1/query", http.NoBody)
	if err != nil {
		return m, err
	}
	m.addresses, m.budget = millions*million, store.Bytes()
	bytes := [16]byte{0x20, 0x01}
	for i := range millions {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		start := time.Now()
		for n := range million {
			binary.BigEndian.PutUint32(bytes[2:6], uint32(i*million+n))
			address = netip.AddrFrom16(bytes)
			limiter.Allow(request)
		}
		m.last = time.Since(start) / million
		if i == 0 {
			m.first = m.last
		}
	}
	m.heap = heapBytes() - before
	return m, nil
}

package main

import (
	"net/http"
	"testing"

	"github.com/sallyport-dev/sallyport/apikey"
)

// exchangeWith is one request through the chain of all protections.
func exchangeWith(tb testing.TB) func() {
	tb.Helper()
	chain, plaintext, closing, err := ownChain()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := closing(); err != nil {
			tb.Error(err)
		}
	})
	h := chain.Then(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, "/v1/query", http.NoBody)
	if err != nil {
		tb.Fatal(err)
	}
	request.Host, request.RemoteAddr = "127.0.0.1", "192.0.2.1:40000"
	request.Header = http.Header{
		"Origin": {"https://app.example.com"}, "User-Agent": {"curl/8.5.0"}, apikey.Header: {plaintext},
		"Content-Type": {"application/json"}, "Accept": {"*/*"},
	}
	answer := sink{header: http.Header{}}
	return func() {
		clear(answer.header)
		answer.status = 0
		h.ServeHTTP(&answer, request)
		if answer.status != http.StatusOK {
			tb.Fatalf("status %d: %s", answer.status, answer.body.Bytes())
		}
	}
}

func BenchmarkOwnChain(b *testing.B) {
	exchange := exchangeWith(b)
	b.ReportAllocs()
	for b.Loop() {
		exchange()
	}
}

// The design's goal, held where it can be held exactly; the time is the
// benchmark's to tell.
func TestChainAllocates(t *testing.T) {
	exchange := exchangeWith(t)
	if n := testing.AllocsPerRun(100, exchange); n > chainAllocs+raceSlack {
		t.Errorf("%v allocations a request, at most %d are meant", n, chainAllocs+raceSlack)
	}
}

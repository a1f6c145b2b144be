// Command three-protections puts three of Sallyport's protections before a
// handler of your own: whose request is it, how often may they come, how many
// at once.
//
//	go run ./examples/three-protections
//	for i in 1 2 3 4 5 6; do curl -si http://127.0.0.1:8090/ | grep -iE '^(HTTP|ratelimit|retry-after)'; done
package main

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/sallyport-dev/sallyport/chain"
	"github.com/sallyport-dev/sallyport/clientip"
	"github.com/sallyport-dev/sallyport/concurrency"
	"github.com/sallyport-dev/sallyport/ratelimit"
)

func main() {
	clients, err1 := clientip.New(clientip.Config{Kind: clientip.Direct})
	rate, err2 := ratelimit.New(ratelimit.Config{Limit: ratelimit.PerMinute(5), Key: clientip.FromRequest})
	atOnce, err3 := concurrency.New(concurrency.Config{Client: clientip.FromRequest, PerClient: 2, Global: 8, Queue: 8, Wait: time.Second})
	if err := errors.Join(err1, err2, err3); err != nil {
		log.Fatal(err)
	}
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "hello", clientip.FromRequest(r)) })
	server := &http.Server{Addr: "127.0.0.1:8090", Handler: chain.New(clients, rate, atOnce).Then(hello), ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.ListenAndServe())
}

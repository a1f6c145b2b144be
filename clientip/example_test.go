package clientip_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"

	"github.com/sallyport-dev/sallyport/clientip"
)

func Example() {
	ips, err := clientip.New(clientip.Config{
		Kind:    clientip.Proxies,
		Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")},
	})
	if err != nil {
		panic(err) // all mistakes at once
	}
	handler := ips.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println(clientip.FromRequest(r))
	}))

	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("X-Forwarded-For", "1.1.1.1, 198.51.100.7") // the client forged the first
	r.RemoteAddr = "10.0.0.1:9000"                           // our proxy
	handler.ServeHTTP(httptest.NewRecorder(), r)
	r.RemoteAddr = "203.0.113.7:40000" // somebody who came around it
	handler.ServeHTTP(httptest.NewRecorder(), r)
	// Output:
	// 198.51.100.7
	// 203.0.113.7
}

func ExampleResolver_Resolve() {
	ips, err := clientip.New(clientip.Config{Kind: clientip.Cloudflare})
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("CF-Connecting-IP", "7.7.7.7")
	r.RemoteAddr = "203.0.113.7:40000" // not Cloudflare
	d := ips.Resolve(r)
	fmt.Println(d.Addr, d.Source)
	fmt.Println(d.Spoofed)
	fmt.Println(d.Reason)
	// Output:
	// 203.0.113.7 peer
	// CF-Connecting-IP
	// The peer is not in Cloudflare's ranges, so it is the client.
}

package requestid_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/sallyport-dev/sallyport/requestid"
)

func ExampleAssigner() {
	handler := requestid.New(requestid.Config{}).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		same := requestid.FromContext(r.Context()) == w.Header().Get("X-Request-ID")
		fmt.Println("the handler and the client have the same id:", same)
	}))

	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("X-Request-ID", "chosen-by-a-stranger")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	fmt.Println("the stranger's is kept:", w.Header().Get("X-Request-ID") == "chosen-by-a-stranger")
	// Output:
	// the handler and the client have the same id: true
	// the stranger's is kept: false
}

// A proxy of your own is recognised by its address, not by what it says.
func ExampleConfig() {
	const proxy = "192.0.2.7:54321"
	ids := requestid.New(requestid.Config{
		TrustInbound: func(r *http.Request) bool { return r.RemoteAddr == proxy },
	})
	handler := ids.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println(requestid.FromContext(r.Context()))
	}))

	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.RemoteAddr = proxy
	r.Header.Set("X-Request-ID", "from-the-proxy")
	handler.ServeHTTP(httptest.NewRecorder(), r)
	// Output:
	// from-the-proxy
}

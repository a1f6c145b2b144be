package secheaders_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/sallyport-dev/sallyport/secheaders"
)

func Example() {
	headers, err := secheaders.New(secheaders.Config{
		HTTPS: true, // a proxy ends TLS
	})
	if err != nil {
		panic(err)
	}
	handler := headers.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `{"status":"ok"}`)
	}))

	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", http.NoBody))
	fmt.Println(w.Header().Get("Content-Security-Policy"))
	fmt.Println(w.Header().Get("Strict-Transport-Security"))
	// Output:
	// default-src 'none'; frame-ancestors 'none'
	// max-age=63072000
}

// A value that no browser knows is found when the program starts.
func ExampleNew_incorrect() {
	_, err := secheaders.New(secheaders.Config{FrameOptions: "NONE"})
	fmt.Println(err)
	// Output:
	// secheaders: "NONE" is no value of X-Frame-Options; it is one of DENY, SAMEORIGIN
}

package chain_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/sallyport-dev/sallyport/chain"
)

func say(word string) chain.Func {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Println(word)
			next.ServeHTTP(w, r)
		})
	}
}

func ExampleNew() {
	public := chain.New(say("log"), say("limit"))
	private := public.Append(say("key")) // public is not changed
	handler := private.Then(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		fmt.Println("handler")
	}))

	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	// Output:
	// log
	// limit
	// key
	// handler
}

package apikey_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/sallyport-dev/sallyport/apikey"
)

func Example() {
	// Without event.Recorder the reason of a refusal goes to the default log.
	slog.SetDefault(slog.New(slog.DiscardHandler))

	// Once, as "sallyport key new" does: make a key, show it, keep its hash.
	now := time.Now()
	key, plaintext, err := apikey.Generate("nightly-report", []apikey.Scope{apikey.Query}, now.AddDate(1, 0, 0), now)
	if err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "keys")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "keys.yaml")
	set, err := apikey.NewSet(key)
	if err != nil {
		panic(err)
	}
	if err := apikey.WriteFile(path, set); err != nil {
		panic(err)
	}

	// At each start: read the file, guard a handler.
	set, err = apikey.ParseFile(path)
	if err != nil {
		panic(err)
	}
	auth, err := apikey.New(apikey.Config{Keys: apikey.NewStore(set)})
	if err != nil {
		panic(err)
	}
	handler := auth.Require(apikey.Query).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, _ := apikey.FromContext(r.Context())
		_, _ = fmt.Fprintf(w, "hello, %s", caller.Name)
	}))

	for _, sent := range []string{plaintext, "guess", ""} {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		if sent != "" {
			r.Header.Set("X-API-Key", sent)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 hello, nightly-report
	// 403 {"type":"about:blank","title":"Forbidden","status":403}
	// 403 {"type":"about:blank","title":"Forbidden","status":403}
}

// Without a key there is no server. Code that goes on after this error with a
// handler that is not wrapped has opened it to everybody.
func ExampleNew_incorrect() {
	noKeys := apikey.NewStore(nil)
	_, err := apikey.New(apikey.Config{Keys: noKeys})
	fmt.Println(err)
	// Output:
	// apikey: no key is configured; make one with: sallyport key new NAME
}

func ExampleFromPlaintext() {
	// As from the environment.
	_, err := apikey.FromPlaintext("environment", "changeme", []apikey.Scope{apikey.Query})
	fmt.Println(err)
	// Output:
	// apikey: the secret has 8 characters; at least 32 are needed; make one with: sallyport key new NAME
}

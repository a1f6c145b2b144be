package apikey_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/sallyport-dev/sallyport/apikey"
)

// peer tells whom a request comes from where no proxy is in front. Behind one,
// take what package clientip decided on.
func peer(r *http.Request) netip.Addr {
	address, _ := netip.ParseAddrPort(r.RemoteAddr) // net/http sets it; zero otherwise
	return address.Addr()
}

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
	auth, err := apikey.New(apikey.Config{Keys: apikey.NewStore(set), Client: peer})
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
	// apikey: Client is nil, so failed attempts cannot be counted; return the address that package clientip decided on, or without proxies that of r.RemoteAddr
}

// Three wrong keys, and the client has to wait, also with the right one.
func ExampleLockout() {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	now := time.Now()
	key, plaintext, err := apikey.Generate("nightly-report", []apikey.Scope{apikey.Query}, time.Time{}, now)
	if err != nil {
		panic(err)
	}
	set, err := apikey.NewSet(key)
	if err != nil {
		panic(err)
	}
	auth, err := apikey.New(apikey.Config{
		Keys:    apikey.NewStore(set),
		Client:  peer,
		Lockout: apikey.Lockout{Failures: 3, Pause: 10 * time.Minute},
		Now:     func() time.Time { return now },
	})
	if err != nil {
		panic(err)
	}
	handler := auth.Require(apikey.Query).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	try := func(sent string) {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Header.Set("X-API-Key", sent)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	try(plaintext)
	for range 3 {
		try("guess")
	}
	try(plaintext)
	now = now.Add(10 * time.Minute)
	try(plaintext)
	stats := auth.Stats()
	fmt.Println(stats.Accepted, stats.Refused["key.unknown"], stats.Refused["key.locked"], stats.Lockouts)
	// Output:
	// 200
	// 403
	// 403
	// 403
	// 403
	// 200
	// 2 3 1 1
}

func ExampleNewWatcher() {
	key, _, err := apikey.Generate("nightly-report", []apikey.Scope{apikey.Query}, time.Time{}, time.Now())
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

	var store apikey.Store // give it to apikey.New as well
	watcher, err := apikey.NewWatcher(apikey.WatchConfig{Path: path, Store: &store, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	defer func() { _ = watcher.Close() }()
	fmt.Println(store.Set().Len(), "key")

	// As "sallyport key revoke" does. The watcher would see it by itself.
	key.Disabled = true
	set, err = apikey.NewSet(key)
	if err != nil {
		panic(err)
	}
	if err := apikey.WriteFile(path, set); err != nil {
		panic(err)
	}
	if err := watcher.Reload(context.Background()); err != nil {
		panic(err)
	}
	now, _ := store.Set().Get("nightly-report")
	fmt.Println("disabled:", now.Disabled)
	// Output:
	// 1 key
	// disabled: true
}

func ExampleFromPlaintext() {
	// As from the environment.
	_, err := apikey.FromPlaintext("environment", "changeme", []apikey.Scope{apikey.Query})
	fmt.Println(err)
	// Output:
	// apikey: the secret has 8 characters; at least 32 are needed; make one with: sallyport key new NAME
}

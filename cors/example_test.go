package cors_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/sallyport-dev/sallyport/cors"
	"github.com/sallyport-dev/sallyport/event"
)

// An API with keys: any page may call it, if it has one.
func Example() {
	pages, err := cors.New(cors.Config{Mode: cors.Header})
	if err != nil {
		panic(err)
	}
	handler := pages.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "[]")
	}))

	r := httptest.NewRequest(http.MethodOptions, "/v1/query", http.NoBody)
	r.Header.Set("Origin", "https://somewhere.example")
	r.Header.Set("Access-Control-Request-Method", "POST")
	r.Header.Set("Access-Control-Request-Headers", "content-type,x-api-key")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("Access-Control-Allow-Origin"))
	fmt.Println(w.Header().Get("Access-Control-Allow-Headers"))
	// Output:
	// 204 *
	// Content-Type, Authorization, X-API-Key
}

// An API with cookies: only the pages listed may call it.
func ExampleCORS_Wrap() {
	pages, err := cors.New(cors.Config{
		Mode:    cors.Cookies,
		Origins: []string{"https://app.example.com", "https://*.example.org"},
		Methods: []string{"GET", "HEAD", "POST", "DELETE"},
	})
	if err != nil {
		panic(err)
	}
	handler := pages.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))

	for _, origin := range []string{"https://app.example.com", "https://a.b.example.org", "https://example.org", "https://evilexample.org"} {
		var record event.Record // usually event.Recorder's
		r := httptest.NewRequest(http.MethodPost, "/", http.NoBody)
		r = r.WithContext(event.NewContext(context.Background(), &record))
		r.Header.Set("Origin", origin)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Printf("%d %s %q\n", w.Code, origin, record.Rule)
	}
	// Output:
	// 200 https://app.example.com ""
	// 200 https://a.b.example.org ""
	// 403 https://example.org "cors.origin"
	// 403 https://evilexample.org "cors.origin"
}

// Everybody can have a page on these, or be them. The program does not start.
func ExampleNew_incorrect() {
	_, err := cors.New(cors.Config{
		Mode:    cors.Cookies,
		Origins: []string{"*", "null", "https://*.vercel.app", "https://app.example.com/"},
	})
	fmt.Println(err)
	// Output:
	// cors: Origins: "*" would let every website act with the user's cookies; list the origins that may
	// cors: Origins: "null" is the origin of every sandboxed frame, data: URL and local file, so of anybody; give the page an origin of its own
	// cors: Origins: "https://*.vercel.app" spans the public suffix vercel.app, under which anybody can have a domain; list the origins that are yours one by one
	// cors: Origins: "https://app.example.com/" has a trailing slash, which is no part of an origin; write https://app.example.com
}

func ExampleParseMode() {
	mode, err := cors.ParseMode("cookies")
	fmt.Println(mode, err)
	_, err = cors.ParseMode("none")
	fmt.Println(err)
	// Output:
	// cookies <nil>
	// cors: "none" is no mode; use header (keys and tokens) or cookies
}

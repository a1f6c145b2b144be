package cors_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/sallyport-dev/sallyport/cors"
	"github.com/sallyport-dev/sallyport/event"
)

// Chromium judges our answers. Pages come from http://127.0.0.1:PORT, which is
// allowed, and from http://localhost:PORT, another origin and another site,
// which is not; the APIs are on further ports of 127.0.0.1.
func TestBrowser(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	pages := httptest.NewServer(http.HandlerFunc(servePage))
	t.Cleanup(pages.Close)
	friend := pages.URL
	stranger := strings.Replace(pages.URL, "127.0.0.1", "localhost", 1)

	// One browser, one tab: the subtests run one after the other.
	t.Run("any origin", func(t *testing.T) {
		api := startAPI(t, anyOrigin)
		b.open(t, stranger)
		b.reads(t, "a plain GET", api.fetch("/plain", ""))
		api.saw(t, "GET /plain 200 reached")
		b.reads(t, "a key in a header", api.fetch("/key", `headers: {"X-API-Key": "sp_x"}`))
		api.saw(t, "OPTIONS /key 204", "GET /key 200 reached")
		b.reads(t, "the same again: the preflight is remembered", api.fetch("/key", `headers: {"X-API-Key": "sp_x"}`))
		api.saw(t, "GET /key 200 reached")
		b.reads(t, "JSON and Authorization", api.fetch("/json", `method: "POST", body: "{}", headers: {"Content-Type": "application/json", "Authorization": "Bearer x"}`))
		api.saw(t, "OPTIONS /json 204", "POST /json 200 reached")
		b.fails(t, "a header that is not allowed", api.fetch("/evil", `headers: {"X-Evil": "1"}`))
		api.saw(t, "OPTIONS /evil 403 cors.headers")
		b.fails(t, "a method that is not allowed", api.fetch("/delete", `method: "DELETE"`))
		api.saw(t, "OPTIONS /delete 403 cors.method")
		b.fails(t, "credentials never go with *", api.fetch("/plain", `credentials: "include"`))
		api.saw(t, "GET /plain 200 reached")
	})

	t.Run("listed origins", func(t *testing.T) {
		api := startAPI(t, cors.Config{Mode: cors.Header, Origins: []string{friend}})
		b.open(t, friend)
		b.reads(t, "an allowed page", api.fetch("/a", `method: "POST", headers: {"X-API-Key": "sp_x"}`))
		api.saw(t, "OPTIONS /a 204", "POST /a 200 reached")
		b.fails(t, "without credentials only", api.fetch("/a", `credentials: "include"`))
		api.saw(t, "GET /a 200 reached")
		b.open(t, stranger)
		b.fails(t, "another page reads", api.fetch("/b", ""))
		api.saw(t, "GET /b 403 cors.origin")
		b.fails(t, "another page asks", api.fetch("/b", `headers: {"X-API-Key": "sp_x"}`))
		api.saw(t, "OPTIONS /b 403 cors.origin")
		b.run(t, "document.body.innerHTML = `<iframe sandbox='allow-scripts' srcdoc=\"<script>fetch('"+api.url+"/null').catch(() => 0)</script>\"></iframe>`; 0")
		api.saw(t, "GET /null 403 cors.origin")
		b.open(t, api.url+"/page")
		api.saw(t, "GET /page 200 reached")
		b.reads(t, "the API's own page", `call("/own", {method: "POST"})`)
		api.saw(t, "POST /own 200 reached")
	})

	t.Run("cookies", func(t *testing.T) {
		api := startAPI(t, cors.Config{Mode: cors.Cookies, Origins: []string{friend}})
		b.open(t, api.url+"/login")
		api.saw(t, "GET /login 200 reached")

		b.open(t, friend)
		if got := b.reads(t, "with the cookie", api.fetch("/c", `credentials: "include"`)); got != "session=1" {
			t.Errorf("the cookie did not arrive: %q", got)
		}
		api.saw(t, "GET /c 200 reached")
		if got := b.reads(t, "without credentials", api.fetch("/c", `credentials: "omit"`)); got != "" {
			t.Errorf("a cookie came without credentials: %q", got)
		}
		api.saw(t, "GET /c 200 reached")
		b.reads(t, "with a preflight", api.fetch("/c", `method: "POST", credentials: "include", body: "{}", headers: {"Content-Type": "application/json"}`))
		api.saw(t, "OPTIONS /c 204", "POST /c 200 reached")

		b.open(t, stranger)
		b.fails(t, "another page, with the cookie", api.fetch("/d", `credentials: "include"`))
		api.saw(t, "GET /d 403 cors.origin")
		b.run(t, `fetch("`+api.url+`/nocors", {mode: "no-cors", credentials: "include"}).then(r => r.type)`)
		api.saw(t, "GET /nocors 403 cors.cross_site")
		b.run(t, `new Promise(done => { const i = new Image(); i.onload = i.onerror = done; i.src = "`+api.url+`/image" }).then(() => 0)`)
		api.saw(t, "GET /image 403 cors.cross_site")
		b.run(t, `new Promise(done => { const s = new WebSocket("`+strings.Replace(api.url, "http", "ws", 1)+`/socket"); s.onopen = s.onerror = done }).then(() => 0)`)
		api.saw(t, "GET /socket 403 cors.origin")
		b.leave(t, submit(api.url+"/form"))
		api.saw(t, "POST /form 403 cors.origin")
		b.open(t, stranger+"/no-referrer")
		b.leave(t, submit(api.url+"/form"))
		api.saw(t, "POST /form 403 cors.origin") // Origin: null
		b.open(t, stranger)
		b.leave(t, `location.href = "`+api.url+`/linked"; 0`)
		api.saw(t, "GET /linked 200 reached")

		b.open(t, friend)
		b.leave(t, submit(api.url+"/form"))
		api.saw(t, "POST /form 200 reached")
		b.open(t, api.url+"/no-referrer")
		api.saw(t, "GET /no-referrer 200 reached")
		b.leave(t, submit("/form")) // Origin: null, but Sec-Fetch-Site: same-origin
		api.saw(t, "POST /form 200 reached")
	})
}

// servePage serves a page with the function call, under Referrer-Policy:
// no-referrer if its path says so.
func servePage(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/no-referrer" {
		w.Header().Set("Referrer-Policy", "no-referrer")
	}
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprint(w, `<!doctype html><link rel="icon" href="data:,"><body><script>
async function call(url, options) {
	try {
		const r = await fetch(url, options)
		return {status: r.status, body: await r.text(), id: r.headers.get("X-Request-ID") ?? "", hidden: r.headers.get("X-Hidden") ?? ""}
	} catch (e) {
		return {failed: String(e)}
	}
}
</script>`)
}

func submit(action string) string {
	return `{ const f = document.createElement("form"); f.method = "POST"; f.action = "` + action + `"; document.body.append(f); f.submit(); 0 }`
}

// testAPI is an API behind the middleware, and what reached it.
type testAPI struct {
	url  string
	seen chan string
}

func startAPI(t *testing.T, c cors.Config) *testAPI {
	t.Helper()
	a := &testAPI{seen: make(chan string, 100)}
	reached := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event.FromContext(r.Context()).Route = "reached"
		w.Header().Set("X-Request-ID", "r1")
		w.Header().Set("X-Hidden", "not exposed")
		w.Header().Set("Cache-Control", "no-store") // of the answers; preflights are remembered apart
		switch r.URL.Path {
		case "/page", "/no-referrer":
			servePage(w, r)
		case "/login":
			// SameSite=None: other sites' requests carry it, as CSRF needs.
			w.Header().Set("Set-Cookie", "session=1; SameSite=None; Secure; HttpOnly")
		default:
			fmt.Fprint(w, r.Header.Get("Cookie"))
		}
	})
	guarded := build(t, c).Wrap(reached)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var record event.Record
		w, tracker := event.Track(w, r)
		guarded.ServeHTTP(w, r.WithContext(event.NewContext(r.Context(), &record)))
		if r.URL.Path != "/favicon.ico" {
			status := max(tracker.Status(), http.StatusOK)
			a.seen <- strings.TrimSpace(fmt.Sprintf("%s %s %d %s%s", r.Method, r.URL.Path, status, record.Rule, record.Route))
		}
	}))
	t.Cleanup(srv.Close)
	a.url = srv.URL
	return a
}

func (a *testAPI) fetch(path, options string) string {
	return fmt.Sprintf("call(%q, {%s})", a.url+path, options)
}

// saw waits for exactly these requests, in their order.
func (a *testAPI) saw(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for range want {
		select {
		case s := <-a.seen:
			got = append(got, s)
		case <-time.After(20 * time.Second):
			t.Fatalf("saw %q, want %q", got, want)
		}
	}
	for len(a.seen) > 0 {
		got = append(got, <-a.seen)
	}
	if !slices.Equal(got, want) {
		t.Errorf("saw %q, want %q", got, want)
	}
}

type browser struct {
	tab context.Context //nolint:containedctx // chromedp's tab is its context
}

// startBrowser starts Chromium with a profile of its own; it ends with the test.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("%v; scripts/test-deps installs it", err)
	}
	limit, stop := context.WithTimeout(context.Background(), 2*time.Minute) // not t.Context: the browser is closed in Cleanup, after that has ended
	t.Cleanup(stop)
	flags := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path)}
	for _, name := range []string{
		"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
		"disable-component-update", "disable-sync", "disable-dev-shm-usage", "no-default-browser-check",
	} {
		flags = append(flags, chromedp.Flag(name, true))
	}
	allocator, release := chromedp.NewExecAllocator(limit, flags...)
	t.Cleanup(release)
	tab, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		if err := chromedp.Cancel(tab); err != nil {
			t.Errorf("closing the browser: %v", err)
		}
		cancel()
	})
	return &browser{tab: tab}
}

func (b *browser) open(t *testing.T, page string) {
	t.Helper()
	if _, err := url.Parse(page); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(b.tab, chromedp.Navigate(page)); err != nil {
		t.Fatalf("%s: %v", page, err)
	}
}

func (b *browser) run(t *testing.T, script string) {
	t.Helper()
	if _, err := chromedp.Run(b.tab, chromedp.Evaluate[any](script, chromedp.EvalAwaitPromise)); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
}

// leave runs a script that opens another page, and waits for it.
func (b *browser) leave(t *testing.T, script string) {
	t.Helper()
	if _, err := chromedp.RunResponse(b.tab, chromedp.Evaluate[chromedp.Void](script)); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
}

// answer is what a page got to know of an answer.
type answer struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
	ID     string `json:"id"`
	Hidden string `json:"hidden"`
	Failed string `json:"failed"`
}

func (b *browser) call(t *testing.T, script string) answer {
	t.Helper()
	a, err := chromedp.Run(b.tab, chromedp.Evaluate[answer](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return a
}

// reads checks that the page can read the answer, its exposed header, and no
// other if it is of another origin. It returns the body.
func (b *browser) reads(t *testing.T, why, script string) string {
	t.Helper()
	a := b.call(t, script)
	own := strings.HasPrefix(script, `call("/`)
	if a.Failed != "" || a.Status != http.StatusOK || a.ID != "r1" || (a.Hidden != "") != own {
		t.Errorf("%s: %+v", why, a)
	}
	return a.Body
}

// fails checks that the page gets to know nothing.
func (b *browser) fails(t *testing.T, why, script string) {
	t.Helper()
	if a := b.call(t, script); a != (answer{Failed: "TypeError: Failed to fetch"}) {
		t.Errorf("%s: %+v", why, a)
	}
}

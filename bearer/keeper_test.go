package bearer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// network is a transport that no bubble of time has to wait for.
type network func(r *http.Request) (*http.Response, error)

func (n network) RoundTrip(r *http.Request) (*http.Response, error) { return n(r) }

const fakeIssuer = "https://issuer.example"

func jsonAnswer(r *http.Request, v any) *http.Response {
	data := must(json.Marshal(v))
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(data)), Request: r}
}

// serving answers for an issuer with the keys.
func serving(keys ...jose.JSONWebKey) network {
	return func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/jwks" {
			return jsonAnswer(r, jose.JSONWebKeySet{Keys: keys}), nil
		}
		return jsonAnswer(r, map[string]string{"issuer": fakeIssuer, "jwks_uri": fakeIssuer + "/jwks"}), nil
	}
}

// fakeConfig has the clock of the bubble, and a log.
func fakeConfig(n network) (Config, *lockedBuffer) {
	log := new(lockedBuffer)
	return Config{
		Issuer: fakeIssuer, Audience: []string{audience}, Subjects: []string{"alice"},
		HTTPClient: &http.Client{Transport: n}, DangerouslyNoLockout: true,
		Logger: slog.New(slog.NewTextHandler(log, nil)),
	}, log
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func bubbleToken(t *testing.T, kid string) string {
	t.Helper()
	return sign(t, p256(), es256(kid), claimsOf(fakeIssuer, map[string]any{"exp": time.Now().Add(100 * time.Hour).Unix(), "iat": nil}))
}

func TestRotation(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("old", "ES256", p256()))
	clock := newClock()
	v := newVerifier(t, is.config(clock))
	guard := v.Require()
	oldToken := sign(t, p256(), es256("old"), claimsOf(is.URL, nil))
	newToken := sign(t, p256Two(), es256("new"), claimsOf(is.URL, nil))
	expect(t, guard, oldToken, "")
	expect(t, guard, newToken, "bearer.key")

	// The new key is published beside the old one.
	is.publish(public("old", "ES256", p256()), public("new", "ES256", p256Two()))
	clock.Advance(30*time.Second - 1)
	expect(t, guard, newToken, "bearer.key")
	if n := is.keyReads.Load(); n != 1 {
		t.Fatalf("%d readings before MinRefresh has passed, want 1", n)
	}
	clock.Advance(1)
	expect(t, guard, newToken, "")
	expect(t, guard, oldToken, "")
	if n := is.keyReads.Load(); n != 2 {
		t.Errorf("%d readings, want 2", n)
	}
	if s := v.Stats(); s.Keys != 2 || !s.LastFetch.Equal(clock.Now()) || s.Fetches != 2 || s.FetchFailures != 0 {
		t.Errorf("%+v", s)
	}

	// The old key is withdrawn. Its token was verified a moment ago, and is not
	// remembered beyond the set that verified it.
	is.publish(public("new", "ES256", p256Two()))
	expect(t, guard, oldToken, "")
	clock.Advance(30 * time.Second)
	expect(t, guard, sign(t, p256Two(), es256("third"), claimsOf(is.URL, nil)), "bearer.key")
	expect(t, guard, oldToken, "bearer.key")
	expect(t, guard, newToken, "")
	// Nor does the old key under the new id help.
	expect(t, guard, sign(t, p256(), es256("new"), claimsOf(is.URL, nil)), "bearer.signature")
	if n := is.discovers.Load(); n != 1 {
		t.Errorf("%d discoveries, want 1", n)
	}
}

func TestFloodOfUnknownKeys(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("known", "ES256", p256()))
	clock := newClock()
	guard := newVerifier(t, is.config(clock)).Require()
	good := sign(t, p256(), es256("known"), claimsOf(is.URL, nil))
	flood := func() {
		var wg sync.WaitGroup
		for i := range 150 {
			wg.Go(func() {
				expect(t, guard, sign(t, p256Two(), es256("unknown-"+string(rune('a'+i%26))+strings.Repeat("x", i%7)), claimsOf(is.URL, nil)), "bearer.key")
			})
		}
		wg.Wait()
		expect(t, guard, good, "")
	}
	for round := range int64(4) {
		flood()
		if n := is.keyReads.Load(); n != 1+round {
			t.Fatalf("%d readings in round %d, want %d", n, round, 1+round)
		}
		clock.Advance(30 * time.Second)
	}
}

func TestIssuerAwayAtStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var mu sync.Mutex
		var tries []time.Duration
		up := serving(public("k", "ES256", p256()))
		config, log := fakeConfig(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			if r.URL.Path == openIDPath {
				tries = append(tries, time.Since(begin))
			}
			if time.Since(begin) < 3*time.Minute {
				return nil, errors.New("connection refused")
			}
			return up(r)
		})
		v, err := New(t.Context(), config)
		check(t, err)
		guard := v.Require()
		token := bubbleToken(t, "k")
		r, record := request(t, "Bearer "+token)
		o := send(t, guard, r, record)
		if o.status != 503 || o.rule != "bearer.unavailable" || o.challenge != "" ||
			o.body != `{"type":"about:blank","title":"Service Unavailable","status":503}` {
			t.Errorf("while the issuer is away: %+v", o)
		}
		r, record = request(t)
		if o := send(t, guard, r, record); o.status != 401 || o.rule != "bearer.missing" {
			t.Errorf("without a token: %+v", o)
		}
		<-time.After(4 * time.Minute)
		expect(t, guard, token, "")
		check(t, v.Close())
		// 1 s, 2 s, 4 s … at most a minute between two.
		var want []time.Duration
		for _, seconds := range []int{0, 1, 3, 7, 15, 31, 63, 123, 183} {
			want = append(want, time.Duration(seconds)*time.Second)
		}
		if !slices.Equal(tries, want) {
			t.Errorf("tried at %v, want %v", tries, want)
		}
		if !strings.Contains(log.String(), "every token is refused until they are") || !strings.Contains(log.String(), "connection refused") {
			t.Errorf("the log does not say so:\n%s", log)
		}
	})
}

func TestIssuerAwayLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		up := serving(public("k", "ES256", p256()))
		var reads atomic.Int64
		config, log := fakeConfig(func(r *http.Request) (*http.Response, error) {
			reads.Add(1)
			if time.Since(begin) > time.Hour {
				return nil, errors.New("no route")
			}
			return up(r)
		})
		v, err := New(t.Context(), config)
		check(t, err)
		guard := v.Require()
		token := bubbleToken(t, "k")
		<-time.After(time.Hour + time.Second)
		if s := v.Stats(); s.Fetches != 5 || reads.Load() != 6 || s.LastFetch.Sub(begin) != time.Hour {
			t.Errorf("after an hour: %+v, %d requests; want 5 readings of the keys and 1 discovery", s, reads.Load())
		}
		<-time.After(24 * time.Hour)
		expect(t, guard, token, "") // confirmed at most 24 h 15 min ago
		<-time.After(15 * time.Minute)
		expect(t, guard, token, "bearer.unavailable")
		if s := v.Stats(); s.FetchFailures < 24*60 {
			t.Errorf("%+v", s)
		}
		if !strings.Contains(log.String(), "those that are known stay in use") {
			t.Error("the log does not say so")
		}
		check(t, v.Close())
	})
}

func TestSlowIssuer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		up := serving(public("k", "ES256", p256()))
		var slow atomic.Bool
		slow.Store(true)
		config, _ := fakeConfig(func(r *http.Request) (*http.Response, error) {
			if slow.Load() {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return up(r)
		})
		v, err := New(t.Context(), config)
		check(t, err)
		if d := time.Since(begin); d != 10*time.Second {
			t.Errorf("New took %v, want 10s", d)
		}
		slow.Store(false)
		<-time.After(time.Minute)
		guard := v.Require()
		expect(t, guard, bubbleToken(t, "k"), "")

		// Unknown keys while the issuer is slow: they wait, but not for long, and
		// not all of them.
		slow.Store(true)
		begin = time.Now()
		var wg sync.WaitGroup
		var mu sync.Mutex
		waited := map[time.Duration]int{}
		unknown := bubbleToken(t, "new")
		for range 100 {
			wg.Go(func() {
				expect(t, guard, unknown, "bearer.key")
				mu.Lock()
				defer mu.Unlock()
				waited[time.Since(begin)]++
			})
		}
		wg.Wait()
		if waited[0] != 36 || waited[5*time.Second] != 64 {
			t.Errorf("waited: %v; want 64 for 5 s and the rest not at all", waited)
		}

		// A client that leaves is not waited for.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin = time.Now()
		r, record := request(t, "Bearer "+unknown)
		if o := send(t, guard, r.WithContext(ctx), record); o.reached || time.Since(begin) != time.Second {
			t.Errorf("after %v: %+v", time.Since(begin), o)
		}
		check(t, v.Close())
		check(t, v.Close()) // twice is once
		expect(t, guard, unknown, "bearer.key")
		expect(t, guard, bubbleToken(t, "k"), "")
	})
}

func TestStartGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config, _ := fakeConfig(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		if v, err := New(ctx, config); v != nil || !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
			t.Errorf("%v, %v after %v", v, err, time.Since(begin))
		}
	})
}

// Requests that come while the timer and an unknown key ask at once cause one
// reading, and nobody waits for ever.
func TestTimerAndUnknownKeyAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config, _ := fakeConfig(serving(public("k", "ES256", p256())))
		v, err := New(t.Context(), config)
		check(t, err)
		guard := v.Require()
		unknown := bubbleToken(t, "new")
		for range 20 {
			<-time.After(15 * time.Minute)
			expect(t, guard, unknown, "bearer.key")
		}
		check(t, v.Close())
		if s := v.Stats(); s.Fetches < 20 || s.Fetches > 41 || s.FetchFailures != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestClockSetBack(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "ES256", p256()))
	clock := newClock()
	guard := newVerifier(t, is.config(clock)).Require()
	token := sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"nbf": start.Unix()}))
	expect(t, guard, token, "")
	clock.Advance(-time.Hour)
	expect(t, guard, token, "bearer.not_yet") // though it was let through before
	// Nor does an unknown key wait for an hour to be looked for.
	expect(t, guard, sign(t, p256Two(), es256("new"), claimsOf(is.URL, nil)), "bearer.key")
	if n := is.keyReads.Load(); n != 2 {
		t.Errorf("%d readings, want 2", n)
	}
	clock.Advance(time.Hour)
	expect(t, guard, token, "")
}

package apikey

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Whatever is wrong with a key, it costs the same. Counted, not timed: what is
// counted is all that depends on the keys there are.
func TestRefusalsCostTheSame(t *testing.T) {
	t.Parallel()
	known, secret := generate(t, "known", time.Time{}, Query)
	disabled, disabledSecret := generate(t, "disabled", time.Time{}, Query)
	disabled.Disabled = true
	_, stranger := generate(t, "stranger", time.Time{}, Query)
	body := Prefix + known.ID + strings.TrimPrefix(stranger, stranger[:len(Prefix)+idLength])[:1+secretLength]
	sum := checksum(body)
	wrongSecret := body + string(sum[:])
	free, err := FromPlaintext("free", freeSecret, []Scope{Query})
	check(t, err)

	for _, set := range []struct {
		name string
		set  *Set
		want work
	}{
		{"keys with an id", newSet(t, known, disabled), work{hashes: 1, lookups: 1, comparisons: 1}},
		{"and one without", newSet(t, known, disabled, free), work{hashes: 1, lookups: 1, comparisons: 2}},
	} {
		auth, err := New(Config{Keys: NewStore(set.set), Client: strangers()})
		check(t, err)
		for _, tt := range []struct {
			name string
			sent []string
			rule string
		}{
			{"right", []string{secret}, ""},
			{"disabled", []string{disabledSecret}, "key.disabled"},
			{"known id, wrong secret", []string{wrongSecret}, "key.unknown"},
			{"unknown id", []string{stranger}, "key.unknown"},
			{"not ours", []string{"guess"}, "key.unknown"},
			{"wrong checksum", []string{secret[:30] + "zz" + secret[32:]}, "key.malformed"},
			{"cut", []string{secret[:40]}, "key.malformed"},
			{"only the prefix", []string{Prefix}, "key.malformed"},
			{"empty", []string{""}, "key.malformed"},
			{"too long", []string{strings.Repeat("x", 257)}, "key.malformed"},
			{"two", []string{secret, secret}, "key.malformed"},
		} {
			auth.work = new(work)
			r, record := keyRequest(t, "")
			r.Header[Header] = tt.sent
			auth.Require(Query).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(httptest.NewRecorder(), r)
			if record.Rule != tt.rule {
				t.Errorf("%s, %s: rule %q, want %q", set.name, tt.name, record.Rule, tt.rule)
			}
			if *auth.work != set.want {
				t.Errorf("%s, %s: %+v, want %+v", set.name, tt.name, *auth.work, set.want)
			}
		}
	}
}

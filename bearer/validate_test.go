package bearer

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// Validate says what New says, without reading anything.
func TestValidateIsWhatNewSays(t *testing.T) {
	t.Parallel()
	reading := errors.New("something was read")
	for name, change := range map[string]func(*Config){
		"right":       func(*Config) {},
		"several":     func(c *Config) { c.Algorithms, c.Audience = []string{"HS256"}, nil },
		"a query":     func(c *Config) { c.Issuer += "?x" },
		"no client":   func(c *Config) { c.Client = nil },
		"no lockout":  func(c *Config) { c.Client, c.DangerouslyNoLockout = nil, true },
		"long memory": func(c *Config) { c.Lockout = Lockout{Failures: 1000, Pause: 24 * time.Hour} },
		"both":        func(c *Config) { c.Issuer, c.Lockout.Failures = "", -1 },
	} {
		c := validConfig()
		change(&c)
		valid := c.Validate()
		c.HTTPClient = &http.Client{Transport: network(func(*http.Request) (*http.Response, error) { return nil, reading })}
		v, err := New(t.Context(), c)
		if err == nil {
			if err := v.Close(); err != nil {
				t.Error(err)
			}
		}
		if (err == nil) != (valid == nil) || err != nil && err.Error() != valid.Error() {
			t.Errorf("%s: Validate %v\nNew %v", name, valid, err)
		}
	}
}

func TestLockoutValidate(t *testing.T) {
	t.Parallel()
	for _, l := range []Lockout{{}, {Failures: 1000, Pause: time.Second}, {Failures: 30, Pause: 24 * time.Hour}} {
		if err := l.Validate(); err != nil {
			t.Errorf("%+v: %v", l, err)
		}
	}
	for want, l := range map[string]Lockout{
		"Failures: 1001":                   {Failures: 1001},
		"Pause: 1ms":                       {Pause: time.Millisecond},
		"Failures and Pause: 31 failures ": {Failures: 31, Pause: 24 * time.Hour},
	} {
		if err := l.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", l, err, want)
		}
	}
}

// The configuration can be asked what its verifier would say.
func TestConfigChecksScopes(t *testing.T) {
	t.Parallel()
	some, anybody, open := validConfig(), validConfig(), validConfig()
	anybody.Subjects, anybody.DangerouslyAnySubject = nil, true
	open.Subjects = nil
	for _, c := range []Config{some, anybody, open} {
		v := &Verifier{people: newPeople(c), anybody: c.DangerouslyAnySubject}
		for _, scopes := range [][]string{nil, {"openid"}, {"openid", "query"}, {`a"b`}, slices.Repeat([]string{"a"}, 33)} {
			a, b := c.CheckScopes(scopes...), v.CheckScopes(scopes...)
			if (a == nil) != (b == nil) || a != nil && a.Error() != b.Error() {
				t.Errorf("%q: the configuration says %v, its verifier %v", scopes, a, b)
			}
		}
	}
	if open.CheckScopes("openid", "email") == nil || open.CheckScopes() == nil || some.CheckScopes() != nil || anybody.CheckScopes("openid") != nil {
		t.Error("who may come in is judged wrongly")
	}
}

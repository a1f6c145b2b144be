package bearer

import (
	"crypto/x509"
	"net/http"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

func validConfig() Config {
	return Config{
		Issuer: "https://accounts.example.com", Audience: []string{audience},
		Subjects: []string{"alice"}, Client: oneClient,
	}
}

func TestConfigMistakes(t *testing.T) {
	t.Parallel()
	if err := validConfig().withDefaults().check(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func(c *Config)
		want   string // "" if it is none
	}{
		{"no issuer", func(c *Config) { c.Issuer = "" }, "Config.Issuer is empty"},
		{"http", func(c *Config) { c.Issuer = "http://accounts.example.com" }, "only for hosts listed as internal"},
		{"http, internal", func(c *Config) {
			c.Issuer, c.InternalHosts = "http://keycloak:8080/realms/x", []string{"KeyCloak"}
		}, ""},
		{"http, internal by address", func(c *Config) {
			c.Issuer, c.InternalHosts = "http://[fd00::1]:8080", []string{"fd00::1"}
		}, ""},
		{"http, loopback", func(c *Config) { c.Issuer = "http://127.8.0.1:1" }, ""},
		{"http, loopback of IPv6", func(c *Config) { c.Issuer = "http://[::1]:1" }, ""},
		{"http, localhost", func(c *Config) { c.Issuer = "http://localhost/x" }, ""},
		{"http, begins like localhost", func(c *Config) { c.Issuer = "http://localhost.evil.example" }, "only for hosts listed"},
		{"http, begins like loopback", func(c *Config) { c.Issuer = "http://127.0.0.1.evil.example" }, "only for hosts listed"},
		{"no scheme", func(c *Config) { c.Issuer = "accounts.example.com" }, "not an absolute URL"},
		{"scheme in capitals", func(c *Config) { c.Issuer = "HTTPS://accounts.example.com" }, "not an absolute URL"},
		{"another scheme", func(c *Config) { c.Issuer = "ftp://accounts.example.com" }, "not https"},
		{"no host", func(c *Config) { c.Issuer = "https:///x" }, "not an absolute URL"},
		{"query", func(c *Config) { c.Issuer = "https://accounts.example.com/?a=b" }, "has a query"},
		{"fragment", func(c *Config) { c.Issuer = "https://accounts.example.com/#" }, "fragment"},
		{"credentials", func(c *Config) { c.Issuer = "https://u:p@accounts.example.com" }, "credentials"},
		{"a space", func(c *Config) { c.Issuer = " https://accounts.example.com" }, "characters"},
		{"long", func(c *Config) { c.Issuer = "https://" + strings.Repeat("a", 1000) }, "at most 1000"},
		{"no audience", func(c *Config) { c.Audience = nil }, "Config.Audience is empty"},
		{"an empty audience", func(c *Config) { c.Audience = []string{""} }, "Config.Audience item 1"},
		{"65 audiences", func(c *Config) { c.Audience = strings.Split(strings.Repeat("a,", 64)+"a", ",") }, "has 65 items"},
		{"none", func(c *Config) { c.Algorithms = []string{"none"} }, `"none" never are`},
		{"HS256", func(c *Config) { c.Algorithms = []string{"RS256", "HS256"} }, `item 2: "HS256"`},
		{"HS512", func(c *Config) { c.Algorithms = []string{"HS512"} }, "shared secret"},
		{"in lower case", func(c *Config) { c.Algorithms = []string{"rs256"} }, "choose from RS256"},
		{"an encryption", func(c *Config) { c.Algorithms = []string{"RSA-OAEP"} }, "is not an algorithm that is accepted"},
		{"all there are", func(c *Config) { c.Algorithms = strings.Split(algorithmNames, ", ") }, ""},
		{"an empty subject", func(c *Config) { c.Subjects = []string{""} }, "Config.Subjects item 1"},
		{"a client with a line feed", func(c *Config) { c.Clients = []string{"a\n"} }, "Config.Clients item 1"},
		{"an address without @", func(c *Config) { c.Emails = []string{"example.org"} }, `such as "@example.org"`},
		{"a pattern", func(c *Config) { c.Emails = []string{"@*.example.org"} }, "Config.Emails item 1"},
		{"a pattern of an address", func(c *Config) { c.Emails = []string{"x@y.org", "*@"} }, "Config.Emails item 2"},
		{"a name and an address", func(c *Config) { c.Emails = []string{"Ana <ana@example.org>"} }, "Config.Emails item 1"},
		{"not ASCII", func(c *Config) { c.Emails = []string{"@exämple.org"} }, "in ASCII"},
		{"an empty label", func(c *Config) { c.Emails = []string{"@example..org"} }, "Config.Emails item 1"},
		{"@ alone", func(c *Config) { c.Emails = []string{"@"} }, "Config.Emails item 1"},
		{"a contradiction", func(c *Config) { c.DangerouslyAnySubject = true }, "contradicts Subjects and Emails"},
		{"negative skew", func(c *Config) { c.Skew = -1 }, "Config.Skew"},
		{"too much skew", func(c *Config) { c.Skew = 5*time.Minute + 1 }, "Config.Skew of 5m0.000000001s is not between 0s and 5m0s"},
		{"a short life", func(c *Config) { c.MaxLifetime = time.Second }, "Config.MaxLifetime"},
		{"a client and authorities", func(c *Config) { c.HTTPClient, c.RootCAs = new(http.Client), x509.NewCertPool() }, "Config.RootCAs"},
		{"a host with a port", func(c *Config) { c.InternalHosts = []string{"keycloak:8080"} }, "without scheme and port"},
		{"a host that is a URL", func(c *Config) { c.InternalHosts = []string{"http://keycloak"} }, "without scheme and port"},
		{"a host that is a pattern", func(c *Config) { c.InternalHosts = []string{"*.internal"} }, "Config.InternalHosts item 1"},
		{"refreshing all the time", func(c *Config) { c.Refresh = time.Second }, "Config.Refresh"},
		{"never refreshing", func(c *Config) { c.Refresh = 25 * time.Hour }, "Config.Refresh"},
		{"a fetch for each request", func(c *Config) { c.MinRefresh = time.Millisecond }, "Config.MinRefresh"},
		{"MinRefresh over Refresh", func(c *Config) { c.MinRefresh = time.Hour }, "Config.MinRefresh"},
		{"nobody to count against", func(c *Config) { c.Client = nil }, "set DangerouslyNoLockout"},
		{"both", func(c *Config) { c.DangerouslyNoLockout = true }, "contradicts Client"},
		{"a lockout of nothing", func(c *Config) { c.Lockout = Lockout{-1, time.Millisecond} }, "Config.Lockout: lockout: Failures"},
		{"a realm with a quote", func(c *Config) { c.Realm = `a", error="x` }, "Config.Realm"},
		{"metadata by http", func(c *Config) { c.ResourceMetadata = "http://api.example.com/x" }, "Config.ResourceMetadata"},
		{"metadata with a quote", func(c *Config) { c.ResourceMetadata = `https://api.example.com/"` }, "characters"},
		{"metadata", func(c *Config) { c.ResourceMetadata = "https://api.example.com/.well-known/oauth-protected-resource" }, ""},
	}
	for _, tt := range tests {
		c := validConfig()
		tt.change(&c)
		if tt.want == "" {
			if err := c.withDefaults().check(); err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		v, err := New(t.Context(), c)
		if v != nil || err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "bearer: Config.") {
			t.Errorf("%s: %v; want %q in it", tt.name, err, tt.want)
		}
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	_, err := New(t.Context(), Config{
		Algorithms: []string{"none", "HS256"}, Emails: []string{"x"}, Skew: time.Hour, Refresh: 1, Realm: " ",
		Client: oneClient, Lockout: Lockout{Pause: 1},
	})
	for _, want := range []string{"Issuer", "Audience", `"none"`, `"HS256"`, "Emails", "Skew", "Refresh", "Realm", "Lockout"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
}

// A zero Config does not construct, and says how many things are missing.
func TestZeroConfigIsRefused(t *testing.T) {
	t.Parallel()
	v, err := New(t.Context(), Config{})
	if v != nil || err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("%v; want three mistakes: Issuer, Audience, Client", err)
	}
}

func TestConfigIsCopied(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "", p256()))
	config := is.config(newClock())
	config.Emails, config.Clients = []string{"@example.org"}, []string{"spa"}
	guard := newVerifier(t, config).Require()
	for _, list := range [][]string{config.Audience, config.Algorithms, config.Subjects, config.Emails, config.Clients} {
		for i := range list {
			list[i] = "changed"
		}
	}
	expect(t, guard, sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"azp": "spa"})), "")
}

// A public type of a dependency would make its next version a change of ours.
func TestNoTypeOfADependencyInTheAPI(t *testing.T) {
	t.Parallel()
	for _, typ := range []reflect.Type{reflect.TypeFor[Config](), reflect.TypeFor[Identity](), reflect.TypeFor[Stats](), reflect.TypeFor[Lockout]()} {
		for field := range typ.Fields() {
			of := field.Type
			for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
				of = of.Elem()
			}
			if path := of.PkgPath(); strings.Contains(path, ".") && !strings.Contains(path, "sallyport") {
				t.Errorf("%s.%s is of %s", typ, field.Name, path)
			}
		}
	}
}

// The rules are documented where people look for them.
func TestRulesAreDocumented(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"doc.go", "../docs/protections/2.7-bearer.md"} {
		text, err := os.ReadFile(file)
		check(t, err)
		for _, reason := range reasons[ruleMissing:] {
			if !strings.Contains(string(text), reason.id) || reason.cause == "" {
				t.Errorf("%s does not have %q", file, reason.id)
			}
		}
	}
}

func TestSkewAndLifetime(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "", p256()))
	config := is.config(newClock())
	config.Skew, config.MaxLifetime = time.Second, time.Hour
	guard := newVerifier(t, config).Require()
	now := start.Unix()
	for _, tt := range []struct {
		changes map[string]any
		rule    string
	}{
		{map[string]any{"exp": now + 3600, "iat": now}, ""},
		{map[string]any{"exp": now + 3601, "iat": now}, "bearer.lifetime"},
		{map[string]any{"exp": now + 3600, "iat": nil}, "bearer.lifetime"},
		{map[string]any{"exp": now + 10, "iat": -99999999}, "bearer.lifetime"},
		{map[string]any{"exp": now, "iat": now - 3600}, ""},
		{map[string]any{"exp": now - 1, "iat": now - 3600}, "bearer.expired"},
		{map[string]any{"iat": now + 1}, ""},
		{map[string]any{"iat": now + 2}, "bearer.not_yet"},
	} {
		expect(t, guard, sign(t, p256(), es256("k"), claimsOf(is.URL, tt.changes)), tt.rule)
	}
}

func TestClients(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "", p256()))
	config := is.config(newClock())
	config.Clients = []string{"spa", "cli"}
	guard := newVerifier(t, config).Require()
	for _, tt := range []struct {
		clientID, azp any
		rule          string
	}{
		{"spa", nil, ""},
		{nil, "cli", ""},
		{"spa", "spa", ""},
		{"spa", "cli", ""},
		{nil, nil, "bearer.client"},
		{"other", nil, "bearer.client"},
		{nil, "other", "bearer.client"},
		{"spa", "other", "bearer.client"},
		{"other", "spa", "bearer.client"},
		{"SPA", nil, "bearer.client"},
		{"", nil, "bearer.claims"},
	} {
		token := sign(t, p256(), es256("k"), claimsOf(is.URL, map[string]any{"client_id": tt.clientID, "azp": tt.azp}))
		if o := try(t, guard, token); o.rule != tt.rule || tt.rule == "bearer.client" && (o.status != 403 || o.challenge != "") {
			t.Errorf("%v: %+v", tt, o)
		}
	}
}

func TestNoClientAddressIsOneClient(t *testing.T) {
	t.Parallel()
	is := newIssuer(t, public("k", "", p256()))
	config := is.config(newClock())
	config.DangerouslyNoLockout, config.Client = false, func(*http.Request) netip.Addr { return netip.Addr{} }
	guard := newVerifier(t, config).Require()
	for range 5 {
		expect(t, guard, "x", "bearer.malformed")
	}
	expect(t, guard, "x", "bearer.locked")
}

package config

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	dangerous := served()
	dangerous.Access.Public = true
	dangerous.Errors.Detail = DetailRule
	dangerous.Sources[0].Functions.DangerouslyAllow = []string{"soundex", "read_blob"}

	public := served()
	public.Access.Public = true

	full := served()
	full.Listen = "0.0.0.0:8443"
	full.TLS = TLS{Cert: "/etc/cert.pem", Key: "/etc/key.pem"}
	full.Access.Keys = "keys.yaml"
	full.Errors.Detail = DetailNone
	full.Cache = "/var/cache/sallyport"
	shop := DefaultSource("shop", "shop.duckdb")
	shop.Tables, shop.HiddenColumns = []string{"orders", "customers"}, []string{"email"}
	shop.Functions.Deny = []string{"random"}
	shop.Notes = "Prices are in cents."
	shop.Limits.Rows, shop.Limits.Workers, shop.Limits.Threads = 1, 1, 1
	full.Sources = append(full.Sources, shop)

	perimeter := served()
	perimeter.Listen = "0.0.0.0:8080"
	perimeter.Operator = Operator{Listen: "0.0.0.0:9090", DangerouslyExpose: true}
	perimeter.Topology = Topology{Kind: "proxies", Trusted: []string{"10.0.0.0/28"}, Header: "Forwarded"}
	perimeter.Access.Bearer = Bearer{Issuer: "https://id.example.com", Audience: []string{"api"}, Scopes: []string{"query"}, Emails: []string{"@example.org"}, Skew: Duration(time.Second)}
	perimeter.CORS.Origins = []string{"https://app.example.com"}
	perimeter.Perimeter.PerASN.Database = "asn.mmdb"
	perimeter.Perimeter.PerKey, perimeter.Perimeter.Global = "60/minute burst 10", Unlimited
	perimeter.Perimeter.ReportOnly = true
	perimeter.Perimeter.Store = "rediss://:s3cret@redis.example.com:6379/0"

	for name, test := range map[string]struct {
		cfg   Config
		facts Facts
	}{
		"default":   {served(), withKey},
		"public":    {public, Facts{}},
		"dangerous": {dangerous, Facts{}},
		"full":      {full, Facts{}},
		"perimeter": {perimeter, Facts{}},
	} {
		if err := test.cfg.Validate(test.facts); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		golden(t, filepath.Join("testdata", "explain", name+".txt"), Explain(test.cfg))
	}
}

// What is dangerous must be said, whatever else the configuration holds.
func TestExplainSaysWhatIsDangerous(t *testing.T) {
	t.Parallel()
	c := served()
	if _, dangers, _ := strings.Cut(Explain(c), "\nDangerous\n"); dangers != "  Nothing.\n" {
		t.Errorf("the default is called dangerous:\n%s", dangers)
	}
	c.Access.Public = true
	c.Sources[0].Functions.DangerouslyAllow = []string{"glob"}
	_, dangers, _ := strings.Cut(Explain(c), "\nDangerous\n")
	if !strings.Contains(dangers, "access.public:") || !strings.Contains(dangers, "flights.functions.dangerously_allow") || strings.Contains(dangers, "Nothing") {
		t.Errorf("dangers missing:\n%s", dangers)
	}
}

func TestExplainHidesPasswords(t *testing.T) {
	t.Parallel()
	c := served()
	c.Perimeter.Store = "rediss://user:s3cret@redis.example.com:6379/0"
	if text := Explain(c); strings.Contains(text, "s3cret") || !strings.Contains(text, "rediss://redis.example.com:6379/0") {
		t.Errorf("the store:\n%s", text)
	}
}

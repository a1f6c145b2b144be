package config

import (
	"path/filepath"
	"strings"
	"testing"
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

	for name, test := range map[string]struct {
		cfg   Config
		facts Facts
	}{
		"default":   {served(), withKey},
		"public":    {public, Facts{}},
		"dangerous": {dangerous, Facts{}},
		"full":      {full, Facts{}},
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

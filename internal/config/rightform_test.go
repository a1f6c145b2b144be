package config

import (
	"strings"
	"testing"
)

// Whoever writes one value for a whole section is shown the section with that value in it, where it fits.
func TestSectionsShowTheirForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"limits: {per_network: 300/minute}":          "write per_network: {rate: 300/minute}",
		"limits: 30/minute":                          "write limits: {per_client: 30/minute}",
		"operator: off":                              `write operator: {listen: "off"}`,
		"operator: 127.0.0.1:9":                      `write operator: {listen: "127.0.0.1:9"}`,
		"tls: cert.pem":                              "write tls: {cert: cert.pem, key: /etc/sallyport/key.pem}",
		"tls: true":                                  "write tls: {cert: /etc/sallyport/cert.pem, key: /etc/sallyport/key.pem}",
		"access: keys.yaml":                          "write access: {keys: keys.yaml}",
		"access: {bearer: 'https://id.example.com'}": `write bearer: {issuer: "https://id.example.com", audience: ["https://api.example.com"]}`,
		"topology: proxies":                          "write topology: {kind: proxies}",
		"cors: https://a.example.com":                `write cors: {origins: ["https://a.example.com"]}`,
		"log: debug":                                 "write log: {level: debug}",
		"log: [json]":                                "write log: {format: text}",
		"errors: none":                               "write errors: {detail: none}",
		"sources: data.csv":                          "write sources: {flights: {location: data.csv}}",
		"sources: [data.csv]":                        "write sources: {flights: {location: data/flights.duckdb}}",
		"sources: {shop: shop.duckdb}":               "write shop: {location: shop.duckdb}",
		"sources: {shop: {limits: 15s}}":             "write limits: {deadline: 15s}",
		// Nothing dangerous is proposed.
		"access: true":   "write access: {keys: keys.yaml}",
		"access: public": "write access: {public: false}",
	} {
		_, err := Decode([]byte(text + "\n"))
		all := allOf(t, err)
		if len(all) != 1 || all[0].Fix != want || !strings.HasPrefix(all[0].Problem, "settings are expected here, not ") {
			t.Errorf("%s: %v\nwant %s", text, err, want)
		}
		// What is shown can be read, without another mistake of form.
		form := strings.TrimPrefix(want, "write ")
		if name, _, _ := strings.Cut(form, ":"); strings.HasPrefix(text, name) {
			if _, err := Decode([]byte(form + "\n")); err != nil {
				t.Errorf("%s is refused: %v", form, err)
			}
		}
	}
}

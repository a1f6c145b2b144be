package config

import (
	"slices"
	"testing"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	vars := env(map[string]string{"DIR": "/run/secret"})
	text := []byte(`tls: {cert: c.pem, key: "${DIR}/k.pem"}
access:
  keys: k$$.yaml
  bearer: {ca: "${MISSING}"}
topology: {cloudflare_ranges: cf.txt}
limits: {per_asn: {database: asn.mmdb}, per_client: wrong}
cache: cache
sources:
  a: {location: "s3://b/x"}
  b: {location: b.csv}
`)
	want := []NamedFile{
		{Path: "tls.cert", Line: 1, Written: "c.pem", Name: "c.pem"},
		{Path: "tls.key", Line: 1, Written: "${DIR}/k.pem", Name: "/run/secret/k.pem"},
		{Path: "topology.cloudflare_ranges", Line: 5, Written: "cf.txt", Name: "cf.txt"},
		{Path: "access.keys", Line: 3, Written: "k$$.yaml", Name: "k$.yaml"},
		{Path: "limits.per_asn.database", Line: 6, Written: "asn.mmdb", Name: "asn.mmdb"},
		{Path: "sources.b.location", Line: 10, Written: "b.csv", Name: "b.csv", Source: true},
	}
	got := Files(text, vars)
	slices.SortFunc(got, func(a, b NamedFile) int {
		return slices.IndexFunc(want, func(w NamedFile) bool { return w.Path == a.Path }) - slices.IndexFunc(want, func(w NamedFile) bool { return w.Path == b.Path })
	})
	if !slices.Equal(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	if got := Files([]byte("a: [\n"), vars); got != nil {
		t.Errorf("no YAML names %+v", got)
	}
}

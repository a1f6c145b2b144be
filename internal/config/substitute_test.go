package config

import (
	"strings"
	"testing"
)

func TestSubstitute(t *testing.T) {
	t.Parallel()
	vars := env(map[string]string{"A": "alpha", "_b1": "$A ${A} $$", "EMPTY": ""})
	for text, want := range map[string]string{
		"":              "",
		"plain":         "plain",
		"${A}":          "alpha",
		"x/${A}/${A}.y": "x/alpha/alpha.y",
		"$$":            "$",
		"$${A}":         "${A}",
		"$$$$a":         "$$a",
		"$$${A}":        "$alpha",
		"${_b1}":        "$A ${A} $$", // once only
		"}{":            "}{",
	} {
		got, problem, _ := substitute(text, vars)
		if problem != "" || got != want {
			t.Errorf("%q is read as %q, %q; want %q", text, got, problem, want)
		}
	}
	for text, want := range map[string]string{
		"$":            "a single $",
		"a$b":          "a single $",
		"$A":           "a single $",
		"$$$":          "a single $",
		"${":           "without the name",
		"${}":          "without the name",
		"${A":          "without the name",
		"${A:-x}":      "without the name",
		"${1A}":        "without the name",
		"${A B}":       "without the name",
		"${${A}}":      "without the name",
		"${MISSING}":   "the environment variable MISSING is not set",
		"${a}":         "the environment variable a is not set",
		"x${EMPTY}y":   "the environment variable EMPTY is empty",
		"${A}${NO}":    "the environment variable NO is not set",
		"${A}${}":      "without the name",
		"${A}\n${\nA}": "without the name",
	} {
		got, problem, fix := substitute(text, vars)
		if got != "" || !strings.Contains(problem, want) || fix == "" {
			t.Errorf("%q is read as %q, %q; want the problem %q", text, got, problem, want)
		}
		if strings.Contains(problem+fix, "alpha") {
			t.Errorf("%q: a variable's value is repeated: %s; %s", text, problem, fix)
		}
	}
	if _, problem, _ := substitute("${A}", nil); !strings.Contains(problem, "not set") {
		t.Errorf("without a lookup: %q", problem)
	}
}

// Only paths take variables: a note with a dollar, or a table called $a, is what it says.
func TestSubstitutionIsForPathsOnly(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	lookup := func(name string) (string, bool) {
		asked[name] = true
		return "/" + name, true
	}
	cfg, err := Load([]byte(`
tls: {cert: "${CERT}", key: "${KEY}"}
access: {keys: "${KEYS}"}
cache: ${CACHE}
sources:
  s:
    location: ${HERE}/x
    notes: costs $5, ${NOTES}
    tables: ["${TABLE}", "$$"]
`), lookup, Facts{})
	if err != nil {
		t.Fatal(err)
	}
	s := cfg.Sources[0]
	if cfg.TLS.Cert != "/CERT" || cfg.TLS.Key != "/KEY" || cfg.Access.Keys != "/KEYS" || cfg.Cache != "/CACHE" || s.Location != "/HERE/x" {
		t.Errorf("paths: %+v", cfg)
	}
	if s.Notes != "costs $5, ${NOTES}" || s.Tables[0] != "${TABLE}" || s.Tables[1] != "$$" {
		t.Errorf("others: %+v", s)
	}
	if len(asked) != 5 {
		t.Errorf("asked for %v", asked)
	}
}

func TestSubstitutionReportsThePlace(t *testing.T) {
	t.Parallel()
	_, err := Load([]byte("tls:\n  cert: ${CERT}\n  key: $KEY\n"+minimal), nil, withKey)
	all := allOf(t, err)
	if len(all) != 2 || all[0].Path != "tls.cert" || all[0].Line != 2 || all[1].Path != "tls.key" || all[1].Line != 3 {
		t.Errorf("got %v", err)
	}
}

// An environment variable may hold a password: no message repeats what it holds, even where that is wrong.
func TestValuesOfVariablesAreNotRepeated(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{
		"postgres://:hunter2@db/x", "s3://hunter2", "hunter2\x00", strings.Repeat("hunter2", 1000), ":hunter2:",
	} {
		_, err := Load([]byte("sources: {s: {location: \"${SECRET}\"}}"), env(map[string]string{"SECRET": secret}), withKey)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%.30q: %v", secret, err)
		}
	}
}

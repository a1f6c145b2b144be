package config

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

const page = "../../docs/configuration.md"

// between returns what stands between two markers of the page.
func between(t *testing.T, text, name string) (before, inside, after string) {
	t.Helper()
	begin, end := "<!-- "+name+":begin -->\n", "<!-- "+name+":end -->"
	before, rest, found := strings.Cut(text, begin)
	inside, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("the page has no markers %q", name)
	}
	return before + begin, inside, end + after
}

func readPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sections are the groups of the reference, by the first part of a path.
var sections = []struct{ title, prefix string }{
	{"Address", "listen"},
	{"TLS", "tls."},
	{"Operator", "operator."},
	{"Topology", "topology."},
	{"Access", "access."},
	{"CORS", "cors."},
	{"Limits on callers", "limits."},
	{"Internal hosts", "internal_hosts"},
	{"HTTP", "http."},
	{"Sources", "sources.<name>."},
	{"Limits of a source", "sources.<name>.limits."},
	{"Refusals", "errors."},
	{"Log", "log."},
	{"Cache", "cache"},
	{"Memory", "memory"},
	{"Sandbox", "sandbox"},
	{"Answers", "responses"},
}

// reference is the reference of all settings.
func reference(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	listed := 0
	for _, section := range sections {
		fmt.Fprintf(&b, "\n### %s\n\n| setting | value | default | bounds | what it does, and why |\n|---|---|---|---|---|\n", section.title)
		for _, s := range settings {
			if !strings.HasPrefix(s.path, section.prefix) || section.title == "Sources" && strings.Contains(s.path, ".limits.") {
				continue
			}
			listed++
			b.WriteString(row(s))
		}
	}
	if listed != len(settings) {
		t.Fatalf("%d of %d settings are listed: a section is missing", listed, len(settings))
	}
	return b.String() + "\n"
}

func row(s *setting) string {
	value := map[kind]string{
		kindAddress: "`host:port`", kindPath: "path, `${NAME}`", kindText: "text", kindChoice: "word", kindBool: "`true`, `false`",
		kindCount: "number", kindDuration: "duration", kindSize: "size", kindNames: "list of names",
		kindRate: "rate", kindSecrets: "list of secrets, `${NAME}`", kindStore: "`memory` or URL, `${NAME}`",
	}[s.kind]
	if s.kind == kindAddress && len(s.oneOf) > 0 {
		value += " or `" + s.oneOf[0] + "`"
	}
	def := "**required**"
	if text := s.defaultText(); text != "" {
		def = "`" + text + "`"
	} else if !s.required {
		def = s.absent
	}
	bounds := s.bounds()
	if bounds == "" {
		bounds = "none"
	}
	return fmt.Sprintf("| %#q | %s | %s | %s | %s %s |\n", s.path, value, def, bounds, s.doc, s.why)
}

// Not parallel: under -update it writes the page that other tests read.
func TestReferenceIsCurrent(t *testing.T) {
	text := readPage(t)
	before, inside, after := between(t, text, "settings")
	want := reference(t)
	if *update {
		if err := os.WriteFile(page, []byte(before+want+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	has, wants := strings.Split(inside, "\n"), strings.Split(want, "\n")
	for i := range max(len(has), len(wants)) {
		if i >= len(has) || i >= len(wants) || has[i] != wants[i] {
			t.Fatalf("%s does not match the table of settings; run this test with -update\n--- has\n%s\n--- want\n%s",
				page, strings.Join(has[min(i, len(has)):min(i+1, len(has))], ""), strings.Join(wants[min(i, len(wants)):min(i+1, len(wants))], ""))
		}
	}
}

func TestExampleOfThePageWorks(t *testing.T) {
	t.Parallel()
	_, inside, _ := between(t, readPage(t), "example")
	example := strings.TrimSuffix(strings.TrimPrefix(inside, "```yaml\n"), "```\n")
	vars := env(map[string]string{"CREDENTIALS_DIRECTORY": "/run/credentials", "DATA": "/srv/data", "REDIS_PASSWORD": "s3cret"})
	cfg, err := Load([]byte(example), vars, Facts{})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.TLS.Key != "/run/credentials/key.pem" || cfg.Perimeter.Store != "rediss://:s3cret@redis.example.com:6379/0" || len(cfg.Sources) != 2 || cfg.Sources[1].Location != "/srv/data/shop.duckdb" {
		t.Errorf("it is read as %+v", cfg)
	}
}

// The page promises these numbers in its text, outside the checked section.
func TestPagePromises(t *testing.T) {
	t.Parallel()
	text := readPage(t)
	for _, promise := range []string{
		"At most " + strings.Replace(Size(MaxFile).String(), "MiB", " MiB", 1) + " of UTF-8",
		fmt.Sprintf("at most %d sources", maxSources),
	} {
		if !strings.Contains(text, promise) {
			t.Errorf("the page does not say %q", promise)
		}
	}
}

package config

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// allOf returns every *Error in err.
func allOf(t *testing.T, err error) []*Error {
	t.Helper()
	if err == nil {
		return nil
	}
	var one *Error
	if joined, isJoined := err.(interface{ Unwrap() []error }); isJoined {
		var all []*Error
		for _, e := range joined.Unwrap() {
			all = append(all, allOf(t, e)...)
		}
		return all
	}
	if !errors.As(err, &one) {
		t.Fatalf("%v (%T) is no *Error", err, err)
	}
	return []*Error{one}
}

func TestDecodeFillsWhatIsGivenAndDefaultsTheRest(t *testing.T) {
	t.Parallel()
	file, err := Decode([]byte(minimal + `
    tables: [Orders, "2024"]
    limits: {rows: 5, sql: 12kB, deadline: 2s}
  two: {location: "x.csv", notes: ""}
listen: "[::1]:9000"
access: {public: true}
`))
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := file.Config(nil)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Listen != "[::1]:9000" || !cfg.Access.Public || cfg.HTTP != Default().HTTP || cfg.Log != Default().Log {
		t.Errorf("the whole is %+v", cfg)
	}
	if len(cfg.Sources) != 2 || cfg.Sources[0].Name != "flights" || cfg.Sources[1].Name != "two" {
		t.Fatalf("sources: %+v", cfg.Sources)
	}
	got, want := cfg.Sources[0].Limits, DefaultSource("", "").Limits
	want.Rows, want.SQL, want.Deadline = 5, 12_000, Duration(2*time.Second)
	if got != want {
		t.Errorf("limits %+v, want %+v", got, want)
	}
	if s := cfg.Sources[0]; s.AllTables() || len(s.Tables) != 2 || s.Tables[0] != "Orders" || s.Tables[1] != "2024" {
		t.Errorf("tables %q", s.Tables)
	}
	if s, found := cfg.Source("two"); !found || !s.AllTables() || s.Location != "x.csv" || s.Preset != PresetStrict {
		t.Errorf("source two: %+v", s)
	}
	if _, found := cfg.Source("three"); found {
		t.Error("a source that is not there was found")
	}
	if err := cfg.Validate(Facts{}); err != nil {
		t.Error(err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, yaml string
		path       string // of the first mistake
		line       int
		text       string // in the message
	}{
		{"unknown key", "listne: x\n", "listne", 1, "did you mean listen?"},
		{"unknown key below", minimal + "    limits:\n      row: 5\n", "sources.flights.limits.row", 5, "did you mean rows?"},
		{"wrong case", "Listen: 127.0.0.1:80\n", "Listen", 1, "did you mean listen?"},
		{"a later version's key", "webhooks: {github: {secret: x}}\n", "webhooks", 1, "unknown setting; known here: listen, tls, operator, topology, access"},
		{"a later version's leaf", "access: {cookies: {name: x}}\n", "access.cookies", 1, "known here: keys, public, bearer, lockout"},
		{"duplicate key", "listen: a\nlisten: b\n", "listen", 2, "given twice"},
		{"duplicate key, quoted", "listen: a\n\"listen\": b\n", "listen", 2, "given twice"},
		{"duplicate key below", "log:\n  level: info\n  level: warn\n", "log.level", 3, "given twice"},
		{"duplicate source", minimal + "  flights: {location: y}\n", "sources.flights", 4, "given twice"},
		{"duplicate section", "log: {level: info}\nlog: {format: json}\n", "log", 2, "given twice"},
		{"duration without unit", "http: {read_timeout: 15}\n", "http.read_timeout", 1, "the number 15 has no unit; write a whole number with its unit (ms, s, m, h) from 100ms to 10m, such as `read_timeout: 15s`"},
		{"duration, fraction", "http: {read_timeout: 1.5}\n", "http.read_timeout", 1, "the number 1.5 has no unit"},
		{"size without unit", "http: {max_body: 65536}\n", "http.max_body", 1, "has no unit"},
		{"size, wrong case", "http: {max_body: 64KB}\n", "http.max_body", 1, "64kB (powers of 1000) or 64KiB (powers of 1024)"},
		{"count as text", minimal + "    limits: {rows: \"5\"}\n", "sources.flights.limits.rows", 4, "not a whole number"},
		{"count, fraction", minimal + "    limits: {rows: 5.0}\n", "sources.flights.limits.rows", 4, "not a whole number"},
		{"count, octal", minimal + "    limits: {rows: 0777}\n", "sources.flights.limits.rows", 4, "not a whole number"},
		{"count, underscore", minimal + "    limits: {rows: 1_000}\n", "sources.flights.limits.rows", 4, "not a whole number"},
		{"count, too long", minimal + "    limits: {rows: 99999999999999999999}\n", "sources.flights.limits.rows", 4, ""},
		{"yes for true", "access: {public: yes}\n", "access.public", 1, "neither true nor false"},
		{"1 for true", "access: {public: 1}\n", "access.public", 1, "neither true nor false"},
		{"number for text", "listen: 8080\n", "listen", 1, "put it in quotes"},
		{"null", "listen:\n", "listen", 1, "it has no value"},
		{"empty path", "tls: {cert: \"\", key: x}\n", "tls.cert", 1, "it is empty"},
		{"empty section", "tls: {}\n", "tls", 1, "nothing in it"},
		{"section without content", "tls:\nlisten: x\n", "tls", 1, "nothing in it"},
		{"text for a section", "tls: cert.pem\n", "tls", 1, "settings are expected here, not \"cert.pem\""},
		{"list for a section", "sources: [x]\n", "sources", 1, "settings are expected here, not a list"},
		{"section for a value", "listen: {a: b}\n", "listen", 1, "a group of settings is not text"},
		{"text for a list", minimal + "    tables: orders\n", "sources.flights.tables", 4, "is not a list"},
		{"number in a list", minimal + "    tables: [a, 2024]\n", "sources.flights.tables", 4, "item 2 is 2024, not a name; put names like 2024"},
		{"empty list", minimal + "    hidden_columns: []\n", "sources.flights.hidden_columns", 4, "the list is empty"},
		{"source's name", "sources: {Flights: {location: x}}\n", "sources.Flights", 1, "not a name for a source"},
		{"strange source's name", "sources: {\"a b\\n\": {location: x}}\n", `sources."a b\n"`, 1, "not a name for a source"},
		{"number as a key", "1: x\n", "", 1, "a key must be the name of a setting"},
		{"text for a file", "hello\n", "", 1, "settings are expected here"},
		{"list for a file", "- a\n", "", 1, "settings are expected here"},
		{"not YAML", "listen: [\n", "", 1, "not YAML"},
		{"tab as indent", "tls:\n\tcert: x\n", "", 2, "not YAML"},
		{"anchor", "listen: &a x\n", "", 1, "anchors"},
		{"alias", minimal + "    tables: [*]\n", "", 4, `tables: ["*"]`},
		{"merge key", "<<: {listen: x}\n", "", 1, "merge keys"},
		{"tag", "listen: !!str x\n", "", 1, "tags"},
		{"tag at the end", "listen: x\n!!", "", 0, "tags"},
		{"directive", "%YAML 1.2\n---\nlisten: x\n", "", 1, "directives"},
		{"complex key", "? listen\n: x\n", "", 1, "keys marked with ?"},
		{"document end", "listen: x\n...\n", "", 2, "document ends"},
		{"two documents", "listen: x\n---\nlisten: y\n", "", 2, "second document"},
		{"NUL", "listen: x\n\x00", "", 2, "control character"},
		{"escape character", "listen: \x1b[2J\n", "", 1, "control character"},
		{"not UTF-8", "listen: x\nlog: \xff\n", "", 2, "not valid UTF-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := Decode([]byte(test.yaml))
			all := allOf(t, err)
			if len(all) == 0 {
				t.Fatal("it was accepted")
			}
			e := all[0]
			if e.Path != test.path || (test.line > 0 && e.Line != test.line) || !strings.Contains(e.Error(), test.text) {
				t.Errorf("path %q, line %d, want %q, %d and the text %q in:\n%v", e.Path, e.Line, test.path, test.line, test.text, e)
			}
			if len(all) > 1 {
				t.Errorf("one mistake, but %d errors:\n%v", len(all), err)
			}
		})
	}
}

func TestErrorsShowTheLineWithACaret(t *testing.T) {
	t.Parallel()
	_, err := Decode([]byte("log:\n  format: json\n  lvel: info\ncache: x\n"))
	want := `log.lvel (line 3, column 3): unknown setting; did you mean level? known here: format, level
   1 | log:
   2 |   format: json
>  3 |   lvel: info
         ^
   4 | cache: x`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// The parser adds tokens for values that are not there; what is shown is the file's own text.
func TestErrorsShowTheFilesOwnLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"topology:   # later\n" + minimal: `topology (line 1, column 1): there is nothing in it; remove it, or give it the settings you mean
>  1 | topology:   # later
       ^
   2 | sources:
   3 |   flights:
   4 |     location: data/flights.duckdb`,
		minimal + "topology:\n": `topology (line 4, column 1): there is nothing in it; remove it, or give it the settings you mean
   1 | sources:
   2 |   flights:
   3 |     location: data/flights.duckdb
>  4 | topology:
       ^`,
		"\ufefflog:\r\n  level:\r\n\r\n": "log.level (line 2, column 3): it has no value; remove the line, or write one of debug, info, warn, error, such as `level: info`" + `
   1 | log:
>  2 |   level:
         ^`,
	} {
		_, err := Decode([]byte(text))
		if err == nil || err.Error() != want {
			t.Errorf("got\n%v\nwant\n%s", err, want)
		}
	}
}

func TestDecodeReportsEveryMistake(t *testing.T) {
	t.Parallel()
	_, err := Decode([]byte("listne: x\nhttp:\n  read_timeout: 15\n  max_body: 5KB\nsources:\n  A: {}\n  b: {locatoin: x}\n"))
	var paths []string
	for _, e := range allOf(t, err) {
		paths = append(paths, e.Path)
	}
	want := "listne http.read_timeout http.max_body sources.A sources.b.locatoin"
	if got := strings.Join(paths, " "); got != want {
		t.Errorf("mistakes at %s, want %s", got, want)
	}
}

func TestDecodeAcceptsPlainForms(t *testing.T) {
	t.Parallel()
	for name, yaml := range map[string]string{
		"document start":  "---\n" + minimal,
		"comment first":   "# mine\n---\n" + minimal,
		"byte order mark": "\ufeff" + minimal,
		"CRLF":            strings.ReplaceAll(minimal, "\n", "\r\n"),
		"no newline":      strings.TrimSuffix(minimal, "\n"),
		"JSON":            `{"sources": {"flights": {"location": "data/flights.duckdb"}}}`,
		"quoted star":     minimal + "    tables: ['*']\n",
		"block list":      minimal + "    tables:\n    - a\n    - b\n",
		"block text":      minimal + "    notes: |\n      a & b * c\n      !d %e\n",
		"folded text":     minimal + "    notes: >-\n      a\n      b\n",
	} {
		file, err := Decode([]byte(yaml))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if cfg, err := file.Config(nil); err != nil || len(cfg.Sources) != 1 || cfg.Sources[0].Location != "data/flights.duckdb" {
			t.Errorf("%s: %+v, %v", name, cfg, err)
		}
	}
	for _, empty := range []string{"", "\n", "# nothing\n", "---\n"} {
		if file, err := Decode([]byte(empty)); err != nil || len(file.sources) != 0 {
			t.Errorf("empty file %q: %v", empty, err)
		}
	}
}

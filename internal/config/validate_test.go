package config

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// served is the configuration of `sallyport serve SOURCE`.
func served() Config {
	c := Default()
	c.Sources = append(c.Sources, DefaultSource("flights", "examples/flights"))
	return c
}

func TestDefaultServesASource(t *testing.T) {
	t.Parallel()
	if err := served().Validate(withKey); err != nil {
		t.Error(err)
	}
	// By itself it must not start: there is nothing to serve and nobody to serve it to.
	all := allOf(t, Default().Validate(Facts{}))
	if len(all) != 2 || all[0].Path != "access.keys" || all[1].Path != "sources" {
		t.Errorf("got %v", all)
	}
}

// The contract of the defaults.
func TestDefaults(t *testing.T) {
	t.Parallel()
	c := Default()
	want := HTTP{
		ReadHeaderTimeout: Duration(5 * time.Second), ReadTimeout: Duration(15 * time.Second), WriteTimeout: Duration(30 * time.Second),
		IdleTimeout: Duration(time.Minute), MaxHeader: 16 << 10, MaxBody: 64 << 10, ShutdownGrace: Duration(20 * time.Second),
	}
	if c.Listen != "127.0.0.1:8080" || c.Access.Keys != "" || c.Access.Public || c.Access.Bearer.Enabled() || c.TLS.Enabled() || c.HTTP != want || c.Errors.Detail != DetailByCaller {
		t.Errorf("%+v", c)
	}
	perimeter := Perimeter{
		PerClient: "30/minute", PerNetwork: PerNetwork{IPv4: 24, IPv6: 48, Rate: "300/minute"}, PerASN: PerASN{Rate: "600/minute"},
		Global: "200/minute", Catalog: "120/minute", Other: "60/minute", Memory: 64 << 20, Store: "memory",
		InFlight: InFlight{PerClient: 4, Global: 10, Queue: 50, Wait: Duration(5 * time.Second)},
	}
	if c.Perimeter != perimeter || c.Topology.Kind != "direct" || c.CORS.Mode != "header" || c.CORS.MaxAge != Duration(10*time.Minute) ||
		c.Access.Lockout != (Lockout{Failures: 5, Pause: Duration(time.Minute)}) || c.Access.Bearer.Skew != Duration(30*time.Second) || c.Operator != (Operator{}) ||
		c.Sandbox != (Sandbox{}) || c.Memory != 0 || c.Responses != (Responses{Compression: true, CSVFormulas: "keep"}) {
		t.Errorf("%+v", c)
	}
	s := DefaultSource("a", "b")
	limits := Limits{
		Deadline: Duration(15 * time.Second), Rows: 1000, Bytes: 1 << 20, SQL: 10_000,
		Memory: 512 << 20, Threads: 2, Temp: 2 << 30, Workers: 2, Spares: 1,
	}
	if s.Name != "a" || s.Location != "b" || s.Preset != PresetStrict || !s.AllTables() || s.Limits != limits {
		t.Errorf("%+v", s)
	}
	// Each call gives its own slices.
	s.Tables[0] = "x"
	if !DefaultSource("a", "b").AllTables() {
		t.Error("a caller changed the defaults")
	}
}

func TestZeroConfigIsRefused(t *testing.T) {
	t.Parallel()
	wrong := map[string]bool{}
	for _, e := range allOf(t, Config{Sources: []Source{{}}}.Validate(Facts{})) {
		wrong[e.Path] = true
	}
	for _, s := range settings {
		optional := s.absent != "" || s.kind == kindBool
		if path := strings.Replace(s.path, "<name>", `""`, 1); wrong[path] == optional && path != "access.keys" {
			t.Errorf("%s: refused %v, optional %v", path, wrong[path], optional)
		}
	}
}

func TestValidateSourcesMadeInCode(t *testing.T) {
	t.Parallel()
	c := served()
	c.Sources = append(c.Sources, DefaultSource("flights", "x"), DefaultSource("a b", "x\x1b[2J"))
	var got []string
	err := c.Validate(withKey)
	for _, e := range allOf(t, err) {
		got = append(got, e.Path)
	}
	if want := `sources.flights|sources."a b"|sources."a b".location`; strings.Join(got, "|") != want {
		t.Errorf("got %s, want %s", strings.Join(got, "|"), want)
	}
	if strings.Contains(err.Error(), "\x1b") {
		t.Error("an escape character reaches the terminal")
	}

	c = served()
	for i := range maxSources {
		c.Sources = append(c.Sources, DefaultSource(fmt.Sprint("s", i), "x"))
	}
	if all := allOf(t, c.Validate(withKey)); len(all) != 1 || all[0].Path != "sources" || !strings.Contains(all[0].Problem, "64") {
		t.Errorf("too many sources: %v", all)
	}
}

func TestValidateLongValues(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path, text string
		change     func(*Config)
	}{
		{"sources.flights.notes", "4,001 characters, of 4,000 allowed", func(c *Config) { c.Sources[0].Notes = strings.Repeat("ä", 4001) }},
		{"sources.flights.location", "longer than 4,096", func(c *Config) { c.Sources[0].Location = strings.Repeat("x", 4097) }},
		{"sources.flights.tables", "not the name of a table", func(c *Config) { c.Sources[0].Tables = []string{strings.Repeat("x", 256)} }},
		{"sources.flights.tables", "not the name of a table", func(c *Config) { c.Sources[0].Tables = []string{"\xff"} }},
		{"sources.flights.tables", "allows nothing", func(c *Config) { c.Sources[0].Tables = []string{} }},
		{"sources.flights.hidden_columns", "more than 1,000 names", func(c *Config) {
			for i := range 1001 {
				c.Sources[0].HiddenColumns = append(c.Sources[0].HiddenColumns, fmt.Sprint("c", i))
			}
		}},
		{"log.format", "none of the values", func(c *Config) { c.Log.Format = "" }},
	} {
		c := served()
		test.change(&c)
		all := allOf(t, c.Validate(withKey))
		if len(all) != 1 || all[0].Path != test.path || !strings.Contains(all[0].Error(), test.text) {
			t.Errorf("want %q at %s, got %v", test.text, test.path, all)
		}
	}
	c := served()
	c.Sources[0].Notes = strings.Repeat("ä", 4000)
	c.Sources[0].HiddenColumns = []string{}
	if err := c.Validate(withKey); err != nil {
		t.Error(err)
	}
}

func TestErrorsAreTyped(t *testing.T) {
	t.Parallel()
	c := served()
	c.Sources[0].Limits.Rows = 0
	var e *Error
	if err := c.Validate(withKey); !errors.As(err, &e) || e.Path != "sources.flights.limits.rows" || e.Line != 0 {
		t.Errorf("got %+v", e)
	}
	want := "sources.flights.limits.rows: 0 is below the least allowed, 1; write a whole number from 1 to 1,000,000,000, such as `rows: 1000`"
	if e.Error() != want {
		t.Errorf("got %s", e.Error())
	}
}

func TestDetailForCaller(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		detail             Detail
		stranger, withAKey bool
	}{{DetailByCaller, false, true}, {DetailRule, true, true}, {DetailNone, false, false}, {"other", false, false}} {
		if test.detail.ForCaller(false) != test.stranger || test.detail.ForCaller(true) != test.withAKey {
			t.Errorf("%q: stranger %v, with a key %v", test.detail, test.detail.ForCaller(false), test.detail.ForCaller(true))
		}
	}
}

func TestLogLevels(t *testing.T) {
	t.Parallel()
	for l, want := range map[LogLevel]slog.Level{
		LogDebug: slog.LevelDebug, LogInfo: slog.LevelInfo, LogWarn: slog.LevelWarn, LogError: slog.LevelError, "": slog.LevelInfo,
	} {
		if l.Slog() != want {
			t.Errorf("%q is %v", l, l.Slog())
		}
	}
}

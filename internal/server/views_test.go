package server

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
	guard "github.com/sallyport-dev/sallyport/sqlguard/duckdb"
)

// What mentions something withheld is withheld, however it is written; what only
// looks alike is not.
func TestSpread(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bad         string
		definitions map[string]string
		want        []string
	}{
		"by its name":          {"bad", map[string]string{"v": "CREATE VIEW v AS SELECT * FROM bad;"}, []string{"v"}},
		"in another case":      {"bad", map[string]string{"v": "CREATE VIEW v AS SELECT * FROM BAD;"}, []string{"v"}},
		"in quotes":            {"so bad", map[string]string{"v": `CREATE VIEW v AS SELECT * FROM "so bad";`}, []string{"v"}},
		"with a quote in it":   {`b"d`, map[string]string{"v": `CREATE VIEW v AS SELECT * FROM "b""d";`}, []string{"v"}},
		"beyond ASCII":         {"größe", map[string]string{"v": "CREATE VIEW v AS SELECT * FROM größe;"}, []string{"v"}},
		"with its schema":      {"sub.bad", map[string]string{"v": "CREATE VIEW v AS SELECT * FROM sub.bad;"}, []string{"v"}},
		"with quoted schema":   {"sub.bad", map[string]string{"v": `CREATE VIEW v AS SELECT * FROM "sub"."bad";`}, []string{"v"}},
		"within its schema":    {"sub.bad", map[string]string{"sub.v": "CREATE VIEW sub.v AS SELECT * FROM bad;"}, []string{"sub.v"}},
		"a dot in its name":    {"sub.b.d", map[string]string{"v": `CREATE VIEW v AS SELECT * FROM sub."b.d";`}, []string{"v"}},
		"a dot at its end":     {"bad.", map[string]string{"v": `CREATE VIEW v AS SELECT * FROM "bad.";`, "w": "CREATE VIEW w AS SELECT 1;"}, []string{"v"}},
		"through another":      {"bad", map[string]string{"a": "CREATE VIEW a AS FROM c;", "c": "CREATE VIEW c AS FROM bad;"}, []string{"a", "c"}},
		"part of a word":       {"bad", map[string]string{"v": "CREATE VIEW v AS SELECT * FROM badge, notbad, bad_, größebad;"}, nil},
		"nothing in common":    {"bad", map[string]string{"v": "CREATE VIEW v AS SELECT 1;"}, nil},
		"a pattern, not taken": {"b.d", map[string]string{"v": "CREATE VIEW v AS SELECT * FROM bxd;"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := &viewJudge{definitions: c.definitions, withheld: map[string]error{}}
			for _, view := range slices.Sorted(maps.Keys(c.definitions)) {
				j.catalog.Tables = append(j.catalog.Tables, engine.Table{Name: view, View: true})
			}
			j.refuse(c.bad, errors.New("bad"))
			j.spread()
			delete(j.withheld, c.bad)
			if got := slices.Sorted(maps.Keys(j.withheld)); !slices.Equal(got, c.want) {
				t.Errorf("withheld %v, want %v", got, c.want)
			}
		})
	}
}

// Names are alike if anybody may think so. DuckDB tells those apart that differ
// beyond ASCII: what is withheld for nothing is a bug report, no more.
func TestFolding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		bad, inText string
		alike       bool
	}{
		{"view", "VIEW", true},
		{"état", "ÉTAT", true},
		{"base", "baſe", true},
		{"baſe", "BASE", true},
		{"kind", "\u212Aind", true},
		{"\u212Aind", "KIND", true},
		{"maß", "MAẞ", true},
		{"maß", "mass", false}, // nowhere one letter
		{"İd", "İd", true},
		{"İd", "id", true}, // the lower case of the one, to Go
		{"id", "İD", true},
		{"e\u0301tat", "état", false},
		{"a", "а", false}, // Cyrillic
	} {
		j := &viewJudge{
			withheld: map[string]error{}, definitions: map[string]string{"v": `CREATE VIEW v AS SELECT * FROM "` + c.inText + `";`},
			catalog: engine.Catalog{Tables: []engine.Table{{Name: "v", View: true}}},
		}
		j.refuse(c.bad, errors.New("bad"))
		j.spread()
		if got := j.withheld["v"] != nil; got != c.alike {
			t.Errorf("%s is withheld, and a view uses %s: withheld %v, want %v", c.bad, c.inText, got, c.alike)
		}
		j = &viewJudge{withheld: map[string]error{}, catalog: engine.Catalog{Tables: []engine.Table{{Name: c.bad + "1"}, {Name: c.inText + "1"}}}}
		j.ambiguous()
		if got := len(j.withheld) > 0; got != c.alike {
			t.Errorf("%s and %s: withheld %v, want %v", c.bad, c.inText, got, c.alike)
		}
	}
}

// A search that would not end withholds.
func TestSpreadIsBounded(t *testing.T) {
	t.Parallel()
	j := &viewJudge{withheld: map[string]error{}, definitions: map[string]string{}}
	filler := strings.Repeat("x ", 100_000)
	for i := range 100 {
		name := fmt.Sprintf("v%d", i)
		j.definitions[name] = "CREATE VIEW " + name + " AS SELECT 1 AS y -- " + filler
		j.catalog.Tables = append(j.catalog.Tables, engine.Table{Name: name, View: true})
	}
	for i := range 10_000 {
		j.suspect("a macro", fmt.Sprintf("macro%d", i))
	}
	start := time.Now()
	j.spread()
	if took := time.Since(start); len(j.withheld) != 100 || took > 30*time.Second {
		t.Errorf("%d of 100 views are withheld after %v", len(j.withheld), took)
	}
}

// What is judged is what runs: views, also without a text, and the generated
// columns of tables.
func TestWithhold(t *testing.T) {
	t.Parallel()
	adapter, err := guard.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = adapter.Close() })
	const bad, good = "SELECT current_setting('temp_directory') AS g;", "SELECT upper(a) AS g;"
	for name, c := range map[string]struct {
		tables      string // separated by blanks; those of views begin with v
		macros      []string
		definitions map[string]string
		want        []string
	}{
		"a plain table":       {"t", nil, nil, nil},
		"a plain table by it": {"t", []string{"upper"}, nil, nil},
		"a good view":         {"v", nil, map[string]string{"v": "CREATE VIEW v AS " + good}, nil},
		"a bad view":          {"v", nil, map[string]string{"v": "CREATE VIEW v AS " + bad}, []string{"v"}},
		"a view without text": {"v", nil, nil, []string{"v"}},
		"a good table":        {"t", nil, map[string]string{"t": "CREATE VIEW computed AS " + good}, nil},
		"a bad table":         {"t u", nil, map[string]string{"t": "CREATE VIEW computed AS " + bad}, []string{"t"}},
		"a view over it":      {"t v", nil, map[string]string{"t": "CREATE VIEW computed AS " + bad, "v": "CREATE VIEW v AS SELECT a FROM t;"}, []string{"t", "v"}},
		"a table with a macro": {
			"t u",
			[]string{"Own"},
			map[string]string{"t": "CREATE VIEW computed AS SELECT own(a) AS g;", "u": "CREATE VIEW computed AS " + good},
			[]string{"t"},
		},
		"a macro of a known name": {
			"t u v",
			[]string{"Lower"},
			map[string]string{"t": "CREATE VIEW computed AS " + good, "v": "CREATE VIEW v AS " + good},
			[]string{"t", "v"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			catalog := engine.Catalog{Macros: c.macros}
			for table := range strings.FieldsSeq(c.tables) {
				catalog.Tables = append(catalog.Tables, engine.Table{Name: table, View: strings.HasPrefix(table, "v")})
			}
			s := &Server{adapter: adapter, options: Options{Logger: slog.New(slog.DiscardHandler)}}
			got := slices.Sorted(maps.Keys(s.withhold(t.Context(), "source", catalog, c.definitions)))
			if !slices.Equal(got, c.want) {
				t.Errorf("withheld %v, want %v", got, c.want)
			}
		})
	}
}

// Of two names that cannot be told apart neither is served.
func TestAmbiguous(t *testing.T) {
	t.Parallel()
	j := &viewJudge{withheld: map[string]error{}, catalog: engine.Catalog{Tables: []engine.Table{{Name: "Sub.x"}, {Name: "sub.X", View: true}, {Name: "sub.y"}}}}
	j.ambiguous()
	if got := slices.Sorted(maps.Keys(j.withheld)); !slices.Equal(got, []string{"Sub.x", "sub.X"}) {
		t.Errorf("withheld %v", got)
	}
}

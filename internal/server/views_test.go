package server

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/engine"
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

// Of two names that cannot be told apart neither is served.
func TestAmbiguous(t *testing.T) {
	t.Parallel()
	j := &viewJudge{withheld: map[string]error{}, catalog: engine.Catalog{Tables: []engine.Table{{Name: "Sub.x"}, {Name: "sub.X", View: true}, {Name: "sub.y"}}}}
	j.ambiguous()
	if got := slices.Sorted(maps.Keys(j.withheld)); !slices.Equal(got, []string{"Sub.x", "sub.X"}) {
		t.Errorf("withheld %v", got)
	}
}

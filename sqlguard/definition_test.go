package sqlguard_test

import (
	"errors"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// A stored view is judged for what it calls and reads outside the database,
// not for its structure.
func TestCheckView(t *testing.T) {
	t.Parallel()
	for definition, want := range map[string]sqlguard.Rule{
		"CREATE VIEW v AS SELECT * FROM a, b;":                                       "",
		"CREATE VIEW v AS SELECT * FROM a JOIN b USING (i);":                         "",
		"CREATE VIEW v (x, y) AS SELECT i, rank() OVER (ORDER BY i) FROM a;":         "",
		`CREATE VIEW "as" AS SELECT 1 AS one;`:                                       "",
		"CREATE VIEW s.v AS WITH c AS (SELECT 1 AS i) SELECT i FROM c ORDER BY i;":   "",
		"CREATE VIEW v AS SELECT * FROM range(1000000000000);":                       sqlguard.RuleGenerator,
		"CREATE VIEW v AS SELECT repeat('a', 1000000000) FROM a;":                    sqlguard.RuleFunction,
		"CREATE VIEW v AS SELECT own_macro(i) FROM a;":                               sqlguard.RuleFunction,
		"CREATE VIEW v AS SELECT current_setting('temp_directory');":                 sqlguard.RuleCatalog,
		"CREATE VIEW v AS SELECT * FROM duckdb_settings();":                          sqlguard.RuleCatalog,
		"CREATE VIEW v AS SELECT * FROM information_schema.tables;":                  sqlguard.RuleCatalog,
		"CREATE VIEW v AS SELECT * FROM read_csv('/etc/passwd');":                    sqlguard.RuleFileSource,
		"CREATE VIEW v AS SELECT * FROM '/etc/passwd.csv';":                          sqlguard.RuleFileSource,
		"CREATE VIEW v AS WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT 1) FROM r;": sqlguard.RuleRecursiveCTE,
		"CREATE VIEW v AS PIVOT a ON i USING count(*);":                              sqlguard.RuleStatement,
		"CREATE TABLE t (i INTEGER);":                                                sqlguard.RuleSyntax,
		"CREATE VIEW v AS SELECT a||a AS b, b||b AS c, c||c AS d, d||d AS e, e||e AS f, f||f AS g, g||g AS h, h||h AS i, i||i AS j, j||j AS k FROM a;": sqlguard.RuleDepth,
	} {
		err := sqlguard.CheckView(t.Context(), adapter, definition)
		var refusal *sqlguard.Refusal
		var got sqlguard.Rule
		if errors.As(err, &refusal) {
			got = refusal.Rule
		}
		if got != want || (err != nil) != (want != "") {
			t.Errorf("%s: %v, want %q", definition, err, want)
		}
	}
}

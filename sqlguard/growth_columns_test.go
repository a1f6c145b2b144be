package sqlguard_test

import (
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// long joins a name with itself, so that twice over it is too long.
func long(name string) string { return strings.TrimSuffix(strings.Repeat(name+"||", 40), "||") }

// With several sources a small column of one does not hide a long one of another,
// by whatever name they come.
func TestGrowthOfSeveralSources(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst}, &sqlguard.Catalog{
		Tables: []string{"t", "u"}, Columns: map[string][]string{"t": {"a", "k"}, "u": {"b", "k", "x"}},
	})
	judgeAll(t, g, sqlguard.RuleDepth,
		refused{
			"SELECT " + long("q.x") + " FROM (SELECT k, " + long("a") + " AS x FROM t) q JOIN u ON q.k = u.k",
			"SELECT " + long("q.x") + " FROM u JOIN (SELECT k, " + long("a") + " AS x FROM t) q USING (k)",
			"SELECT " + long("q.x") + " FROM (SELECT 1 AS x, k FROM u) p JOIN (SELECT k, " + long("a") + " AS x FROM t) q USING (k)",
			// renamed to what the other source has
			"SELECT " + long("q.y") + " FROM (SELECT " + long("a") + " AS x, k FROM t) q (y, k) JOIN (SELECT k, 1 AS y FROM u) p USING (k)",
			"WITH q (y, k) AS (SELECT " + long("a") + ", k FROM t) SELECT " + long("q.y") + " FROM q JOIN (SELECT k, 1 AS y FROM u) p USING (k)",
			"WITH q AS (SELECT " + long("a") + " AS x, k FROM t) SELECT " + long("r.y") + " FROM q AS r (y, k) JOIN (SELECT k, 1 AS y FROM u) p USING (k)",
			// not named, but called so
			"SELECT " + long(`q."max(v)"`) + " FROM (SELECT max(v), k FROM (SELECT " + long("a") + " AS v, k FROM t) GROUP BY k) q JOIN (SELECT k, 1 AS \"max(v)\" FROM u) p USING (k)",
			"SELECT " + long("q.col0") + " FROM (VALUES (" + long("'abc'||'d'") + ", 1)) q JOIN (SELECT k, 1 AS col0 FROM u) p ON q.col1 = p.k",
			"SELECT " + long("q.v_1") + " FROM (SELECT k AS v, " + long("a") + " AS v, k FROM t) q JOIN (SELECT k, 1 AS v_1 FROM u) p USING (k)",
			"SELECT " + long("q.f") + " FROM (SELECT s.*, k FROM (SELECT {'f': " + long("a") + "} AS s, k FROM t)) q JOIN (SELECT k, 1 AS f FROM u) p USING (k)",
			// of a set operation
			"SELECT " + long("q.x") + " FROM (SELECT 'a' AS x, k FROM t UNION ALL SELECT " + long("a") + ", k FROM t) q JOIN u ON q.k = u.k",
			"SELECT " + long(`q."max(a)"`) + " FROM (SELECT max(a), max(k) AS k FROM t UNION ALL SELECT " + long("a") + " AS z, k FROM t) q JOIN (SELECT k, 1 AS \"max(a)\" FROM u) p ON q.k = p.k",
			// in the sources that follow, which see those before
			"SELECT z FROM (SELECT " + long("a") + " AS x, k FROM t) q JOIN (SELECT " + long("q.x") + " AS z, k FROM u) r ON q.k = r.k",
			"SELECT q.k FROM (SELECT " + long("a") + " AS x, k FROM t) q JOIN u ON q.k = u.k AND " + long("q.x") + " = ''",
			"SELECT (SELECT " + long("q.x") + ") FROM u JOIN (SELECT " + long("a") + " AS x, k FROM t) q ON q.k = u.k",
			"SELECT " + long("y") + " FROM (SELECT q.x AS y FROM (SELECT " + long("a") + " AS x, k FROM t) q JOIN u USING (k))",
			"SELECT " + long("x") + " FROM (SELECT q.* FROM (SELECT " + long("a") + " AS x, k FROM t) q JOIN u ON q.k = u.k)",
			// an alias that is itself a name, beside a small one around
			"SELECT (SELECT q.x AS y FROM (SELECT " + long("a") + " AS x FROM t) q WHERE " + long("y") + " = '') FROM (SELECT 1 AS y, k FROM u) p",
			// the whole row
			"SELECT " + long("q::VARCHAR") + " FROM (SELECT " + strings.TrimSuffix(strings.Repeat(long("a")+",", 5), ",") + " FROM t) q",
		},
		accepted{
			"SELECT q.x || u.x FROM (SELECT k, a || a AS x FROM t) q JOIN u ON q.k = u.k",
			"SELECT q.y, p.y FROM (SELECT " + long("a") + " AS x, k FROM t) q (y, k) JOIN (SELECT k, 1 AS y FROM u) p USING (k)",
			"SELECT t.a, u.b, " + long("t.a") + " FROM t JOIN u USING (k)",
			"SELECT " + long("u.b") + " FROM (SELECT k, " + long("a") + " AS x FROM t) q JOIN u ON q.k = u.k",
		})
}

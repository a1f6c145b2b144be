package sqlguard_test

import (
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

func TestTextLayers(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{}, nil)
	many := strings.Repeat
	for rule, table := range map[sqlguard.Rule]struct {
		no  refused
		yes accepted
	}{
		sqlguard.RuleTooLong: {
			refused{
				"SELECT '" + many("a", 9_992) + "'", "SELECT " + many("a", 129), "SELECT " + many("1", 65),
				"SELECT 1" + many("+1", 129), "SELECT " + many("1,", 1_300) + "1", "SELECT 1" + many("::int", 129),
			},
			accepted{
				"SELECT '" + many("a", 9_991) + "'", "SELECT " + many("a", 128), "SELECT 0." + many("1", 30),
				"SELECT 1" + many("+1", 126), "SELECT " + many("1,", 1_000) + "1",
			},
		},
		sqlguard.RuleEncoding: {
			refused{"SELECT\u00a01", "SELECT 1\x00", "SELECT '\x00'", "SELECT '\xff'", "SELECT \u200b1", "SELECT \"\u200b\"", "SELECT\v1", "\x01"},
			accepted{"SELECT '\u00a0\u200b\u0001'", "SELECT naïve FROM größe", "\r\n\tSELECT\n1\n"},
		},
		sqlguard.RuleStatement: {
			refused{"DELETE FROM t", "(DROP TABLE t)", "1", ";", "EXPLAIN ANALYZE SELECT 1", "EXPLAIN (FORMAT json) SELECT 1", "EXPLAIN EXPLAIN SELECT 1", "SELECT a FROM t FOR UPDATE", "SELECT set FROM t"},
			accepted{"SELECT 1 AS set", "SELECT t.set FROM t", "SELECT \"set\" FROM t", "EXPLAIN SELECT 1", "EXPLAIN ((SELECT 1))", "SELECT 'DELETE'"},
		},
		sqlguard.RuleMultipleStatements: {
			refused{"SELECT 1; SELECT 2", "SELECT 1;x", "SELECT 1;;;1", "SELECT 1; DROP TABLE t"},
			accepted{"SELECT 1;", "SELECT 1;;", "SELECT ';'", "SELECT \";\" FROM t"},
		},
		sqlguard.RuleComment: {
			refused{"SELECT 1 -- a", "SELECT /**/ 1", "--", "SELECT 1; --", "SELECT 2--1"},
			accepted{"SELECT '--', '/*'", "SELECT \"--\" FROM t", "SELECT 2 - -1", "SELECT $$--$$"},
		},
		sqlguard.RuleRecursiveCTE: {
			refused{"WITH RECURSIVE a AS (SELECT 1) FROM a", "SELECT * FROM (with recursive a AS (SELECT 1) FROM a)"},
			accepted{"WITH a AS (SELECT 1) FROM a", "WITH \"recursive\" AS (SELECT 1) FROM \"recursive\"", "SELECT 'WITH RECURSIVE'", "SELECT recursive FROM t"},
		},
		sqlguard.RuleFunction: {
			refused{"SELECT f() OVER w FROM t WINDOW w AS (ORDER BY a)", "SELECT t.as window w AS (ORDER BY a)", "SELECT a FROM t WINDOW"},
			accepted{"SELECT t.window, a AS window FROM t", "SELECT \"window\" FROM \"window\"", "SELECT 'window'"},
		},
		sqlguard.RuleSyntax: {
			refused{"SELECT 1a", "SELECT 0xFF", "SELECT 1e--'\n, 2, 1e--'\n", "SELECT 'a'\n'b'", "SELECT E'a'\n'\\'', 5, E'a'\n'\\''", "SELECT 1$$, 2, 1$$", "SELECT $1a"},
			accepted{"SELECT 1 AS a, 1e5, 1E-5, .5, 5., 1_000", "SELECT 'a' || 'b'", "SELECT 1-1, 1 -1", "SELECT a[1:2] FROM t"},
		},
		sqlguard.RuleDepth: {
			refused{"SELECT 1 FROM t GROUP BY CUBE (a, b, c, d, e)", "SELECT 1 FROM t GROUP BY ROLLUP(a, b, c, d), ROLLUP(e, f, g)", "SELECT " + many("(", 41) + "1" + many(")", 41), many("(", 41) + "SELECT 1" + many(")", 41)},
			accepted{"SELECT " + many("(", 39) + "1" + many(")", 39), "SELECT 1 FROM t GROUP BY CUBE (a, b, c, d)", "SELECT 1 FROM t GROUP BY ROLLUP(a, b, c), ROLLUP(e, f, g)", "SELECT 1 FROM t GROUP BY GROUPING SETS ((a, b), a, ROLLUP(c, d), ())"},
		},
	} {
		t.Run(string(rule), func(t *testing.T) {
			t.Parallel()
			judgeAll(t, g, rule, table.no, table.yes)
		})
	}
}

// The parser copies the operand of a simple CASE into each branch: nested
// ones multiply, and must be stopped before it sees them.
func TestOperandsOfCaseMultiply(t *testing.T) {
	t.Parallel()
	nested := func(depth int) string {
		operand := "a"
		for range depth {
			operand = "CASE (" + operand + ") WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 3 THEN 3 END"
		}
		return "SELECT " + operand + " FROM t"
	}
	judgeAll(t, newGuard(t, sqlguard.Policy{}, nil), sqlguard.RuleDepth, refused{
		nested(6),
		nested(12),
		"SELECT CASE (" + strings.Repeat("a + ", 100) + "a)" + strings.Repeat(" WHEN 1 THEN 1", 200) + " END FROM t",
		// END as a name must not end the count.
		"SELECT " + strings.Repeat("CASE ", 9) + "a" + strings.Repeat(".end", 9) + strings.Repeat(" WHEN 0 THEN 1 WHEN 1 THEN 1 WHEN 2 THEN 1 END", 9) + " FROM t",
		"SELECT (SELECT 1 AS end), " + nested(8)[len("SELECT "):],
	}, accepted{
		nested(1),
		nested(3),
		"SELECT " + strings.Repeat("CASE WHEN a = 1 THEN ", 30) + "0" + strings.Repeat(" END", 30) + " FROM t",
		"SELECT CASE origin" + strings.Repeat(" WHEN 'x' THEN 1", 120) + " END FROM t",
	})
}

// A policy may lengthen statements up to the bound that nothing lifts.
func TestMaxLength(t *testing.T) {
	t.Parallel()
	longest := "SELECT '" + strings.Repeat("a", sqlguard.MaxMaxLength-9) + "'"
	g := newGuard(t, sqlguard.Policy{MaxLength: sqlguard.MaxMaxLength}, nil)
	judgeAll(t, g, sqlguard.RuleTooLong, refused{longest + " "}, accepted{longest})
	g = newGuard(t, sqlguard.Policy{MaxLength: 8}, nil)
	judgeAll(t, g, sqlguard.RuleTooLong, refused{"SELECT 10"}, accepted{"SELECT 1"})
}

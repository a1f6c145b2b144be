package postgres

import (
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
	"github.com/sallyport-dev/sallyport/sqlguard/postgres/functions"
)

// What has a syntax of its own comes out of the parser as a call: each name it
// makes must be judged.
func TestGrammarIsJudged(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, expression := range []string{
		"a + b - c * d / e % f ^ 2", "-a", "+a", "@a", "~a", "a & b | c << 1 >> 2 # 3", "a || b", "a LIKE 'b'", "a NOT LIKE 'b'", "a ILIKE 'b'", "a NOT ILIKE 'b'",
		"a ~ 'b'", "a !~ 'b'", "a ~* 'b'", "a !~* 'b'", "a ^@ b", "a -> 'b'", "a ->> 'b'", "a #> '{b}'", "a #>> '{b}'", "a @> '{}'", "a <@ '{}'", "a ? 'b'", "|/ a", "||/ a",
		"EXTRACT(year FROM d)", "POSITION('a' IN b)", "SUBSTRING(a FROM 1 FOR 2)", "SUBSTRING(a FOR 2)", "SUBSTRING(a FROM 'b')", "TRIM(BOTH 'x' FROM a)", "TRIM(LEADING 'x' FROM a)", "TRIM(TRAILING FROM a)",
		"OVERLAY(a PLACING b FROM 1)", "COLLATION FOR (a)", "a AT TIME ZONE 'UTC'", "(a, b) OVERLAPS (c, d)", "NORMALIZE(a)", "NORMALIZE(a, NFC)", "a IS NORMALIZED", "a IS NFKC NORMALIZED",
		"NULLIF(a, b)", "GREATEST(a, b)", "LEAST(a, b)", "ROW(a, b)", "(a, b)", "count(*)", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIME(1)", "CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP(1)", "LOCALTIME", "LOCALTIME(1)", "LOCALTIMESTAMP", "LOCALTIMESTAMP(1)",
		"CURRENT_USER", "SESSION_USER", "USER", "CURRENT_ROLE", "CURRENT_CATALOG", "CURRENT_SCHEMA", "SYSTEM_USER", "xmlexists('a' PASSING b)", "JSON_OBJECT('{a,b}')",
		"mode() WITHIN GROUP (ORDER BY a)", "row_number() OVER ()",
	} {
		s, err := (&Adapter{}).Parse(t.Context(), "SELECT "+expression+" FROM t")
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		v := tree.Visitor{Expr: func(e tree.Expr) {
			var name string
			switch e := e.(type) {
			case *tree.Call:
				name = e.Name
			case *tree.Window:
				name = e.Call.Name
			default:
				return
			}
			found[name] = true
			if _, judged := functions.Judge(name); !judged {
				t.Errorf("%s calls %q, which has not been judged", expression, name)
			}
		}}
		v.Walk(s)
	}
	if len(found) < 55 {
		t.Errorf("%d names only: %v", len(found), found)
	}
	for _, name := range []string{"timezone", "btrim", "ltrim", "rtrim", "overlay", "extract", "is_normalized", "overlaps", countStar} {
		if !found[name] {
			t.Errorf("nothing has become %q", name)
		}
	}
}

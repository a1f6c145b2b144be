package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	pg_query "github.com/pganalyze/pg_query_go/v6"
	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
)

// statements together contain every node that the adapter lowers.
var statements = []string{
	"SELECT 1, 0, 1.5, 1e3, 'a', '', NULL, TRUE, FALSE, 123456789012345678901234567890, -5, $1, a IS TRUE, NOT a, (a, 1) = ROW(2, 3)",
	"SELECT DISTINCT a AS x, t.b, q.* FROM public.t AS q (c, d) WHERE a = 1 AND (b <> 2 OR NOT c < 3) AND d BETWEEN 1 AND 2 AND e NOT BETWEEN 3 AND 4 AND f BETWEEN SYMMETRIC 1 AND 2 AND g NOT BETWEEN SYMMETRIC 1 AND 2",
	"SELECT DISTINCT ON (a) a, * FROM t ORDER BY a ASC NULLS FIRST, b DESC NULLS LAST, c LIMIT 5 OFFSET 2",
	"SELECT a, count(*) FROM t GROUP BY GROUPING SETS ((a), (), (b, c), ROLLUP (a, b)), CUBE (a), () HAVING count(*) > 1",
	"SELECT sum(DISTINCT a) FILTER (WHERE b), array_agg(a ORDER BY b), GROUPING(a), mode() WITHIN GROUP (ORDER BY a), make_interval(days => 5) FROM t GROUP BY a",
	"SELECT sum(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN 1 PRECEDING AND 2 FOLLOWING EXCLUDE TIES), lag(a, 1, 0) OVER (ORDER BY b), count(*) FILTER (WHERE a) OVER (RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), array_agg(a ORDER BY b) OVER (GROUPS BETWEEN CURRENT ROW AND 1 FOLLOWING EXCLUDE GROUP), sum(a) OVER (ROWS 5 PRECEDING EXCLUDE CURRENT ROW) FROM t",
	"SELECT sum(a) OVER w, rank() OVER (w ORDER BY c), sum(b) OVER v FROM t WINDOW w AS (PARTITION BY b), v AS (w ORDER BY c ROWS BETWEEN 1 PRECEDING AND d FOLLOWING) ORDER BY sum(c) OVER v",
	"SELECT CASE WHEN a THEN 1 ELSE 2 END, CASE a WHEN 1 THEN 2 END, CASE a WHEN 1 THEN 2 ELSE 3 END, coalesce(a, b), nullif(a, b), greatest(a, b), least(a), ARRAY[1], (a)[1], a[1:2], a[:], (a)[2:][1], a IS NULL, a IS NOT NULL, a IN (1, 2), a NOT IN (3), a IS DISTINCT FROM b, a IS NOT DISTINCT FROM b, a >= b, a <= b, a > b, a IS NOT FALSE, a IS UNKNOWN, a = ANY (b), a <> ALL (b), a LIKE ANY (ARRAY['x', $1])",
	"SELECT CAST(a AS int), a::decimal(10, 2), a::int[], a::text[][], a::varchar, a::varchar(3), a::char(3), a::jsonb, a::json, a::bytea, a::numeric, a::interval(3), a COLLATE \"C\", INTERVAL '1' DAY",
	"SELECT a + b - c, -a, +a, a || b, a LIKE 'x', a NOT ILIKE 'y', a ~ 'z', a ->> 'b', EXTRACT(year FROM a), a AT TIME ZONE 'UTC', TRIM(a), OVERLAY(a PLACING b FROM 1), POSITION('a' IN b), CURRENT_DATE, CURRENT_TIMESTAMP(3), LOCALTIME",
	"SELECT (SELECT 1), EXISTS (SELECT 1), a IN (SELECT 1), a > ALL (SELECT 1), a = SOME (SELECT 1) FROM t",
	"WITH a (x) AS (SELECT 1), b AS MATERIALIZED (SELECT 2), c AS NOT MATERIALIZED (SELECT 3) SELECT * FROM a UNION ALL SELECT * FROM b",
	"(SELECT 1 INTERSECT SELECT 2) EXCEPT (SELECT 3 UNION SELECT 4) ORDER BY 1 LIMIT 5",
	"SELECT * FROM (SELECT 1) AS q (x)", "SELECT * FROM (SELECT 1)", "SELECT * FROM t TABLESAMPLE bernoulli (5) REPEATABLE (7)",
	"VALUES (1, 'a'), (2, NULL)", "SELECT * FROM (VALUES (1), (2)) AS v (x)", "TABLE t",
	"SELECT * FROM now() WITH ORDINALITY AS r (x)",
	"SELECT * FROM a JOIN b ON a.x = b.x", "SELECT * FROM a LEFT JOIN b USING (x)", "SELECT * FROM a, b", "SELECT * FROM a NATURAL JOIN b", "SELECT * FROM a FULL JOIN (b CROSS JOIN c) USING (x)", "SELECT * FROM a RIGHT JOIN b USING (x)",
	"EXPLAIN SELECT 1", "SHOW TABLES",
}

// serialized is PostgreSQL's tree of a statement as JSON.
func serialized(t testing.TB, sql string) string {
	t.Helper()
	text, err := parse(sql)
	if err != nil {
		t.Fatalf("%q: %v", sql, err)
	}
	return text
}

// lowerText lowers a tree, and takes it as far as it goes.
func lowerText(text string) error {
	document, err := fastjson.Parse(text)
	if err != nil {
		return err
	}
	s, err := lower(document)
	if err != nil {
		return err
	}
	_, _ = render(s, true) // some are for the rules to refuse
	return nil
}

// decoded is a tree that a test may change.
func decoded(t testing.TB, text string) map[string]any {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	return document
}

func encoded(t testing.TB, document any) string {
	t.Helper()
	text, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func isUnsupported(err error) bool {
	var unsupported *dialect.UnsupportedError
	return errors.As(err, &unsupported)
}

// each calls visit for every object below v.
func each(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(v)
		for _, child := range v {
			each(child, visit)
		}
	case []any:
		for _, child := range v {
			each(child, visit)
		}
	}
}

func keys(object map[string]any) []string {
	var list []string
	for k := range object {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

// A field that the adapter does not know refuses the statement, wherever it
// stands: a newer server's clause cannot pass unread.
func TestUnknownFieldIsRefused(t *testing.T) {
	t.Parallel()
	const name = "clause_of_a_newer_server"
	seen := 0
	for _, sql := range statements {
		text := serialized(t, sql)
		if err := lowerText(text); err != nil {
			t.Errorf("%q: %v", sql, err)
			continue
		}
		document := decoded(t, text)
		each(document["stmts"], func(object map[string]any) {
			if object["VariableShowStmt"] != nil || object["name"] == "tables" {
				return // only whether it is SHOW TABLES is looked at: nothing of it runs
			}
			seen++
			for _, value := range []any{map[string]any{"FuncCall": map[string]any{}}, true} {
				object[name] = value
				if err := lowerText(encoded(t, document)); !isUnsupported(err) {
					t.Errorf("%q: an unknown field beside %v passes: %v", sql, keys(object), err)
				}
			}
			delete(object, name)
		})
	}
	if seen < 900 {
		t.Errorf("only %d objects were tried", seen)
	}
}

// A field that is missing or of another type than the adapter reads never
// brings it down.
func TestWrongFieldIsNoPanic(t *testing.T) {
	t.Parallel()
	for _, sql := range statements {
		document := decoded(t, serialized(t, sql))
		each(document, func(object map[string]any) {
			for _, field := range keys(object) {
				value := object[field]
				for _, wrong := range []any{nil, "text", 1.5, true, []any{}, []any{nil}, []any{map[string]any{}}, map[string]any{}} {
					object[field] = wrong
					_ = lowerText(encoded(t, document)) // it returns
				}
				delete(object, field)
				_ = lowerText(encoded(t, document))
				object[field] = value
			}
		})
	}
}

// texts are the fields whose text is the user's own: any value will do.
var texts = map[string]bool{
	"sval": true, "fval": true, "name": true, "relname": true, "schemaname": true, "aliasname": true, "ctename": true,
}

// An enumeration value that the adapter does not know refuses the statement.
func TestUnknownValueIsRefused(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, sql := range statements {
		document := decoded(t, serialized(t, sql))
		each(document["stmts"], func(object map[string]any) {
			for field, value := range object {
				text, isText := value.(string)
				if !isText || texts[field] {
					continue
				}
				tried[field] = true
				object[field] = text + "_OF_A_NEWER_SERVER"
				if err := lowerText(encoded(t, document)); err == nil {
					t.Errorf("%q: %s %q changed passes", sql, field, text)
				}
				object[field] = text
			}
		})
	}
	for _, field := range []string{
		"kind", "op", "boolop", "jointype", "subLinkType", "sortby_dir", "sortby_nulls", "limitOption", "funcformat", "row_format",
		"nulltesttype", "booltesttype", "ctematerialized", "relpersistence",
	} {
		if !tried[field] {
			t.Errorf("no statement has a %s", field)
		}
	}
}

// lowered are the kinds of node that the adapter knows, by where they stand.
var lowered = map[string][]string{
	"statement": {"SelectStmt", "ExplainStmt", "VariableShowStmt"},
	"expression": {
		"ColumnRef", "A_Const", "ParamRef", "A_Expr", "FuncCall", "TypeCast", "BoolExpr", "NullTest", "BooleanTest", "CaseExpr", "CoalesceExpr",
		"A_ArrayExpr", "GroupingFunc", "MinMaxExpr", "RowExpr", "SQLValueFunction", "SubLink", "A_Indirection", "CollateClause",
	},
	"source": {"RangeVar", "RangeSubselect", "RangeFunction", "RangeTableSample", "JoinExpr"},
}

// Every other kind of node that PostgreSQL's trees can have is refused by its
// kind, wherever it stands.
func TestEveryKindOfNodeIsJudged(t *testing.T) {
	t.Parallel()
	const target = `{"version":170007,"stmts":[{"stmt":{"SelectStmt":{"targetList":[{"ResTarget":{"val":%s}}],"fromClause":[%s],"limitOption":"LIMIT_OPTION_DEFAULT","op":"SETOP_NONE"}}}]}`
	const table = `{"RangeVar":{"relname":"t","inh":true,"relpersistence":"p"}}`
	const one = `{"A_Const":{"ival":{"ival":1}}}`
	if err := lowerText(fmt.Sprintf(target, one, table)); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	nodes := (&pg_query.Node{}).ProtoReflect().Descriptor().Oneofs().Get(0).Fields()
	for i := range nodes.Len() {
		kinds = append(kinds, nodes.Get(i).JSONName())
	}
	if len(kinds) < 250 {
		t.Fatalf("%d kinds of node only", len(kinds))
	}
	for where, known := range lowered {
		for _, kind := range known {
			if !slices.Contains(kinds, kind) {
				t.Errorf("%s %q does not exist", where, kind)
			}
		}
	}
	for _, kind := range kinds {
		node := fmt.Sprintf(`{%q:{}}`, kind)
		for where, text := range map[string]string{
			"statement":  fmt.Sprintf(`{"version":170007,"stmts":[{"stmt":%s}]}`, node),
			"expression": fmt.Sprintf(target, node, table),
			"source":     fmt.Sprintf(target, one, node),
		} {
			err := lowerText(text)
			refusedByKind := errors.Is(err, dialect.ErrNotQuery) || isUnsupported(err) && strings.Contains(err.Error(), kind)
			if err == nil && (kind == "A_ArrayExpr" && where == "expression" || kind == "SelectStmt" && where == "statement") {
				continue // ARRAY[], and SELECT without anything
			}
			if err == nil || !refusedByKind && !slices.Contains(lowered[where], kind) {
				t.Errorf("%s %q: %v", where, kind, err)
			}
		}
	}
}

// What the parser accepts and nothing here lowers is refused in words of the
// query's author.
func TestSyntaxThatIsNotLowered(t *testing.T) {
	t.Parallel()
	for sql, rule := range map[string]string{
		"SELECT * FROM t FOR UPDATE": ruleStatement, "SELECT 1 INTO x": ruleStatement, "EXPLAIN (ANALYZE) SELECT 1": ruleStatement, "EXPLAIN DELETE FROM t": ruleStatement,
		"WITH d AS (DELETE FROM t RETURNING 1) SELECT 1": ruleStatement, "WITH RECURSIVE r AS (SELECT 1) SELECT 1": ruleRecursive,
		"SELECT 1 FROM t WINDOW w AS (), w AS ()": ruleSyntax, "SELECT sum(a) OVER w FROM t": ruleSyntax, "SELECT f(VARIADIC a)": ruleFunction, "SELECT (a).b": ruleFunction,
		"SELECT * FROM ONLY t": ruleSyntax, "SELECT B'1'": ruleSyntax, "SELECT (a[1])[2]": ruleSyntax, "SELECT a::thing": ruleSyntax,
		"SELECT a::regclass": ruleCatalog, "SELECT ctid FROM t": ruleCatalog, "SHOW all": ruleCatalog, "SELECT * FROM pg_class": ruleCatalog,
		"SELECT (t).* FROM t": ruleColumn, "SELECT t FROM t": ruleColumn, "SELECT count(t.*) FROM t": ruleColumn, "SELECT 1 ORDER BY 1 FETCH FIRST ROW WITH TIES": ruleRows,
		"SELECT a FROM t ORDER BY a USING <": ruleOrderBy, "SELECT * FROM a, LATERAL (SELECT 1) q": ruleSources, "SELECT 1 GROUP BY CUBE (a, b, c, d, e, f, g)": ruleDepth,
		"SELECT * FROM \"T.u\"": ruleTable, "SELECT * FROM JSON_TABLE('[]', '$' COLUMNS (a int))": ruleGenerator,
	} {
		_, err := (&Adapter{}).Parse(t.Context(), sql)
		var unsupported *dialect.UnsupportedError
		if !errors.As(err, &unsupported) || unsupported.Rule != rule {
			t.Errorf("%q: %v, want %s", sql, err, rule)
		}
	}
}

// Parse tells the ways apart in which a text is no query.
func TestParseErrors(t *testing.T) {
	t.Parallel()
	a := &Adapter{}
	for sql, want := range map[string]error{
		"": dialect.ErrSyntax, " ; ": dialect.ErrSyntax, "SELECT FROM WHERE": dialect.ErrSyntax, "SELECT 1\x00": dialect.ErrSyntax, "SELECT '": dialect.ErrSyntax,
		"DELETE FROM t": dialect.ErrNotQuery, "SET a = 1": dialect.ErrNotQuery, "CALL f()": dialect.ErrNotQuery,
		"SELECT 1; SELECT 2": dialect.ErrMultiple,
		"SELECT " + strings.Repeat("abs(", 120) + "1" + strings.Repeat(")", 120): dialect.ErrTooDeep,
	} {
		if _, err := a.Parse(t.Context(), sql); !errors.Is(err, want) {
			t.Errorf("%.60q: %v, want %v", sql, err, want)
		}
	}
}

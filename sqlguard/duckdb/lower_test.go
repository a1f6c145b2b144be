package duckdb

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// statements together contain every node that the adapter lowers.
var statements = []string{
	"SELECT 1, 1.5, 1e3, 'a', NULL, 123456789012345678901234567890, -5, $1, a IS TRUE",
	"SELECT DISTINCT a AS x, t.b FROM main.t AS q (c, d) TABLESAMPLE reservoir(5) REPEATABLE (7) WHERE a = 1 AND (b <> 2 OR NOT c < 3) AND d BETWEEN 1 AND 2 AND e NOT BETWEEN 3 AND 4",
	"SELECT DISTINCT ON (a) * EXCLUDE (b) REPLACE (c + 1 AS c) RENAME (d AS e) FROM t ORDER BY a ASC NULLS FIRST, b DESC NULLS LAST, c LIMIT 5 OFFSET 2",
	"SELECT a FROM t LIMIT 5%",
	"SELECT a, count(*) FROM t GROUP BY GROUPING SETS ((a), ()) HAVING count(*) > 1 QUALIFY true USING SAMPLE 5%",
	"SELECT a FROM t GROUP BY ALL ORDER BY ALL",
	"SELECT sum(DISTINCT a) FILTER (WHERE b), list(a ORDER BY b), GROUPING(a) FROM t GROUP BY a",
	"SELECT sum(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN 1 PRECEDING AND 2 FOLLOWING EXCLUDE TIES), lag(a, 1, 0) OVER (ORDER BY b), first_value(a IGNORE NULLS) OVER (), count(*) FILTER (WHERE a) OVER (RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), list(a ORDER BY b) OVER (GROUPS BETWEEN CURRENT ROW AND 1 FOLLOWING) FROM t",
	"SELECT CASE WHEN a THEN 1 ELSE 2 END, CASE a WHEN 1 THEN 2 END, coalesce(a, b), TRY(a), ARRAY[1], a[1], a[1:2], a[:2:1], (a).b, a IS NULL, a IS NOT NULL, a IN (1, 2), a NOT IN (3), a IS DISTINCT FROM b, a IS NOT DISTINCT FROM b, a >= b, a <= b, a > b",
	"SELECT CAST(a AS INTEGER), TRY_CAST(a AS DECIMAL(10, 2)), a::INTEGER[], a::INTEGER[3], a::STRUCT(x INTEGER), a::MAP(VARCHAR, DOUBLE), a::JSON, a COLLATE nocase, {'a': 1}, [1, 2]",
	"SELECT (SELECT 1), EXISTS (SELECT 1), a IN (SELECT 1), a > ALL (SELECT 1), a -> 'x', a ->> 'y' FROM t",
	"WITH a (x) AS (SELECT 1), b AS MATERIALIZED (SELECT 2) SELECT * FROM a UNION ALL BY NAME SELECT * FROM b",
	"(SELECT 1 INTERSECT SELECT 2) EXCEPT (SELECT 3 UNION SELECT 4) ORDER BY 1 LIMIT 5",
	"SELECT * FROM (SELECT 1) AS q (x) TABLESAMPLE 5%",
	"VALUES (1, 'a'), (2, NULL)",
	"SELECT * FROM (VALUES (1), (2)) AS v (x)",
	"SELECT * FROM range(5) WITH ORDINALITY AS r (x)",
	"SELECT * FROM a JOIN b ON a.x = b.x", "SELECT * FROM a LEFT JOIN b USING (x)", "SELECT * FROM a, b", "SELECT * FROM a NATURAL JOIN b", "SELECT * FROM a POSITIONAL JOIN b", "SELECT * FROM a ASOF JOIN b ON a.x >= b.x", "SELECT * FROM a SEMI JOIN b USING (x)", "SELECT * FROM a ANTI JOIN b USING (x)", "SELECT * FROM a FULL JOIN b USING (x)", "SELECT * FROM a RIGHT JOIN b USING (x)",
	"DESCRIBE t", "DESCRIBE SELECT 1", "SHOW TABLES",
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

// A field that the adapter does not know refuses the statement, wherever it
// stands: a newer engine's clause cannot pass unread.
func TestUnknownFieldIsRefused(t *testing.T) {
	t.Parallel()
	const name = "clause_of_a_newer_engine"
	seen := 0
	for _, sql := range statements {
		text := serialized(t, sql)
		if _, err := lowerText(text); err != nil {
			t.Errorf("%q: %v", sql, err)
			continue
		}
		document := decoded(t, text)
		each(document["statements"], func(object map[string]any) {
			if object["key"] != nil && object["value"] != nil && len(object) == 2 && isParamEntry(object) {
				return // named_param_map: parameters are counted where they stand
			}
			seen++
			object[name] = map[string]any{"class": "FUNCTION", "function_name": "read_text"}
			if _, err := lowerText(encoded(t, document)); !isUnsupported(err) {
				t.Errorf("%q: an unknown field beside %v passes: %v", sql, keys(object), err)
			}
			delete(object, name)
		})
	}
	if seen < 500 {
		t.Errorf("only %d objects were tried", seen)
	}
}

func isParamEntry(object map[string]any) bool {
	_, number := object["value"].(float64)
	return number
}

func keys(object map[string]any) []string {
	var list []string
	for k := range object {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

// A field that is missing where the adapter reads it never brings it down.
func TestMissingFieldIsNoPanic(t *testing.T) {
	t.Parallel()
	for _, sql := range statements {
		document := decoded(t, serialized(t, sql))
		each(document["statements"], func(object map[string]any) {
			for _, field := range keys(object) {
				value := object[field]
				for _, wrong := range []any{nil, "text", 1.5, true, []any{}, []any{nil}, map[string]any{}} {
					object[field] = wrong
					renderText(encoded(t, document))
				}
				delete(object, field)
				renderText(encoded(t, document))
				object[field] = value
			}
		})
	}
}

// renderText takes a serialisation as far as it goes.
func renderText(text string) {
	if s, err := lowerText(text); err == nil {
		_, _ = render(s, true)
	}
}

// names are the fields whose text is the user's own: any value will do.
var names = map[string]bool{
	"alias": true, "column_name_alias": true, "column_names": true, "table_name": true, "schema_name": true, "catalog_name": true,
	"function_name": true, "schema": true, "catalog": true, "relation_name": true, "key": true, "value": true, "first": true,
	"aliases": true, "collation": true, "name": true, "using_columns": true, "exclude_list": true, "column": true, "identifier": true, "table": true,
	// How a CTE is evaluated does not change what it is.
	"materialized": true,
	// Both spellings of a lambda are refused alike.
	"syntax_type": true,
}

// An enumeration value that the adapter does not know refuses the statement.
func TestUnknownValueIsRefused(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, sql := range statements {
		document := decoded(t, serialized(t, sql))
		each(document["statements"], func(object map[string]any) {
			for field, value := range object {
				text, isText := value.(string)
				if !isText || names[field] {
					continue
				}
				tried[field] = true
				object[field] = text + "_OF_A_NEWER_ENGINE"
				if _, err := lowerText(encoded(t, document)); err == nil && !harmless(object, field) {
					t.Errorf("%q: %s %q changed passes", sql, field, text)
				}
				object[field] = text
			}
		})
	}
	for _, field := range []string{"type", "class", "join_type", "ref_type", "subquery_type", "comparison_type", "setop_type", "aggregate_handling", "null_order", "method", "start", "end", "exclude_clause", "show_type", "with_ordinality", "id"} {
		if !tried[field] {
			t.Errorf("no statement has a %s", field)
		}
	}
}

// harmless are the values whose change cannot matter: the join type of a join
// whose reference type says all, and what type information repeats.
func harmless(object map[string]any, field string) bool {
	ref, _ := object["ref_type"].(string)
	return field == "join_type" && (ref == "CROSS" || ref == "POSITIONAL")
}

// verdicts on the kinds of node that DuckDB's serialisation lists
// (src/include/duckdb/storage/serialization/*.json of DuckDB 1.5): true is
// lowered, false is refused by name.
var verdicts = map[string]map[string]bool{
	"query_node.json": {
		"SELECT_NODE": true, "SET_OPERATION_NODE": true, "RECURSIVE_CTE_NODE": false, "CTE_NODE": false,
	},
	"tableref.json": {
		"BASE_TABLE": true, "JOIN": true, "SUBQUERY": true, "TABLE_FUNCTION": true, "EMPTY_FROM": false, "EMPTY": true, "EXPRESSION_LIST": false,
		"COLUMN_DATA": false, "PIVOT": false, "SHOW_REF": false, "DELIM_GET": false, "BOUND_TABLE_REF": false, "CTE": false,
	},
	"parsed_expression.json": {
		"BETWEEN": true, "CASE": true, "CAST": true, "COLLATE": true, "COLUMN_REF": true, "LAMBDA_REF": false, "COMPARISON": true, "CONJUNCTION": true,
		"CONSTANT": true, "DEFAULT": false, "FUNCTION": true, "LAMBDA": true, "OPERATOR": true, "PARAMETER": true, "POSITIONAL_REFERENCE": false,
		"STAR": true, "SUBQUERY": true, "WINDOW": true, "TYPE": false, "AGGREGATE": false, "BOUND_FUNCTION": false, "BOUND_SUBQUERY": false,
	},
	"result_modifier.json": {
		"LIMIT_MODIFIER": true, "DISTINCT_MODIFIER": true, "ORDER_MODIFIER": true, "LIMIT_PERCENT_MODIFIER": true,
	},
}

// Every kind of node is lowered by some statement above or refused by name.
func TestEveryKindOfNodeIsJudged(t *testing.T) {
	t.Parallel()
	lowered := map[string]map[string]bool{"query_node.json": {}, "tableref.json": {}, "parsed_expression.json": {}, "result_modifier.json": {}}
	for _, sql := range statements {
		document := decoded(t, serialized(t, sql))
		each(document["statements"], func(object map[string]any) {
			kind, _ := object["type"].(string)
			switch class, isExpression := object["class"].(string); {
			case isExpression:
				lowered["parsed_expression.json"][class] = true
			case strings.HasSuffix(kind, "_NODE"):
				lowered["query_node.json"][kind] = true
			case strings.HasSuffix(kind, "_MODIFIER"):
				lowered["result_modifier.json"][kind] = true
			case object["query_location"] != nil:
				lowered["tableref.json"][kind] = true
			}
		})
	}
	// These two stand in the statements as VALUES and SHOW, and alone are refused.
	delete(lowered["tableref.json"], "EXPRESSION_LIST")
	delete(lowered["tableref.json"], "SHOW_REF")
	templates := map[string]string{
		"query_node.json":        `{"statements":[{"node":{"type":%q},"named_param_map":[]}]}`,
		"tableref.json":          `{"statements":[{"node":{"type":"SELECT_NODE","from_table":{"type":"SUBQUERY","subquery":{"node":{"type":"SELECT_NODE","from_table":{"type":%q},"where_clause":{"class":"CONSTANT"}}}}}}]}`,
		"parsed_expression.json": `{"statements":[{"node":{"type":"SELECT_NODE","select_list":[{"class":%q}]}}]}`,
		"result_modifier.json":   `{"statements":[{"node":{"type":"SELECT_NODE","modifiers":[{"type":%q,"x":1}]}}]}`,
	}
	for file, kinds := range verdicts {
		for kind, isLowered := range kinds {
			if isLowered != lowered[file][kind] {
				t.Errorf("%s: %s: lowered %v, want %v", file, kind, lowered[file][kind], isLowered)
			}
			if _, err := lowerText(fmt.Sprintf(templates[file], kind)); !isLowered && !isUnsupported(err) {
				t.Errorf("%s: %s is not refused: %v", file, kind, err)
			}
		}
		for kind := range lowered[file] {
			if _, judged := kinds[kind]; !judged {
				t.Errorf("%s: %s is not judged", file, kind)
			}
		}
	}
}

// What the parser accepts and nothing here lowers is refused, in words of the
// query's author.
func TestSyntaxThatIsNotLowered(t *testing.T) {
	t.Parallel()
	for _, sql := range []string{
		"SELECT DEFAULT", "SELECT #1 FROM t", "SELECT COLUMNS('a') FROM t", "SELECT COLUMNS(x -> true) FROM t", "SELECT lambda x : x", "SELECT x -> x + 1", "SELECT [x FOR x IN y]", "SELECT coalesce(*COLUMNS(*)) FROM t",
		"SELECT * FROM t AT (VERSION => 1)", "SELECT * FROM (PIVOT t ON a IN (1))", "SELECT * FROM t PIVOT (sum(a) FOR b IN (1))", "UNPIVOT t ON a", "SUMMARIZE t", "SELECT * FROM (SUMMARIZE t)", "SELECT * FROM (DESCRIBE t)", "SELECT * FROM (SHOW TABLES)", "SHOW DATABASES", "SHOW ALL TABLES", "SHOW", "SHOW TABLES FROM main",
		"WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT 1 FROM r) FROM r", "WITH RECURSIVE r(a) USING KEY (a) AS (SELECT 1 UNION SELECT 2 FROM r) FROM r", "SELECT $name", "SELECT sum(a) EXPORT_STATE FROM t", "SELECT * EXCLUDE (t.a) FROM t", "SELECT a::enum('a')", "SELECT a::union(x int)", "SELECT a::main.x", "SELECT a::mood", "SELECT TRY_CAST(a AS \"my type\")", "SELECT a::STRUCT(x mood)", "SELECT a::MAP(INTEGER, mood[])", "SELECT a::\"j\u017fon\"", "SELECT a::INTEGER[9999]", "SELECT a::INTEGER[64][65]", "SELECT a::STRUCT(x INTEGER[4096], y INTEGER)", "SELECT a::INTEGER[4096][][2]", "SELECT ARRAY(SELECT 1)",
	} {
		if _, err := adapter.Parse(t.Context(), sql); !isUnsupported(err) {
			t.Errorf("%q: %v", sql, err)
		}
	}
}

package postgres

import "testing"

// A date that is read from a text which the query puts together is refused by
// whatever name the text comes.
func TestMadeTextByEveryName(t *testing.T) {
	t.Parallel()
	const made = "(origin || '1')"
	for _, sql := range []string{
		"SELECT x::date FROM (SELECT " + made + " AS x FROM t) q",
		// PostgreSQL names a column by what is inside a cast, a collation or a subscript.
		"SELECT concat::date FROM (SELECT concat(origin, '1')::text FROM t) q",
		"SELECT concat::date FROM (SELECT concat(origin, '1') COLLATE \"C\" FROM t) q",
		"SELECT concat::date FROM (SELECT concat(origin, '1')::varchar(9)::text FROM t) q",
		"SELECT string_to_array::date FROM (SELECT (string_to_array(concat(a, '1'), ','))[1] FROM t) q",
		"SELECT replace::date FROM (SELECT CASE WHEN a THEN 'x' ELSE replace(a, b, 'cd') END FROM t) q",
		"SELECT json::text::date FROM (SELECT " + made + "::json FROM t) q",
		"SELECT jsonb::text::date FROM (SELECT " + made + "::jsonb FROM t) q",
		"SELECT text::date FROM (SELECT " + made + "::text FROM t) q",
		"SELECT coalesce::date FROM (SELECT coalesce(" + made + ", 'x') FROM t) q",
		"SELECT greatest::date FROM (SELECT greatest(" + made + ", 'x') FROM t) q",
		"SELECT \"nullif\"::date FROM (SELECT nullif(" + made + ", 'x') FROM t) q",
		"SELECT \"case\"::date FROM (SELECT CASE a WHEN 1 THEN " + made + " END FROM t) q",
		"SELECT \"array\"::date[] FROM (SELECT ARRAY[" + made + "] FROM t) q",
		"SELECT \"?column?\"::date FROM (SELECT " + made + " FROM t) q",
		// a window function, by its own name
		"SELECT lag::date FROM (SELECT lag(" + made + ") OVER () FROM t) q",
		"SELECT first_value::date FROM (SELECT first_value(" + made + ") OVER () FROM t) q",
		"SELECT lag(" + made + ") OVER ()::date FROM t",
		"SELECT max(concat(a, b)) OVER w ::date FROM t WINDOW w AS (ORDER BY c)",
		// other names given to columns
		"WITH c AS (SELECT " + made + " AS x FROM t) SELECT y::date FROM c AS q (y)",
		"WITH c AS (SELECT " + made + " AS x FROM t) SELECT y::date FROM a JOIN c AS q (y) ON true",
		"WITH c (y) AS (SELECT " + made + " AS x FROM t) SELECT y::date FROM c",
		"SELECT y::date FROM (SELECT " + made + " AS x FROM t) q (y)",
		"SELECT y::date FROM (VALUES ('a' || 'b')) q (y)",
		"SELECT column1::date FROM (VALUES ('a' || 'b')) q",
		// the names of a set operation are those of its left side
		"SELECT x::date FROM (SELECT a AS x FROM t UNION ALL SELECT " + made + " FROM t) q",
		"SELECT x::date FROM (SELECT a AS x FROM t UNION (SELECT b FROM t UNION SELECT " + made + " FROM t)) q",
		"SELECT x::date FROM ((SELECT a AS x FROM t UNION SELECT b FROM t) UNION SELECT " + made + " FROM t) q",
		"SELECT lower::date FROM (SELECT lower(a) FROM t UNION ALL SELECT " + made + " FROM t) q",
		"WITH c AS (SELECT a FROM t UNION VALUES ('a' || 'b')) SELECT a::date FROM c",
		"SELECT x::date FROM (SELECT * FROM (SELECT a AS x FROM t) q UNION SELECT " + made + " FROM t) q",
		"SELECT x::date FROM (SELECT * FROM t UNION SELECT " + made + " FROM t) q",
		"SELECT x::date FROM (TABLE t UNION SELECT " + made + " FROM t) q",
		"WITH c AS (SELECT a AS x FROM t), d AS (SELECT * FROM c UNION ALL SELECT " + made + " FROM t) SELECT x::date FROM d",
		"WITH c AS (SELECT a AS y FROM t), d AS (SELECT * FROM c q (x) UNION ALL SELECT " + made + " FROM t) SELECT x::date FROM d",
		"WITH d AS (WITH c AS (SELECT a AS y FROM t) SELECT * FROM c) SELECT x::date FROM (SELECT * FROM c UNION ALL SELECT " + made + " FROM t) q",
		"WITH c AS (SELECT * FROM c UNION ALL SELECT " + made + " FROM t) SELECT x::date FROM c",
		"SELECT x::date FROM (SELECT * FROM a JOIN (SELECT a AS x FROM t) q ON true UNION SELECT 1, " + made + " FROM t) q",
		"SELECT column1::date FROM (VALUES ('x') UNION SELECT " + made + " FROM t) q",
		"SELECT (SELECT x FROM (SELECT a AS x FROM t EXCEPT SELECT " + made + ") q)::date",
	} {
		s := serialized(t, sql)
		if err := lowerText(s); !isUnsupported(err) {
			t.Errorf("%s: passes: %v", sql, err)
		}
	}
	for _, sql := range []string{
		"SELECT x::date FROM (SELECT lower(a) AS x FROM t) q",
		"SELECT x::date FROM (SELECT a AS x, b || c AS y FROM t) q",
		"SELECT lag(a) OVER ()::date FROM t",
		// Nothing reads what the outermost query makes.
		"SELECT CASE WHEN fee IS NULL THEN 'free' ELSE to_char(fee::numeric, '999') END AS fee FROM t GROUP BY 1 ORDER BY fee",
		"SELECT a::date, x || 'y' AS a FROM t UNION SELECT a::date, b FROM t", "SELECT a::date FROM t WHERE b IN (SELECT x || 'y' AS a FROM t)",
		"SELECT x::date FROM (SELECT a AS x FROM t UNION ALL SELECT b FROM t) q",
		"WITH c AS (SELECT a, 'x' || b AS z FROM t), d AS (SELECT a, z FROM c UNION ALL SELECT a, z FROM c) SELECT y::date, z FROM d, u",
		"WITH c AS (SELECT a || b AS z, x FROM t) SELECT z, x::date FROM c AS q",
		"SELECT u.d::date, q.name FROM (SELECT first || ' ' || last AS name, id FROM people) q JOIN u ON u.id = q.id",
	} {
		if err := lowerText(serialized(t, sql)); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

package sqlguard_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// shop is a catalog in which most columns say whose they are.
var shop = &sqlguard.Catalog{
	Tables: []string{"orders", "customers", "items", "pairs"},
	Columns: map[string][]string{
		"orders":    {"o_id", "o_customer", "o_date", "state", "total"},
		"customers": {"c_id", "c_name", "state", "born"},
		"items":     {"i_order", "i_product", "price"},
		"pairs":     {"a", "b"},
	},
}

func TestTiedJoins(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst}, shop)
	judgeAll(t, g, sqlguard.RuleUnkeyedJoin,
		refused{
			"SELECT 1 FROM orders, customers", "SELECT 1 FROM orders CROSS JOIN customers", "SELECT 1 FROM orders JOIN customers ON true", "SELECT 1 FROM orders JOIN customers ON 1 = 1",
			"SELECT 1 FROM orders JOIN customers ON o_id = o_customer", "SELECT 1 FROM orders JOIN customers ON orders.o_id = orders.o_id", "SELECT 1 FROM orders JOIN customers ON o_customer > c_id",
			"SELECT 1 FROM orders JOIN customers ON o_customer = c_id OR total > 5", "SELECT 1 FROM orders JOIN customers ON NOT o_customer = c_id", "SELECT 1 FROM orders JOIN customers ON (o_customer = c_id) IS NOT NULL",
			"SELECT 1 FROM orders JOIN customers ON (o_customer = c_id) = true", "SELECT 1 FROM orders JOIN customers ON coalesce(o_customer = c_id, true)", "SELECT 1 FROM orders JOIN customers ON o_customer <> c_id", "SELECT 1 FROM orders JOIN customers ON o_customer IS NOT DISTINCT FROM c_id",
			"SELECT 1 FROM orders JOIN customers ON o_customer BETWEEN c_id AND c_id", "SELECT o_customer = c_id FROM orders, customers", "SELECT 1 FROM orders, customers GROUP BY o_customer, c_id HAVING o_customer = c_id", "SELECT 1 FROM orders, customers WHERE o_customer = 5 AND c_id = 5", "SELECT 1 FROM orders, customers WHERE o_customer = $1 AND c_id = $1",
			"SELECT 1 FROM orders JOIN customers ON length(c_name) = total", "SELECT 1 FROM orders JOIN customers ON o_customer % 2 = c_id % 2", "SELECT 1 FROM orders JOIN customers ON o_customer * 0 = c_id * 0", "SELECT 1 FROM orders JOIN customers ON o_customer - o_customer = c_id - c_id",
			"SELECT 1 FROM orders JOIN customers ON substr(o_customer, 1, 0) = substr(c_name, 1, 0)", "SELECT 1 FROM orders JOIN customers ON left(orders.state, 0) = left(customers.state, 0)", "SELECT 1 FROM orders JOIN customers ON o_customer::BOOLEAN = c_id::BOOLEAN", "SELECT 1 FROM orders JOIN customers ON CASE WHEN o_customer > 0 THEN 1 END = c_id",
			"SELECT 1 FROM orders JOIN customers ON date_trunc('millennium', o_date) = born", "SELECT 1 FROM orders JOIN customers ON strftime(o_date, 'x') = strftime(born, 'x')", "SELECT 1 FROM orders JOIN customers ON o_customer = (SELECT c_id)", "SELECT 1 FROM orders JOIN customers ON coalesce(5, c_id) = coalesce(5, o_id, total + c_id)",
			"SELECT 1 FROM orders, customers, items WHERE o_customer = c_id", "SELECT 1 FROM orders JOIN customers ON o_customer = c_id CROSS JOIN items", "SELECT 1 FROM orders o, customers c, items i, pairs WHERE o_customer = c_id AND i_order = a",
			"SELECT 1 FROM orders NATURAL JOIN items", "SELECT 1 FROM orders POSITIONAL JOIN customers", "SELECT 1 FROM orders JOIN customers USING (state) CROSS JOIN items",
			"SELECT 1 FROM orders, customers WHERE EXISTS (SELECT 1 FROM items WHERE o_customer = c_id)", "SELECT 1 FROM orders o WHERE EXISTS (SELECT 1 FROM customers, items WHERE c_id = o.o_customer)",
			"SELECT 1 FROM orders LEFT JOIN customers ON true LEFT JOIN items ON o_customer = c_id AND i_order = o_id", "SELECT 1 FROM (orders CROSS JOIN customers) LEFT JOIN items ON o_id = i_order AND c_id = i_product", "SELECT 1 FROM items RIGHT JOIN (orders CROSS JOIN customers) ON o_id = i_order AND c_id = i_product", "SELECT 1 FROM orders LEFT JOIN (customers CROSS JOIN items) ON o_customer = c_id AND o_id = i_order", "SELECT 1 FROM (orders CROSS JOIN customers) FULL JOIN items ON o_id = i_order AND o_customer = c_id", "SELECT 1 FROM (orders CROSS JOIN customers) SEMI JOIN items ON o_id = i_order AND c_id = i_product", "SELECT 1 FROM (orders CROSS JOIN customers) ANTI JOIN items ON o_id = i_order AND c_id = i_product", "SELECT 1 FROM orders LEFT JOIN customers ON true WHERE coalesce(o_customer, 1) = coalesce(c_id, 1)", "SELECT 1 FROM orders FULL JOIN customers ON o_customer = o_id AND c_id = born",
			"SELECT 1 FROM orders, customers WHERE coalesce('x', orders.state) = coalesce('x', customers.state)", "SELECT 1 FROM orders, customers WHERE coalesce(TRY_CAST(c_name AS INT), 1) = coalesce(TRY_CAST(orders.state AS INT), 1)", "SELECT 1 FROM orders, customers WHERE total + 1e300 = c_id + 1e300", "SELECT 1 FROM orders, customers WHERE total + $1 = c_id", "SELECT 1 FROM orders, customers WHERE total + 10000000000 = c_id", "SELECT 1 FROM orders, customers WHERE trim(orders.state, 'ABCDEFGH') = trim(customers.state, 'ABCDEFGH')", "SELECT 1 FROM orders, customers WHERE date_part('second', o_date) = date_part('second', born)", "SELECT 1 FROM orders, customers WHERE o_date::TIME = born::TIME",
			"SELECT 1 FROM (SELECT 1 AS k, o_id FROM orders) a, (SELECT 1 AS k, c_id FROM customers) b WHERE a.k = b.k", "SELECT 1 FROM (SELECT $1 AS k FROM orders) a JOIN (SELECT $1 AS k FROM customers) b USING (k)", "SELECT 1 FROM (SELECT 1 AS k FROM orders) a NATURAL JOIN (SELECT 1 AS k FROM customers) b", "WITH a AS (SELECT 1 AS k FROM orders), b AS (SELECT k AS l FROM a) SELECT 1 FROM a, b WHERE k = l", "SELECT 1 FROM (SELECT total * 0 AS k FROM orders) a, customers WHERE k = c_id", "SELECT 1 FROM (SELECT total % 2 AS k FROM orders) a, customers WHERE k = c_id", "SELECT 1 FROM (SELECT total - total AS k FROM orders) a, customers WHERE k = c_id", "SELECT 1 FROM (SELECT total > 5 AS k FROM orders) a, customers WHERE k = c_id", "SELECT 1 FROM (SELECT * FROM (SELECT 1 AS k FROM orders)) a, customers WHERE k = c_id", "SELECT 1 FROM (SELECT 1 AS k UNION ALL SELECT total FROM orders) a, customers WHERE k = c_id", "SELECT 1 FROM (SELECT total AS k FROM orders UNION ALL SELECT 1 FROM orders) a, customers WHERE k = c_id", "SELECT 1 FROM (SELECT CASE WHEN total > 1 THEN 1 ELSE 2 END AS k FROM orders) a, customers WHERE k = c_id", "SELECT 1 FROM (SELECT max(1) AS k FROM orders GROUP BY state) a, customers WHERE k = c_id", "SELECT 1 FROM orders, customers WHERE substr(orders.state, 60, 1) = substr(customers.state, 60, 1)", "SELECT 1 FROM orders, customers WHERE strftime(o_date, '%%Y') = strftime(born, '%%Y')",
			"SELECT 1 FROM orders, customers WHERE coalesce(orders.state, 'x') = coalesce(customers.state, 'x')", "SELECT 1 FROM (SELECT count(*) AS n FROM orders GROUP BY state) a, customers WHERE n = c_id", "SELECT 1 FROM (SELECT CASE WHEN total > 1 THEN o_id ELSE 2 END AS k FROM orders) a, customers WHERE k = c_id", "SELECT c.i_order AS zz, count(*) FROM orders a SEMI JOIN (SELECT c_id, c_id AS zz FROM customers) q ON a.o_id = q.c_id, items c WHERE zz = c.i_order GROUP BY ALL",
			"SELECT 1 FROM (SELECT o_id AS k, {'z': 1} AS q FROM orders) p SEMI JOIN (SELECT c_id AS k, c_id AS z FROM customers) q ON p.k = q.k, items c WHERE q.z = c.i_order",
			"SELECT 1 FROM (SELECT 1 AS f, o_id AS k FROM orders) p SEMI JOIN (SELECT c_id AS k, c_id AS z FROM customers) q ON p.k = q.k NATURAL JOIN (SELECT 1 AS f, i_order AS z FROM items) r",
			"SELECT c_id AS q, count(*) FROM (SELECT o_id + 1 FROM orders) p, customers WHERE q = c_id GROUP BY ALL",
			"SELECT 1 FROM (SELECT 1 FROM orders) p, (SELECT 1 FROM customers) q WHERE p.\"1\" = q.\"1\"",
			"SELECT 1 FROM (SELECT 1 FROM orders) p JOIN (SELECT 1 FROM customers) q USING (\"1\")",
			"SELECT 1 FROM (VALUES (1), (1)) p, (VALUES (1), (1)) q WHERE p.col0 = q.col0",
			"SELECT 1 FROM (SELECT {'f': 1} AS k FROM orders) p, (SELECT {'f': 1} AS k FROM customers) q WHERE p.k.f = q.k.f",
			"SELECT 1 FROM (SELECT * EXCLUDE (a), 1 FROM pairs) p(c1, c2) JOIN (SELECT * EXCLUDE (a), 1 FROM pairs) q(c1, c2) ON p.c2 = q.c2",
			"SELECT 1 FROM (SELECT *, 1 FROM orders JOIN customers USING (state)) p(c1, c2, c3, c4, c5, c6, c7, c8, c9) JOIN (SELECT *, 1 FROM orders JOIN customers USING (state)) q(c1, c2, c3, c4, c5, c6, c7, c8, c9) ON p.c9 = q.c9",
			"SELECT 1 FROM (SELECT * REPLACE (1 AS a) FROM pairs) p JOIN (SELECT * REPLACE (1 AS a) FROM pairs) q ON p.a = q.a",
			"SELECT 1 FROM (SELECT o_id AS k, o_id AS z FROM orders WHERE o_id < 1 UNION ALL BY NAME SELECT c_id AS z, 1 AS k FROM customers) p, (SELECT o_id AS k, o_id AS z FROM orders WHERE o_id < 1 UNION ALL BY NAME SELECT c_id AS z, 1 AS k FROM customers) q WHERE p.k = q.k",
			"SELECT 1 FROM (SELECT o_id AS i, 1 AS k FROM orders) p LEFT JOIN (SELECT c_id AS i, c_id AS k FROM customers) q USING (i, k) JOIN (SELECT i_order AS i2, i_order AS k FROM items) r USING (k)",
			"SELECT 1 FROM (SELECT o_id - (o_id + 1) AS k FROM orders) p, customers q WHERE p.k = c_id",
			"SELECT 1 FROM (SELECT o_id / o_id AS k FROM orders) p, customers q WHERE p.k = c_id",
			"SELECT 1 FROM (SELECT o_id / 1000000000 AS k FROM orders) p, customers q WHERE p.k = c_id",
			"SELECT 1 FROM (SELECT greatest(o_id, 1000000000) AS k FROM orders) p, customers q WHERE p.k = c_id",
			"SELECT 1 FROM (SELECT count(*) OVER () AS k FROM orders) p, customers q WHERE p.k = c_id",
			"SELECT 1 FROM (SELECT max(o_id) OVER () AS k FROM orders) p, customers q WHERE p.k = c_id",
			"SELECT 1 FROM (SELECT rank() OVER () AS k FROM orders) p, customers q WHERE p.k = c_id",
			"SELECT 1 FROM orders, customers WHERE CAST(o_id AS INT) + DATE 'infinity' = CAST(c_id AS INT) + DATE 'infinity'",
			"SELECT 1 FROM orders, customers WHERE substr(orders.state, 12, 1) = substr(customers.state, 12, 1)",
			"SELECT 1 FROM orders, customers WHERE extract(hour FROM o_date) = extract(hour FROM born)",
			"SELECT 1 FROM orders, customers WHERE o_date::TIME_NS = born::TIME_NS",
			"SELECT 1 FROM orders, (SELECT 1 AS a) s1 FULL JOIN (SELECT 2 AS b) s2 ON false, customers WHERE o_id = c_id",

			"SELECT 1 FROM range(24) h(hour) LEFT JOIN (orders CROSS JOIN customers) ON extract(hour FROM o_date) = h.hour", "SELECT 1 FROM range(24) h(n), orders, customers WHERE h.n = total % 3 + c_id", "SELECT 1 FROM orders o WHERE EXISTS (SELECT 1 FROM customers, items WHERE c_id = o.o_customer AND i_order = o.o_id)", "SELECT 1 FROM (SELECT max(total) AS o FROM orders) s, orders, customers WHERE s.o = total AND s.o = c_id", "SELECT 1 FROM (SELECT o_id, 1 AS o_id FROM orders) p, (SELECT c_id, 1 AS c_id FROM customers) q WHERE p.o_id_1 = q.c_id_1",
			"SELECT 1 FROM orders POSITIONAL JOIN (customers CROSS JOIN items) WHERE o_id = c_id AND o_id = i_order", "SELECT 1 FROM orders POSITIONAL JOIN customers WHERE o_id = c_id",
			"SELECT 1 FROM orders JOIN (SELECT a.n AS n FROM range(3) a(n) JOIN range(3) b(n) ON a.n = b.n) r ON r.n = total % 3", "SELECT 1 FROM orders JOIN (VALUES (1), (1)) v(n) ON v.n = total % 3",
			"SELECT 1 FROM orders x, orders x WHERE x.o_id = x.o_customer", "WITH customers AS (SELECT o_id AS c_id FROM orders) SELECT 1 FROM customers, orders WHERE o_id = o_customer",
			"SELECT 1 FROM pairs, (SELECT a, b FROM pairs) AS p (b, a), items WHERE p.a = pairs.b",
			"WITH a AS (SELECT state, count(*) FROM orders GROUP BY state), b AS (SELECT state, count(*) FROM customers GROUP BY state) SELECT 1 FROM a, b",
			"SELECT 1 FROM main.orders, customers, items WHERE other.orders.o_customer = c_id AND i_order = o_id",
			"SELECT 1 FROM orders, customers WHERE (o_customer, 1) = (1, c_id)", "SELECT 1 FROM orders, customers WHERE (o_customer = c_id AND total > 1) OR (total > 2 AND c_id > 1)",
			"SELECT 1 FROM orders ASOF JOIN customers ON o_date >= born", "SELECT 1 FROM orders JOIN customers ON o_customer IN (c_id, 5)", "SELECT 1 FROM orders JOIN customers ON o_customer NOT IN (c_id)", "SELECT 1 FROM orders, (VALUES (1), (2)) v(n)",
		},
		accepted{
			"SELECT 1 FROM orders JOIN customers ON o_customer = c_id", "SELECT 1 FROM orders, customers WHERE o_customer = c_id", "SELECT 1 FROM orders, customers WHERE c_id = o_customer AND total > 5", "SELECT 1 FROM orders o, customers c WHERE o.o_customer = c.c_id", "SELECT 1 FROM orders LEFT JOIN customers ON o_customer = c_id AND c_name = 'x'",
			"SELECT 1 FROM orders CROSS JOIN customers WHERE o_customer = c_id", "SELECT 1 FROM orders JOIN customers ON true WHERE o_customer = c_id", "SELECT 1 FROM orders JOIN customers USING (state)", "SELECT 1 FROM orders NATURAL JOIN customers", "SELECT 1 FROM orders FULL JOIN customers USING (state)",
			"SELECT 1 FROM orders, customers, items WHERE o_customer = c_id AND o_id = i_order", "SELECT 1 FROM orders, customers, items WHERE o_customer = i_product AND i_order = c_id", "SELECT 1 FROM main.orders, customers WHERE main.orders.o_customer = customers.c_id", "SELECT 1 FROM pairs JOIN customers ON c_id IN (a, b)", "SELECT 1 FROM (orders CROSS JOIN customers) LEFT JOIN items ON o_id = i_order WHERE o_customer = c_id", "SELECT 1 FROM orders LEFT JOIN (customers CROSS JOIN items) ON o_customer = c_id AND c_id = i_product", "SELECT 1 FROM orders LEFT JOIN (customers JOIN items ON c_id = i_product) ON o_customer = c_id", "SELECT 1 FROM orders, customers LEFT JOIN items ON c_id = i_product WHERE o_customer = c_id", "SELECT 1 FROM orders LEFT JOIN customers ON o_customer = c_id LEFT JOIN items ON coalesce(o_id, c_id) = i_order", "SELECT 1 FROM orders LEFT JOIN (SELECT max(price) AS p FROM items) s ON true", "SELECT 1 FROM items RIGHT JOIN orders ON i_order = o_id RIGHT JOIN customers ON c_id = o_customer", "SELECT 1 FROM orders, customers WHERE o_date = born + INTERVAL 1 YEAR", "SELECT 1 FROM orders, customers WHERE ltrim(orders.state, '0') = trim(customers.state)", "SELECT 1 FROM (SELECT max(total) AS k FROM orders GROUP BY state) a, customers WHERE k = c_id", "SELECT 1 FROM (SELECT row_number() OVER () AS k FROM orders) a, customers WHERE k = c_id", "SELECT 1 FROM (SELECT year(o_date) * 100 + month(o_date) AS k FROM orders) a, customers WHERE k = c_id", "SELECT 1 FROM (VALUES (1, 'a'), (2, 'b')) v(id, label), customers WHERE id = c_id", "SELECT 1 FROM range(24) h(hour) LEFT JOIN orders ON extract(hour FROM o_date) = h.hour", "SELECT 1 FROM range(3) h(n) JOIN orders ON h.n = total % 3", "SELECT 1 FROM (SELECT CASE WHEN total > 5 THEN 'high' ELSE 'low' END AS kind FROM orders) o JOIN (VALUES ('high', 'H'), ('low', 'L')) k(kind, label) ON k.kind = o.kind", "WITH k(kind, label) AS (VALUES ('high', 'H'), ('low', 'L')) SELECT 1 FROM orders JOIN k ON k.kind = CASE WHEN total > 5 THEN 'high' ELSE 'low' END", "SELECT 1 FROM orders SEMI JOIN customers ON o_customer = c_id",
			"SELECT 1 FROM orders a JOIN orders b ON a.o_id = b.o_customer", "SELECT 1 FROM pairs, (SELECT a, b FROM pairs) AS p (b, a) WHERE p.a = pairs.b",
			"SELECT 1 FROM orders, customers WHERE (o_customer = c_id AND total > 1) OR (o_customer = c_id AND total > 2)", "SELECT 1 FROM orders, customers WHERE (o_customer, o_date) = (c_id, born)",
			"SELECT 1 FROM orders JOIN customers ON lower(orders.state) = lower(customers.state)", "SELECT 1 FROM orders JOIN customers ON substr(orders.state, 1, 2) = customers.state", "SELECT 1 FROM orders JOIN customers ON CAST(o_customer AS VARCHAR) = c_name", "SELECT 1 FROM orders JOIN customers ON o_customer = c_id - 53", "SELECT 1 FROM orders JOIN customers ON date_trunc('month', o_date) = born", "SELECT 1 FROM orders JOIN customers ON strftime(o_date, '%Y-%m') = c_name",
			"SELECT 1 FROM orders o FULL JOIN customers c ON o_customer = c_id FULL JOIN items ON coalesce(o.o_id, c.c_id) = i_order", "SELECT 1 FROM orders ASOF JOIN customers ON o_customer = c_id AND o_date >= born",
			"SELECT 1 FROM orders, (SELECT max(price) AS m FROM items) s", "SELECT 1 FROM orders, (SELECT price FROM items LIMIT 1) s", "SELECT 1 FROM orders, (SELECT 1 AS one) s", "SELECT 1 FROM orders, (VALUES (1)) v(n)", "SELECT 1 FROM (SELECT count(*) FROM orders) a, (SELECT count(*) FROM items) b, (SELECT sum(total) FROM orders) c", "WITH s AS (SELECT avg(total) AS a FROM orders) SELECT 1 FROM orders, s WHERE total > a",
			"SELECT 1 FROM orders, (SELECT * FROM (SELECT count(*) FROM items) a, (SELECT count(*) FROM pairs) b) s",
			"SELECT 1 FROM orders, customers WHERE o_customer = c_id AND EXISTS (SELECT 1 FROM items WHERE i_order = o_id)",
			"WITH a AS (SELECT state, count(*) AS n FROM orders GROUP BY state) SELECT 1 FROM a x, a y WHERE x.state = y.state", "SELECT state FROM orders UNION SELECT state FROM customers INTERSECT SELECT c_name FROM customers",
		})
}

// What looks like a single row and is not.
func TestSingleRows(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst}, shop)
	judgeAll(t, g, sqlguard.RuleUnkeyedJoin,
		refused{
			"SELECT 1 FROM orders, (SELECT max(price) FROM items GROUP BY i_order) s", "SELECT 1 FROM orders, (SELECT max(price) FROM items GROUP BY ALL) s", "SELECT 1 FROM orders, (SELECT price FROM (SELECT price FROM items LIMIT 1) UNION ALL SELECT price FROM items) s", "SELECT 1 FROM orders, (SELECT price FROM items LIMIT 2) s",
			"SELECT 1 FROM orders, (SELECT price FROM items LIMIT $1) s", "SELECT 1 FROM orders, (SELECT price FROM items LIMIT 1 %) s", "SELECT 1 FROM orders, (SELECT max(price) OVER () FROM items) s", "SELECT 1 FROM orders, (SELECT (SELECT max(a) FROM pairs) FROM items) s", "SELECT 1 FROM orders, (SELECT max(price) FROM items UNION ALL SELECT max(a) FROM pairs) s",
			"SELECT 1 FROM orders, (SELECT DISTINCT price FROM items) s", "SELECT 1 FROM orders, (SELECT max(price) FROM items GROUP BY GROUPING SETS ((), ())) s", "SELECT 1 FROM orders, (SELECT * FROM (SELECT 1) a FULL JOIN (SELECT 2) b ON false) s", "SELECT 1 FROM orders, (SELECT price FROM items WHERE price = (SELECT max(price) FROM items)) s",
			// An aggregate of the columns of a query around belongs to that query.
			"SELECT (SELECT 1 FROM customers, (SELECT max(o.total) FROM items) s) FROM orders o",
		},
		accepted{
			"SELECT 1 FROM orders, (SELECT max(price) FROM items GROUP BY ()) s", "SELECT 1 FROM orders, (SELECT max(price) FROM items UNION ALL SELECT 1 LIMIT 1) s", "SELECT 1 FROM orders, (SELECT price FROM items LIMIT 1 OFFSET 5) s", "SELECT 1 FROM orders, (SELECT count(*) + max(price) FROM items) s",
		})
}

// Without columns in the catalog, names tie what they name.
func TestJoinsWithoutColumns(t *testing.T) {
	t.Parallel()
	sql := map[string]bool{ // whether they pass where names are taken as given
		"SELECT 1 FROM a, b WHERE x = y":                              true,
		"SELECT 1 FROM a, b, c WHERE x = y AND y = z":                 true,
		"SELECT 1 FROM a, b, c WHERE x = y":                           false,
		"SELECT 1 FROM a NATURAL JOIN b":                              true,
		"SELECT 1 FROM a, b WHERE (x = y AND z = 1) OR (x = y AND z)": true,
		"SELECT 1 FROM a, b WHERE x = y OR z = 1":                     false,
		"SELECT 1 FROM a, b WHERE x = 1":                              false,
		"SELECT 1 FROM a, (SELECT max(x) FROM b, c WHERE y = z) s":    true,
	}
	for _, asGiven := range []bool{false, true} {
		g, err := sqlguard.New(sqlguard.Config{Adapter: adapter, Policy: sqlguard.Policy{Preset: sqlguard.Analyst, Tables: []string{"*"}}, TakeNamesAsGiven: asGiven})
		if err != nil {
			t.Fatal(err)
		}
		for text, passes := range sql {
			if rule := ruleOf(t, g, text); (rule == "") != (asGiven && passes) || rule != "" && rule != sqlguard.RuleUnkeyedJoin {
				t.Errorf("%s, names taken as given %t: %q", text, asGiven, rule)
			}
		}
		for _, text := range []string{"SELECT 1 FROM a JOIN b ON a.x = b.y", "SELECT 1 FROM a JOIN b USING (x)", "SELECT 1 FROM a JOIN b USING (x) JOIN c USING (x)"} {
			if rule := ruleOf(t, g, text); rule != "" {
				t.Errorf("%s, names taken as given %t: %q", text, asGiven, rule)
			}
		}
	}
}

// However wide the sources, judging them takes no time to speak of.
func TestWideJoinsAreJudgedQuickly(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst}, shop)
	var wide, natural strings.Builder
	for i := range 480 {
		fmt.Fprintf(&wide, ", o_id k%d", i)
	}
	for i := range 31 {
		fmt.Fprintf(&natural, " NATURAL JOIN c1 t%d", i+1)
	}
	sql := "WITH c0 AS (SELECT " + wide.String()[2:] + " FROM orders), c1 AS (SELECT *,*,*,* FROM c0) SELECT 1 FROM c1 t0" + natural.String()
	start := time.Now()
	ruleOf(t, g, sql)
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

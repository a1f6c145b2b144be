//go:build linux

package systest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/servicetest"
)

// store are the tables that analysts join in these tests. 300 × 300 rows of two
// values are a join of 45,000; five of them are one that no engine finishes.
var store = []string{
	"CREATE TABLE customers (c_id int PRIMARY KEY, c_name varchar, state varchar)",
	"CREATE TABLE orders (o_id int PRIMARY KEY, o_customer int, o_date date, total int)",
	"CREATE TABLE flags (f_id int, flag int)",
	"INSERT INTO customers SELECT i, 'customer ' || i, CASE WHEN i % 2 = 0 THEN 'ZH' ELSE 'BE' END FROM generate_series(1, 20) AS g(i)",
	"INSERT INTO orders SELECT i, 1 + i % 20, DATE '2026-01-01' + CAST(i % 90 AS int), i FROM generate_series(1, 1000) AS g(i)",
	"INSERT INTO flags SELECT i, i % 2 FROM generate_series(1, 3000) AS g(i)",
}

// analysed are servers of the same store on each engine.
func analysed(t *testing.T) map[string]*server {
	t.Helper()
	db := servicetest.StartPostgres(t)
	db.Exec(t, strings.Join(store, ";\n")+"; ANALYZE")
	db.Exec(t, command(t, "serve", "postgres://reader@127.0.0.1/postgres", "--print-role-sql"))
	yaml := "listen: 127.0.0.1:0\nsources:\n  store:\n    preset: analyst\n    location: "
	return map[string]*server{
		"duckdb":   configured(t, yaml+database(t, store...)+"\n"),
		"postgres": configured(t, yaml+db.URL("reader", "postgres")+"\n"),
	}
}

// Analysts' questions are answered, the same on both engines.
func TestAnalystsAreAnswered(t *testing.T) {
	t.Parallel()
	servers := analysed(t)
	for sql, want := range map[string]string{
		"SELECT state, count(*), sum(total) FROM orders JOIN customers ON o_customer = c_id GROUP BY state ORDER BY state":                                              "[[BE 500 250500] [ZH 500 250000]]",
		"SELECT count(*) FROM orders, customers WHERE o_customer = c_id AND state = 'ZH'":                                                                               "[[500]]",
		"WITH big AS (SELECT o_customer, sum(total) AS t FROM orders GROUP BY o_customer) SELECT a.o_customer FROM big a JOIN big b ON a.t = b.t ORDER BY 1 LIMIT 2":    "[[1] [2]]",
		"SELECT c_name, rank() OVER (ORDER BY sum(total) DESC) AS r FROM orders JOIN customers ON o_customer = c_id GROUP BY c_name ORDER BY r, c_name LIMIT 1":         "[[customer 1 1]]",
		"SELECT o_id, total / m.top FROM orders, (SELECT max(total) AS top FROM orders) m WHERE o_id = 1000":                                                            "[[1000 1]]",
		"SELECT CAST(g.m AS int), count(o_id) FROM generate_series(1, 4) AS g(m) LEFT JOIN orders ON extract(month FROM o_date) = g.m GROUP BY g.m ORDER BY g.m DESC":   "[[4 0] [3 341] [2 308] [1 351]]",
		"SELECT c_id FROM customers WHERE EXISTS (SELECT 1 FROM orders WHERE o_customer = c_id AND total > 999) UNION ALL SELECT 0 ORDER BY 1":                          "[[0] [1]]",
		"SELECT state, grouping(state), count(*) FROM customers GROUP BY ROLLUP (state) ORDER BY grouping(state), state":                                                "[[BE 0 10] [ZH 0 10] [<nil> 1 20]]",
		"SELECT c_id FROM customers ORDER BY CASE WHEN state = 'ZH' THEN 0 ELSE 1 END, (c_id - 10) * (c_id - 10), c_id LIMIT 2":                                         "[[10] [8]]",
		"SELECT sum(total) OVER w FROM orders WHERE o_id < 3 WINDOW w AS (ORDER BY o_id) ORDER BY o_id":                                                                 "[[1] [3]]",
		"SELECT o_id FROM orders JOIN customers ON (o_customer, 'ZH') = (c_id, state) WHERE total = $1":                                                                 "[[5]]",
		"SELECT (SELECT count(*) FROM orders o JOIN customers x ON o.o_customer = x.c_id WHERE x.c_id = c.c_id) FROM customers c WHERE c.c_name = 'customer 3' LIMIT 5": "[[50]]",
	} {
		for engine, s := range servers {
			var params []any
			if strings.Contains(sql, "$1") {
				params = []any{5}
			}
			a := s.query(t, sql, params...)
			if a.status != http.StatusOK {
				t.Errorf("%s: %s: %d %s", engine, sql, a.status, a.body)
			} else if got := text(a.rows(t)); got != want {
				t.Errorf("%s: %s: %s, want %s", engine, sql, got, want)
			}
		}
	}
}

// What would multiply rows is refused: by the guard where no equality ties the
// sources, by the planner's estimate where one does.
func TestAnalystsAreBounded(t *testing.T) {
	t.Parallel()
	for engine, s := range analysed(t) {
		for sql, rule := range map[string]string{
			"SELECT count(*) FROM orders, customers":                                                                                       "sql.unkeyed_join",
			"SELECT count(*) FROM orders JOIN customers ON o_customer = c_id OR total > 0":                                                 "sql.unkeyed_join",
			"SELECT count(*) FROM flags a JOIN flags b ON a.flag = b.flag JOIN flags c ON b.flag = c.flag JOIN flags d ON c.flag = d.flag": "sql.cost",
			"SELECT string_agg(c_name, ',') OVER (ORDER BY c_id) FROM customers":                                                           "sql.function",
			"SELECT * FROM generate_series(1, 1000000)":                                                                                    "sql.generator",
			"WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r":                                            "sql.recursive_cte",
		} {
			if a := s.query(t, sql); a.status != http.StatusBadRequest || a.rule() != rule {
				t.Errorf("%s: %s: %d %s, want %s", engine, sql, a.status, a.body, rule)
			}
		}
		verdict := s.request(t, http.MethodPost, "/v1/check", question(t, "SELECT max(a.f_id) FROM flags a, flags b, flags c, flags d WHERE a.flag = b.flag AND b.flag = c.flag AND c.flag = d.flag"))
		if verdict.rule() != "sql.cost" {
			t.Errorf("%s: the verdict is %s", engine, verdict.body)
		}
		if !strings.Contains(s.banner.String(), "preset analyst") || !strings.Contains(s.banner.String(), "1000000000 rows in a step") {
			t.Errorf("%s: the banner:\n%s", engine, s.banner)
		}
	}
}

// Names with capitals, and schemas beyond public, are what the database says.
func TestPostgresNames(t *testing.T) {
	t.Parallel()
	db := servicetest.StartPostgres(t)
	db.Exec(t, `CREATE TABLE "Users" ("Id" int, name text); INSERT INTO "Users" VALUES (1, 'one');
		CREATE TABLE users (id int); INSERT INTO users VALUES (2);
		CREATE SCHEMA sales; CREATE TABLE sales.orders (id int, owner int); INSERT INTO sales.orders VALUES (7, 1);
		CREATE SCHEMA private; CREATE TABLE private.orders (id int)`)
	yaml := "listen: 127.0.0.1:0\nsources:\n  shop:\n    preset: analyst\n    schemas: [public, sales]\n    location: " + db.URL("reader", "postgres") + "\n"
	db.Exec(t, command(t, "serve", "--config", writeFile(t, "shop.yaml", yaml), "--print-role-sql"))
	s := configured(t, yaml)
	for sql, want := range map[string]string{
		`SELECT "Id", name FROM "Users"`: "[[1 one]]",
		`SELECT * FROM USERS`:            "[[2]]",
		`SELECT * FROM sales.orders`:     "[[7 1]]",
		`SELECT sales.orders.id, u.name FROM sales.orders JOIN "Users" u ON owner = u."Id"`: "[[7 one]]",
	} {
		if a := s.query(t, sql); a.status != http.StatusOK || text(a.rows(t)) != want {
			t.Errorf("%s: %d %s, want %s", sql, a.status, a.body, want)
		}
	}
	for _, sql := range []string{"SELECT * FROM private.orders", "SELECT * FROM orders", `SELECT * FROM "Sales".orders`, `SELECT * FROM "USERS"`} {
		if a := s.query(t, sql); a.rule() != "sql.table" {
			t.Errorf("%s: %d %s", sql, a.status, a.body)
		}
	}
	if a := s.request(t, http.MethodGet, "/v1/sources/shop/tables", ""); !strings.Contains(a.body, `"sales.orders"`) || !strings.Contains(a.body, `"Users"`) || strings.Contains(a.body, "private") {
		t.Errorf("the catalog: %s", a.body)
	}
}

// text writes rows as fmt does.
func text(rows [][]any) string { return fmt.Sprint(rows) }

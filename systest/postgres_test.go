//go:build linux

package systest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/servicetest"
)

// shop is a database as a small team has it, and the role that the program
// itself says how to make.
func shop(t *testing.T) *servicetest.Postgres {
	t.Helper()
	db := servicetest.StartPostgres(t)
	db.Exec(t, `CREATE TABLE orders (id int PRIMARY KEY, customer text, total numeric(10,2), placed date);
		INSERT INTO orders SELECT i, 'customer ' || i % 7, i * 1.5, date '2026-01-01' + i FROM generate_series(1, 5000) i;
		CREATE TABLE secrets (token text);
		INSERT INTO secrets VALUES ('k4n4ry');
		CREATE VIEW totals AS SELECT customer, sum(total) AS total FROM orders GROUP BY customer`)
	db.Exec(t, command(t, "serve", "postgres://reader@127.0.0.1/postgres", "--print-role-sql"))
	return db
}

func overPostgres(t *testing.T, db *servicetest.Postgres, more string) *server {
	t.Helper()
	return configured(t, "listen: 127.0.0.1:0\nsources:\n  shop:\n    location: "+db.URL("reader", "postgres")+"\n    tables: [orders, totals]\n"+more)
}

// A question about a Postgres database is answered as one about files is.
func TestPostgresIsServed(t *testing.T) {
	t.Parallel()
	s := overPostgres(t, shop(t), "")
	rows := s.query(t, "SELECT customer, count(*) AS orders, max(placed) AS last FROM orders GROUP BY customer ORDER BY customer LIMIT 2").rows(t)
	if len(rows) != 2 || rows[0][0] != "customer 0" || rows[0][1] != 714.0 || rows[0][2] != "2039-09-08" {
		t.Errorf("rows %v", rows)
	}
	if rows := s.query(t, "SELECT id FROM orders WHERE customer = $1 AND id < $2 ORDER BY id", "customer 3", 20).rows(t); len(rows) != 3 || rows[0][0] != 3.0 {
		t.Errorf("with parameters: %v", rows)
	}
	if a := s.query(t, "SELECT * FROM orders ORDER BY id"); len(a.rows(t)) != 1000 || !strings.Contains(a.body, `"truncated":true`) {
		t.Errorf("the row limit: %.200s", a.body)
	}
	if a := s.request(t, http.MethodGet, "/v1/sources/shop/tables", ""); !strings.Contains(a.body, `"totals"`) || strings.Contains(a.body, "secrets") {
		t.Errorf("the catalog: %s", a.body)
	}
	if strings.Contains(s.banner.String(), "reader_password") || !strings.Contains(s.banner.String(), "2 tables: orders, totals") {
		t.Errorf("the banner:\n%s", s.banner)
	}
}

// What no query may do, none does: the guard refuses it, and says why.
func TestPostgresRefuses(t *testing.T) {
	t.Parallel()
	db := shop(t)
	s := overPostgres(t, db, "")
	for sql, rule := range map[string]string{
		"SELECT * FROM secrets":                                        "sql.table",
		"SELECT * FROM orders a, orders b":                             "sql.multiple_sources",
		"SELECT pg_sleep(10)":                                          "sql.function",
		"SELECT pg_read_file('/etc/passwd')":                           "sql.file_source",
		"SELECT * FROM pg_shadow":                                      "sql.catalog",
		"SELECT * FROM information_schema.tables":                      "sql.catalog",
		"DELETE FROM orders":                                           "sql.statement",
		"WITH d AS (DELETE FROM orders RETURNING *) SELECT * FROM d":   "sql.statement",
		"SELECT query_to_xml('SELECT * FROM secrets', true, true, '')": "sql.file_source",
		"SELECT * FROM orders; DROP TABLE orders":                      "sql.multiple_statements",
		"SELECT 1/0": "sql.failed",
	} {
		if a := s.query(t, sql); a.status != http.StatusBadRequest || a.rule() != rule || strings.Contains(a.body, "division") {
			t.Errorf("%s: %d %s, want %s", sql, a.status, a.body, rule)
		}
	}
	if got := db.Value(t, "SELECT count(*) FROM orders"); got != "5000" {
		t.Errorf("%s orders are left", got)
	}
}

// A role that may write does not start, and the message says what to do.
func TestPostgresRoleThatWritesIsRefused(t *testing.T) {
	t.Parallel()
	db := shop(t)
	db.Exec(t, "CREATE ROLE writer LOGIN; GRANT SELECT, INSERT ON orders TO writer")
	for _, location := range []string{db.URL("writer", "postgres"), db.SuperURL()} {
		out := refusedToServe(t, "sources:\n  shop:\n    location: "+location+"\n")
		if !strings.Contains(out, "may do more than read") || !strings.Contains(out, "--print-role-sql") || strings.Contains(out, db.Password) {
			t.Errorf("it says:\n%s", out)
		}
	}
}

// A database that goes away is 503 meanwhile, and nothing has to be done when
// it is back.
func TestPostgresGoesAndReturns(t *testing.T) {
	t.Parallel()
	db := shop(t)
	s := overPostgres(t, db, "")
	if a := s.query(t, "SELECT count(*) FROM orders"); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	db.Stop(t)
	if a := s.query(t, "SELECT count(*) FROM orders"); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		t.Errorf("without the database: %d %s", a.status, a.body)
	}
	db.Start(t)
	eventually(t, "answers again", func() bool { return s.query(t, "SELECT count(*) FROM orders").status == http.StatusOK })
}

// A view runs with its owner's rights, so what no query may call no view may
// call either, nor a view that it reads.
func TestPostgresViewsAreJudged(t *testing.T) {
	t.Parallel()
	db := shop(t)
	db.Exec(t, `CREATE VIEW slow AS SELECT id, pg_sleep(0.01)::text AS s FROM orders;
		CREATE VIEW over_slow AS SELECT id FROM slow;
		CREATE VIEW peek AS SELECT pg_read_file('/etc/hostname') AS text;
		CREATE VIEW fine AS SELECT o.customer, t.total, rank() OVER (ORDER BY t.total DESC) AS place FROM orders o JOIN totals t USING (customer);
		GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader`)
	s := configured(t, "listen: 127.0.0.1:0\nsources:\n  shop:\n    location: "+db.URL("reader", "postgres")+"\n")
	for sql, rule := range map[string]string{
		"SELECT count(*) FROM fine":           "",
		"SELECT count(*) FROM slow":           "sql.table",
		"SELECT count(*) FROM over_slow":      "sql.table",
		"SELECT * FROM peek":                  "sql.table",
		"EXPLAIN SELECT customer FROM totals": "sql.catalog",
	} {
		if a := s.query(t, sql); (a.status == http.StatusOK) != (rule == "") || rule != "" && a.rule() != rule {
			t.Errorf("%s: %d %s, want %q", sql, a.status, a.body, rule)
		}
	}
	for _, name := range []string{"slow", "over_slow", "peek"} {
		if !strings.Contains(s.banner.String(), "NOT served: "+name+" (sql.") {
			t.Errorf("the banner does not speak of %s:\n%s", name, s.banner)
		}
	}
}

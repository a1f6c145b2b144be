package sqlguard_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

func TestCatalog(t *testing.T) {
	t.Parallel()
	judgeAll(t, newGuard(t, sqlguard.Policy{}, nil), sqlguard.RuleCatalog,
		refused{"FROM information_schema.tables", "FROM pg_class", "FROM \"DuckDB_Tables\"", "FROM sqlite_master", "FROM system.main.x", "SELECT current_user", "SELECT \"Session_User\"", "SELECT current_setting('x')", "FROM duckdb_settings()", "SHOW DATABASES"},
		accepted{"SELECT current_date", "SELECT t.current_user FROM t", "SELECT 'pg_class'", "SHOW TABLES", "SELECT pg_class FROM t", "SELECT information_schema FROM t"})
	// A table of that name that the source is known to have is its own.
	own := newGuard(t, sqlguard.Policy{}, &sqlguard.Catalog{Tables: []string{"pg_log", "x.csv"}})
	judgeAll(t, own, sqlguard.RuleCatalog, refused{"FROM pg_class"}, accepted{"FROM pg_log", "FROM \"x.csv\""})
	// The list of all tables is for those who may read all of them.
	judgeAll(t, newGuard(t, sqlguard.Policy{Tables: []string{"t"}}, nil), sqlguard.RuleCatalog, refused{"SHOW TABLES"}, accepted{"DESCRIBE t"})
}

func TestFileSources(t *testing.T) {
	t.Parallel()
	judgeAll(t, newGuard(t, sqlguard.Policy{}, nil), sqlguard.RuleFileSource,
		refused{"FROM 'x.csv'", "FROM \"x.parquet\"", "FROM 'https://x/y'", "FROM 'a*'", "FROM 'a[b]'", "FROM 'C:x'", "FROM x.csv", "FROM data.PARQUET", "FROM a.b.json", "FROM \"a/b\".c", "FROM read_text('x')", "SELECT * FROM query('SELECT 1')"},
		accepted{"FROM csv", "FROM parquet", "FROM analytics.events", "FROM main.csv_files", "SELECT 'x.csv'", "SELECT \"x.csv\" FROM t"})
}

func TestTables(t *testing.T) {
	t.Parallel()
	some := newGuard(t, sqlguard.Policy{Tables: []string{"Flights", "mart.sales"}}, nil)
	judgeAll(t, some, sqlguard.RuleTable,
		refused{"FROM airports", "FROM other.flights", "FROM sales", "FROM memory.main.flights", "SELECT (SELECT 1 FROM airports)", "WITH flights AS (FROM airports) FROM flights", "SELECT 1 WHERE EXISTS (FROM airports)", "DESCRIBE airports", "WITH a AS (SELECT 1) SELECT (SELECT 1 FROM b) FROM a", "WITH a AS (FROM b), b AS (SELECT 1) FROM a", "SELECT * FROM (WITH airports AS (SELECT 1) FROM airports) UNION FROM airports"},
		accepted{"FROM flights", "FROM FLIGHTS", "FROM \"fLights\"", "FROM main.flights", "FROM mart.sales", "WITH airports AS (SELECT 1) FROM airports", "WITH a AS (FROM flights), b AS (FROM a) FROM b", "SELECT 1"})
	judgeAll(t, newGuard(t, sqlguard.Policy{}, &sqlguard.Catalog{Tables: []string{"flights"}}), sqlguard.RuleTable,
		refused{"FROM airports", "SELECT * FROM mart.flights"}, accepted{"FROM flights"})
	none, err := sqlguard.New(sqlguard.Config{Adapter: adapter})
	if err != nil {
		t.Fatal(err)
	}
	judgeAll(t, none, sqlguard.RuleTable, refused{"FROM flights", "SELECT (SELECT 1 FROM t)"}, accepted{"SELECT 1"})
}

func TestAllows(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{Tables: []string{"Flights"}, HiddenColumns: []string{"SSN"}}, nil)
	if !g.AllowsTable("FLIGHTS") || g.AllowsTable("airports") || !g.HidesColumn("ssn") || g.HidesColumn("name") {
		t.Error("AllowsTable or HidesColumn is wrong")
	}
	if !newGuard(t, sqlguard.Policy{}, nil).AllowsTable("anything") {
		t.Error(`"*" does not allow every table`)
	}
}

func TestMultipleSources(t *testing.T) {
	t.Parallel()
	judgeAll(t, newGuard(t, sqlguard.Policy{}, nil), sqlguard.RuleMultipleSources,
		refused{
			"FROM a, b", "FROM a JOIN b USING (x)", "FROM a CROSS JOIN b", "FROM a NATURAL JOIN b", "FROM a POSITIONAL JOIN b", "FROM a ASOF JOIN b ON a.x >= b.x", "FROM a SEMI JOIN b USING (x)", "FROM a ANTI JOIN b USING (x)",
			"FROM a t1, a t2", "WITH c AS (SELECT 1) FROM c x, c y", "FROM a, LATERAL (SELECT a.x)", "FROM (SELECT 1), (SELECT 2)", "SELECT (SELECT 1 FROM a, b)", "SELECT 1 FROM (a JOIN b ON true)",
		},
		accepted{
			"SELECT 1 FROM a WHERE x IN (SELECT x FROM a)", "WITH c AS (FROM a), d AS (SELECT count(*) n FROM a) SELECT *, (SELECT n FROM d) FROM c",
			"SELECT * FROM a o WHERE x = (SELECT max(i.x) FROM a i WHERE i.k = o.k)", "SELECT 1 FROM a UNION ALL SELECT 1 FROM a",
		})
}

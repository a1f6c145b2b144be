package sqlguard_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
)

// spellings are pairs of names, some of which differ in case by one rule or
// another, or by how an accent is put together.
var spellings = [][2]string{
	{"xairports", "XAirPorts"},
	{"x_1$z", "X_1$Z"},
	{"xairports", "xairport\u017f"},
	{"xkeys", "x\u212aeys"},
	{"xid", "x\u0130d"},
	{"xid", "x\u0131d"},
	{"xétat", "XÉTAT"},
	{"xж", "xЖ"},
	{"xσ", "xς"},
	{"xstraße", "xstrasse"},
	{"xé", "xe\u0301"},
	{"x[", "x{"},
	{"x@", "x`"},
	{"xﬁ", "xfi"},
	{"x", "x "},
}

// uses are statements that make something under the name NAME and then use it
// as OTHER.
var uses = map[string][2]string{
	"table":         {`CREATE TABLE "NAME" AS SELECT 1 AS i`, `SELECT * FROM "OTHER"`},
	"view":          {`CREATE VIEW "NAME" AS SELECT 1 AS i`, `SELECT * FROM "OTHER"`},
	"schema":        {`CREATE SCHEMA "NAME"; CREATE TABLE "NAME".t AS SELECT 1 AS i`, `SELECT * FROM "OTHER".t`},
	"column":        {`CREATE TABLE t AS SELECT 1 AS "NAME"`, `SELECT "OTHER" FROM t`},
	"whole row":     {`CREATE TABLE "NAME" AS SELECT 1 AS i`, `SELECT "OTHER" FROM "NAME"`},
	"CTE":           {`SELECT 1`, `WITH "NAME" AS (SELECT 1) SELECT * FROM "OTHER"`},
	"table alias":   {`SELECT 1`, `SELECT "OTHER".i FROM (SELECT 1 AS i) AS "NAME"`},
	"column alias":  {`SELECT 1`, `SELECT 1 AS "NAME", "OTHER" + 1`},
	"renamed":       {`SELECT 1`, `SELECT "OTHER" FROM (SELECT 1) AS q ("NAME")`},
	"excluded":      {`SELECT 1`, `SELECT * EXCLUDE ("OTHER") FROM (SELECT 1 AS "NAME", 2 AS another)`},
	"struct":        {`SELECT 1`, `SELECT (s)."OTHER" FROM (SELECT struct_pack("NAME" := 1) AS s)`},
	"macro":         {`CREATE MACRO "NAME"() AS 1`, `SELECT "OTHER"()`},
	"macro in FROM": {`CREATE MACRO "NAME"() AS TABLE SELECT 1`, `SELECT * FROM "OTHER"()`},
	"type":          {`CREATE TYPE "NAME" AS INTEGER`, `SELECT 1::"OTHER"`},
}

// The guard must take two names for one just when DuckDB does, so DuckDB is
// asked for each kind of name: it folds A to Z and nothing else.
func TestNamesAreFoldedAsByDuckDB(t *testing.T) {
	t.Parallel()
	for kind, use := range uses {
		for _, pair := range spellings {
			for _, names := range [][2]string{pair, {pair[1], pair[0]}} {
				err := usesName(t, use, names)
				if found := err == nil; found != fold.Same(names[0], names[1]) {
					t.Errorf("%s %q used as %q: found %v (%v)", kind, names[0], names[1], found, err)
				}
			}
		}
	}
}

// Nor is any other letter folded in the names that DuckDB comes with.
func TestBuiltInNamesAreFoldedAsByDuckDB(t *testing.T) {
	t.Parallel()
	for _, sql := range []string{
		`SELECT "NAMEum"(1)`, `SELECT "current_NAMEchema"`, `SELECT * FROM "NAMEqlite_master"`, `SELECT * FROM pg_catalog."pg_claNAMEs"`,
		`SELECT * FROM "information_NAMEchema".tables`, `SELECT * FROM "NAMEystem".main.duckdb_tables`, `SELECT * FROM "duckdb_viewNAME"()`, `SELECT NULL::"JNAMEON"`,
	} {
		use := [2]string{"SELECT 1", strings.ReplaceAll(sql, "NAME", "OTHER")}
		for _, plain := range []string{"s", "S"} {
			if err := usesName(t, use, [2]string{"", plain}); err != nil {
				t.Errorf("%s with %s: %v", sql, plain, err)
			}
		}
		if usesName(t, use, [2]string{"", "\u017f"}) == nil {
			t.Errorf("%s with a long s finds it", sql)
		}
	}
}

// usesName runs both statements on an empty database.
func usesName(t *testing.T, use, names [2]string) error {
	t.Helper()
	db, err := duckdblib.Open("", map[string]string{"threads": "1"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	named := strings.NewReplacer("NAME", names[0], "OTHER", names[1])
	if err := conn.Exec(named.Replace(use[0])); err != nil {
		t.Fatalf("%s: %v", use[0], err)
	}
	return conn.Exec(named.Replace(use[1]))
}

// A name that differs from another to the engine is another to the guard too:
// it neither hides what a query reads nor opens what a policy keeps shut.
func TestNamesThatOnlyUnicodeFolds(t *testing.T) {
	t.Parallel()
	some := newGuard(t, sqlguard.Policy{Tables: []string{"flights", "keys"}}, &sqlguard.Catalog{Tables: []string{"flights", "airports", "keys", "\u212aeys"}})
	judgeAll(t, some, sqlguard.RuleTable,
		refused{
			"WITH \"airport\u017f\" AS (SELECT 1 AS x) SELECT * FROM airports", "WITH \"airports\" AS (SELECT 1 AS x) SELECT * FROM \"airport\u017f\"",
			"SELECT (WITH \"airport\u017f\" AS (SELECT 1 AS x) SELECT count(*) FROM airports)", "FROM \"\u212aeys\"", "FROM \"flight\u017f\"",
		},
		accepted{"WITH airportS AS (SELECT 1 AS x) SELECT * FROM AIRPORTS", "FROM KEYS", "WITH \"\u212aeys\" AS (SELECT 1 AS x) SELECT * FROM \"\u212aEYS\""})
	if some.AllowsTable("\u212aeys") || !some.AllowsTable("Keys") {
		t.Error("AllowsTable folds otherwise than the engine")
	}
	hidden := newGuard(t, sqlguard.Policy{HiddenColumns: []string{"\u212aey", "ssn"}}, nil)
	judgeAll(t, hidden, sqlguard.RuleColumn, refused{"SELECT key FROM t", "SELECT \"\u212aEY\" FROM t", "SELECT \"\u017f\u017fn\" FROM t"}, accepted{"SELECT keys FROM t"})
	if !hidden.HidesColumn("KEY") || !hidden.HidesColumn("S\u017fN") {
		t.Error("HidesColumn folds too little")
	}
	// A macro of the source, or a denied function, is not called by any spelling.
	macros := newGuard(t, sqlguard.Policy{DenyFunctions: []string{"\u017fum"}}, &sqlguard.Catalog{Tables: []string{"t"}, Macros: []string{"\u212aurtosis"}})
	judgeAll(t, macros, sqlguard.RuleFunction, refused{"SELECT sum(a) FROM t", "SELECT kurtosis(a) FROM t", "SELECT \"\u212aurtosis\"(a) FROM t"}, accepted{"SELECT avg(a) FROM t"})
	// What the policy lets through is let through by its own name only.
	dangerous := newGuard(t, sqlguard.Policy{DangerouslyAllowFunctions: []string{"\u017fleep_ms"}}, nil)
	judgeAll(t, dangerous, sqlguard.RuleFunction, refused{"SELECT sleep_ms(1)"}, accepted{"SELECT \"\u017fLEEP_MS\"(1)"})
	if _, err := sqlguard.New(sqlguard.Config{Adapter: adapter, Policy: sqlguard.Policy{DenyFunctions: []string{"sum"}, DangerouslyAllowFunctions: []string{"\u017fum"}}}); err == nil {
		t.Error("a function may be denied and allowed under two spellings")
	}
}

func TestCheckViewFoldsNamesAsTheEngine(t *testing.T) {
	t.Parallel()
	for _, definition := range []string{
		"CREATE VIEW v AS WITH \"duckdb_\u017fettings\" AS (SELECT 1 AS x) SELECT * FROM duckdb_settings;",
		"CREATE VIEW v AS WITH \"\u017fqlite_master\" AS (SELECT 1 AS x) SELECT * FROM sqlite_master;",
	} {
		err := sqlguard.CheckView(t.Context(), adapter, definition)
		var refusal *sqlguard.Refusal
		if !errors.As(err, &refusal) || refusal.Rule != sqlguard.RuleCatalog {
			t.Errorf("%s: %v", definition, err)
		}
	}
}

package postgres

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/sqlguard"
	guardpg "github.com/sallyport-dev/sallyport/sqlguard/postgres"
)

func TestCatalog(t *testing.T) {
	t.Parallel()
	b := start(t, `CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE people (id int PRIMARY KEY, "Full Name" varchar(40), secret text, m mood, p point); COMMENT ON TABLE people IS 'everybody';
		COMMENT ON COLUMN people.id IS 'a number'; INSERT INTO people SELECT i FROM generate_series(1, 1000) i;
		CREATE VIEW names AS SELECT "Full Name" FROM people; CREATE MATERIALIZED VIEW summary AS SELECT count(*) n FROM people;
		CREATE TABLE parts (a int) PARTITION BY RANGE (a); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (9);
		CREATE TABLE private (a int); CREATE SCHEMA extra; CREATE TABLE extra.more (x numeric(5,2)[]); CREATE SCHEMA hidden; CREATE TABLE hidden.away (a int);
		CREATE EXTENSION citext; CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
		CREATE FOREIGN TABLE passwords (line text) SERVER files OPTIONS (filename '/etc/passwd');
		CREATE FUNCTION "Lower"(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION extra.abs(text) RETURNS text LANGUAGE sql AS 'SELECT ''x''';
		CREATE FUNCTION plus(text, int) RETURNS text LANGUAGE sql AS 'SELECT ''x'''; CREATE OPERATOR %%% (FUNCTION = plus, LEFTARG = text, RIGHTARG = int);
		ANALYZE people`, func(c *Config) { c.Schemas = []string{"public", "extra"} })
	if len(b.engine.Catalog().Tables) != 5 {
		t.Error("before the grants:", b.engine.Catalog().Tables)
	}
	b.server.Exec(t, `REVOKE ALL ON people, private FROM reader; GRANT SELECT (id, "Full Name", m, p) ON people TO reader; GRANT USAGE ON SCHEMA extra TO reader; GRANT SELECT ON extra.more TO reader`)
	b = attach(t, b.server, true, func(c *Config) { c.Schemas = []string{"public", "extra"} })
	var got strings.Builder
	for _, table := range b.engine.Catalog().Tables {
		got.WriteString(table.Name)
		if table.View {
			got.WriteString(" view")
		}
		if table.Comment != "" {
			got.WriteString(" '" + table.Comment + "'")
		}
		if table.Rows >= 0 {
			got.WriteString(" " + strconv.FormatInt(table.Rows, 10))
		}
		for _, c := range table.Columns {
			got.WriteString("\n  " + c.Name + ": " + c.Type)
			if !c.Nullable {
				got.WriteString(" not null")
			}
			if c.Comment != "" {
				got.WriteString(" '" + c.Comment + "'")
			}
		}
		got.WriteString("\n")
	}
	const want = `extra.more
  x: numeric(5,2)[]
names view
  Full Name: character varying(40)
parts
  a: integer
people 'everybody' 1000
  id: integer not null 'a number'
  Full Name: character varying(40)
  m: mood
  p: point
summary
  n: bigint
`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
	if macros := strings.Join(b.engine.Catalog().Macros, " "); macros != "%%% abs lower plus" {
		t.Error(macros)
	}
	const names = "[CREATE VIEW public.names AS  SELECT people.\"Full Name\"\n   FROM people;]"
	if def := b.engine.Definitions(); len(def) != 1 || fmt.Sprint(def["names"]) != names {
		t.Errorf("%q", def)
	}
	// A query of a table with a column that has no binary format here is
	// described first, and so runs once.
	if !b.engine.held.hasText([]string{"people"}) || b.engine.held.hasText([]string{"names", "extra.more"}) {
		t.Error(b.engine.held.text)
	}
	q, err := newWork("SELECT p, m FROM people WHERE id < $1", []any{int64(2)}, encode.CSV, generous)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		var out strings.Builder
		if _, err := b.engine.run(t.Context(), q, []string{"people"}, &out); err != nil || out.String() != "p,m\r\n,\r\n" {
			t.Errorf("%q, %v", out.String(), err)
		}
	}
}

func (b *bench) tables() []string {
	var names []string
	for _, t := range b.engine.Catalog().Tables {
		names = append(names, t.Name)
	}
	return names
}

func TestNamesAsTheyAre(t *testing.T) {
	t.Parallel()
	b := start(t, `CREATE TABLE "Users" AS SELECT 1 a; CREATE TABLE users AS SELECT 2 a; CREATE TABLE "select" AS SELECT 3 a;
		CREATE TABLE "a.b" AS SELECT 4 a; CREATE TABLE "quo""ted" AS SELECT 5 a; CREATE SCHEMA "My Sales"; CREATE TABLE "My Sales"."Orders" AS SELECT 6 a;
		CREATE SCHEMA a; CREATE TABLE a.b AS SELECT 7 a; CREATE TABLE a."b.c" AS SELECT 8 a;`)
	b.server.Exec(t, `GRANT USAGE ON SCHEMA "My Sales", a TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA "My Sales", a TO reader`)
	// The order makes no difference: public's tables have no schema.
	b = attach(t, b.server, true, func(c *Config) { c.Schemas = []string{"a", "My Sales", "public"} })
	if got := strings.Join(b.tables(), ", "); got != "My Sales.Orders, a.b, Users, select, users" {
		t.Error(got)
	}
	warnings := strings.Join(b.engine.Warnings(), "\n")
	for _, want := range []string{`not served: "public"."a.b": there is a dot`, `not served: "public"."quo""ted": there is a dot or a quotation mark`, `not served: "a"."b.c"`} {
		if !strings.Contains(warnings, want) || !strings.Contains(b.log.String(), strings.Trim(strconv.Quote(want), `"`)) {
			t.Errorf("no %s in %s and %s", want, warnings, b.log)
		}
	}
	for _, table := range b.engine.Catalog().Tables {
		if len(table.Columns) != 1 || table.Columns[0].Name != "a" {
			t.Errorf("%s: %+v", table.Name, table.Columns)
		}
	}
	c := testConfig(b.server, b.log)
	c.Schemas = []string{"public", "misspelt"}
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), `Schemas: the database has no schema "misspelt"`) {
		t.Error(err)
	}
}

func TestOnlyTheSystemsFunctionsAreFound(t *testing.T) {
	t.Parallel()
	// Each fits its call better than the system's own, or as well.
	const traps = `CREATE FUNCTION %[1]s.lower(varchar) RETURNS text LANGUAGE sql AS 'SELECT ''trap''';
		CREATE FUNCTION %[1]s.eq(varchar, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT NULL::boolean';
		CREATE OPERATOR %[1]s.= (FUNCTION = %[1]s.eq, LEFTARG = varchar, RIGHTARG = varchar);`
	b := start(t, `CREATE SCHEMA sales; CREATE TABLE sales.t AS SELECT 'A'::varchar x; CREATE TABLE public.t AS SELECT 'A'::varchar x;`+
		fmt.Sprintf(traps, "public")+fmt.Sprintf(traps, "sales"))
	b.server.Exec(t, RoleSQL("clerk", "postgres", []string{"public", "sales"}))
	for _, schemas := range [][]string{{"public", "sales"}, {"sales", "public"}, {"sales"}} {
		b := attach(t, b.server, true, func(c *Config) {
			c.URL, c.Schemas, c.unqualified = b.server.URL("clerk", "postgres"), schemas, false
		})
		for _, table := range []string{"sales.t", "public.t"} {
			if got := b.rows(t, "SELECT lower(x), x = x FROM "+table); got != `[["a",true]]` {
				t.Errorf("%q: %s: %s", schemas, table, got)
			}
		}
		if got := b.rows(t, "SHOW search_path"); got != `[["pg_catalog, pg_temp"]]` {
			t.Errorf("%q: %s", schemas, got)
		}
	}
}

const viewGround = `CREATE TABLE t (a int, b text); CREATE SCHEMA back; CREATE TABLE back.data AS SELECT 1 a;
	CREATE VIEW plain AS SELECT a, lower(b) AS b FROM t WHERE a > 1;
	CREATE VIEW far AS SELECT d.a FROM back.data d;
	CREATE VIEW sleepy AS SELECT a, pg_sleep(1)::text AS s FROM t;
	CREATE VIEW back.inner_one AS SELECT a, pg_read_file('/etc/passwd') FROM back.data;
	CREATE VIEW back.middle AS SELECT a FROM back.inner_one;
	CREATE VIEW outer_one AS SELECT m.a FROM back.middle m;
	CREATE FUNCTION trap(int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT $1';
	CREATE VIEW calling AS SELECT trap(a) FROM t;
	CREATE VIEW system AS SELECT usename FROM pg_user;
	CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
	CREATE FOREIGN TABLE back.passwords (line text) SERVER files OPTIONS (filename '/etc/passwd');
	CREATE VIEW foreign_one AS SELECT line FROM back.passwords;
	CREATE TABLE parts (line text) PARTITION BY LIST (line);
	CREATE FOREIGN TABLE back.part PARTITION OF parts DEFAULT SERVER files OPTIONS (filename '/etc/passwd');
	CREATE MATERIALIZED VIEW stored AS SELECT a, pg_sleep(0)::text AS s FROM t`

func TestDefinitionsCoverWhatViewsUse(t *testing.T) {
	t.Parallel()
	b := start(t, viewGround, func(c *Config) { c.unqualified = false })
	if got := strings.Join(b.tables(), ", "); got != "calling, far, outer_one, plain, sleepy, stored, system, t" {
		t.Error(got)
	}
	warnings := strings.Join(b.engine.Warnings(), "\n")
	for _, want := range []string{
		`not served: "public"."foreign_one": reading it reads the foreign table back.passwords`,
		`not served: "public"."parts": reading it reads the foreign table back.part`,
	} {
		if !strings.Contains(warnings, want) {
			t.Errorf("no %s in %s", want, warnings)
		}
	}
	adapter, err := guardpg.Open()
	if err != nil {
		t.Fatal(err)
	}
	definitions := b.engine.Definitions()
	for name, want := range map[string]struct {
		count int
		safe  bool
	}{
		"plain": {1, true}, "far": {1, true}, "sleepy": {1, false}, "outer_one": {3, false}, "calling": {1, false}, "system": {0, false},
		"stored": {0, true}, "t": {0, true},
	} {
		list := definitions[name]
		if want.count > 0 && len(list) != want.count {
			t.Errorf("%s: %d definitions, want %d: %q", name, len(list), want.count, list)
		}
		safe := true
		for _, text := range list {
			safe = safe && sqlguard.CheckView(t.Context(), adapter, text) == nil
		}
		if safe != want.safe {
			t.Errorf("%s: a guard says %v of %q", name, safe, list)
		}
	}
}

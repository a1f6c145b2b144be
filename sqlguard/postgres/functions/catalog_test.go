package functions

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/verdict"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sallyport-dev/sallyport/internal/servicetest"
)

// open starts a PostgreSQL that lives as long as the test.
func open(t *testing.T) *pgconn.PgConn {
	t.Helper()
	conn, err := pgconn.Connect(t.Context(), servicetest.StartPostgres(t).SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // nothing is left to be told
	return conn
}

func texts(t *testing.T, conn *pgconn.PgConn, query string) [][]string {
	t.Helper()
	result := conn.ExecParams(t.Context(), query, nil, nil, nil, nil).Read()
	if result.Err != nil {
		t.Fatalf("%s: %v", query, result.Err)
	}
	var rows [][]string
	for _, row := range result.Rows {
		var texts []string
		for _, value := range row {
			texts = append(texts, string(value))
		}
		rows = append(rows, texts)
	}
	return rows
}

// kinds is the second column of functions.tsv.
func kinds() map[string][]string {
	table := map[string][]string{}
	for _, line := range verdict.Lines(functionsTSV) {
		field := strings.Split(line, "\t")
		table[field[verdict.ColumnName]] = strings.Split(field[verdict.ColumnKind], ",")
	}
	return table
}

// TestCatalogIsJudged compares the list with the server's own, both ways: a
// function nobody has judged fails it, and so does one that is gone or has
// become something else.
func TestCatalogIsJudged(t *testing.T) {
	t.Parallel()
	conn := open(t)
	version, err := strconv.Atoi(texts(t, conn, "SELECT current_setting('server_version_num')")[0][0])
	if err != nil {
		t.Fatal(err)
	}
	catalog := map[string][]string{}
	for _, row := range texts(t, conn, `SELECT DISTINCT lower(proname), CASE WHEN proretset THEN 'set' ELSE
		CASE prokind WHEN 'f' THEN 'scalar' WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window' WHEN 'p' THEN 'procedure' END END
		FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
		UNION SELECT DISTINCT oprname, 'operator' FROM pg_operator ORDER BY 1, 2`) {
		catalog[row[0]] = append(catalog[row[0]], row[1])
	}
	if len(catalog) < 2_600 {
		t.Fatalf("the catalog has %d functions only", len(catalog))
	}
	judged := kinds()
	for name, is := range catalog {
		said, known := judged[name]
		if !known {
			t.Errorf("%s (%s) has not been judged", name, strings.Join(is, ","))
			continue
		}
		said = slices.DeleteFunc(slices.Clone(said), func(kind string) bool { return kind == "grammar" || kind == "later" })
		if version/10_000 == 15 && !slices.Equal(is, said) {
			t.Errorf("%s is judged as %v, PostgreSQL has %v", name, said, is)
		}
	}
	for name, said := range judged {
		outside := slices.Contains(said, "later") || slices.Contains(said, "extension") || slices.Equal(said, []string{"grammar"}) || slices.Equal(said, []string{"aggregate", "grammar"})
		if _, known := catalog[name]; version/10_000 == 15 && known == outside {
			t.Errorf("%s is judged as %v, in the catalog: %v", name, said, known)
		}
	}
}

// TestNoAllowedFunctionWrites asks the catalog about what is allowed: whether
// it says itself that it has side effects, returns sets or takes SQL and the
// names of relations.
func TestNoAllowedFunctionWrites(t *testing.T) {
	t.Parallel()
	conn := open(t)
	// They differ from call to call, and change nothing but the generator.
	volatile := map[string]bool{"random": true, "gen_random_uuid": true, "clock_timestamp": true, "timeofday": true}
	checked := 0
	for _, row := range texts(t, conn, `SELECT proname, provolatile, proretset, prolang = 12 OR prolang = 14 OR prolang = 13,
		proargtypes::oid[] && ARRAY['regclass'::regtype, 'regproc'::regtype, 'regrole'::regtype, 'regtype'::regtype, 'xml'::regtype,
			'internal'::regtype, 'cstring'::regtype, 'regconfig'::regtype, 'refcursor'::regtype, 'jsonpath'::regtype]::oid[]
		FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace`) {
		v, judged := Judge(row[0])
		if !judged || !v.Allowed {
			continue
		}
		checked++
		if row[1] == "v" && !volatile[row[0]] {
			t.Errorf("%s is allowed, and volatile", row[0])
		}
		if row[2] == "t" {
			t.Errorf("%s is allowed, and returns a set", row[0])
		}
		if row[3] != "t" || row[4] != "f" {
			t.Errorf("%s is allowed, and is of another language or takes a name of the catalog", row[0])
		}
	}
	if checked < 400 {
		t.Errorf("%d functions only", checked)
	}
}

// TestOperatorsAreJudgedAsTheirFunctions: an operator is allowed only if no
// function behind it writes, which the catalog says by its volatility.
func TestOperatorsAreJudgedAsTheirFunctions(t *testing.T) {
	t.Parallel()
	conn := open(t)
	for _, row := range texts(t, conn, `SELECT oprname, provolatile FROM pg_operator JOIN pg_proc ON pg_proc.oid = oprcode`) {
		if v, judged := Judge(row[0]); judged && v.Allowed && row[1] == "v" {
			t.Errorf("operator %s is allowed, and volatile", row[0])
		}
	}
}

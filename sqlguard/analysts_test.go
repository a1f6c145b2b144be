package sqlguard_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
	"github.com/sallyport-dev/sallyport/internal/servicetest"
	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/guardtest"
	"github.com/sallyport-dev/sallyport/sqlguard/postgres"
)

// The corpus of testdata/analysts is what people ask who join, rank and group:
// the shapes of the public benchmarks and of what text-to-SQL models and
// dashboards send, over tables of our own.

// families are the corpus's files, each with the least number of its queries.
var families = map[string]int{
	"nested": 22, "star": 99, "wide": 43, "flat": 13, "links": 60, "questions": 150, "dashboards": 40,
}

// wantedShare is the share of a family that analyst has to accept.
const wantedShare = 0.98

type analystQuery struct {
	ID      string `json:"id"`
	Dialect string `json:"dialect"` // duckdb, postgres, or generic for both
	SQL     string `json:"sql"`
}

// refusals are the queries of the corpus that analyst rightly refuses.
type refusals map[string]struct {
	Rule sqlguard.Rule `json:"rule"`
	Why  string        `json:"why"`
}

const analystsDir = "testdata/analysts"

func readAnalysts(t *testing.T, family string) []analystQuery {
	t.Helper()
	file, err := os.Open(filepath.Join(analystsDir, family+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var list []analystQuery
	ids, statements := map[string]bool{}, map[string]bool{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var q analystQuery
		decoder := json.NewDecoder(strings.NewReader(lines.Text()))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&q); err != nil {
			t.Fatalf("%s: %v: %.100s", family, err, lines.Text())
		}
		if q.ID == "" || ids[q.ID] || statements[q.SQL] || !isDialect(q.Dialect) {
			t.Errorf("%s: %q lacks an id or a dialect, or stands there twice", family, q.ID)
		}
		ids[q.ID], statements[q.SQL] = true, true
		list = append(list, q)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(list) < families[family] {
		t.Errorf("%s: %d queries, want at least %d", family, len(list), families[family])
	}
	return list
}

func isDialect(name string) bool { return name == "duckdb" || name == "postgres" || name == "generic" }

// binder is a real engine that holds a family's tables.
type binder struct {
	adapter dialect.Adapter
	schema  func(t *testing.T, ddl string)
	bind    func(sql string) error
}

// duckdbBinder opens a private DuckDB without any access to files.
func duckdbBinder(t *testing.T) binder {
	t.Helper()
	db, err := duckdblib.Open("", map[string]string{
		"threads": "1", "enable_external_access": "false", "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	conn, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return binder{
		adapter: adapter,
		schema: func(t *testing.T, ddl string) {
			t.Helper()
			if err := conn.Exec(ddl); err != nil {
				t.Fatal(err)
			}
		},
		bind: func(sql string) error {
			statement, err := conn.Prepare(sql)
			if err != nil {
				return err
			}
			statement.Close()
			return nil
		},
	}
}

// postgresBinder connects to a private server.
func postgresBinder(t *testing.T) binder {
	t.Helper()
	parser, err := postgres.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = parser.Close() })
	server := servicetest.StartPostgres(t)
	conn, err := pgconn.Connect(t.Context(), server.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return binder{
		adapter: parser,
		schema: func(t *testing.T, ddl string) {
			t.Helper()
			server.Exec(t, ddl)
		},
		bind: func(sql string) error {
			_, err := conn.Prepare(context.Background(), "", sql, nil)
			return err
		},
	}
}

// Analyst accepts what analysts write, and Strict none of their joins.
func TestAnalystsQueries(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) binder{"duckdb": duckdbBinder, "postgres": postgresBinder} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			engine := open(t)
			expected := readRefusals(t)
			for family := range families {
				ddl, err := os.ReadFile(filepath.Join(analystsDir, family+".sql"))
				if err != nil {
					t.Fatal(err)
				}
				engine.schema(t, string(ddl))
				judgeFamily(t, engine, family, schemaCatalog(string(ddl)), expected)
			}
			for id := range expected {
				if dialect, _, _ := strings.Cut(id, ":"); dialect == name {
					t.Errorf("%s is expected to be refused and was not", id)
				}
			}
		})
	}
}

// judgeFamily takes what was refused as expected out of the list.
func judgeFamily(t *testing.T, engine binder, family string, catalog *sqlguard.Catalog, expected refusals) {
	t.Helper()
	analyst := guardtest.NewGuard(t, engine.adapter, sqlguard.Policy{Preset: sqlguard.Analyst}, catalog)
	strict := guardtest.NewGuard(t, engine.adapter, sqlguard.Policy{}, catalog)
	judged, accepted := 0, 0
	var surprises []string
	for _, q := range readAnalysts(t, family) {
		if q.Dialect != "generic" && q.Dialect != engine.adapter.Name() {
			continue
		}
		if err := engine.bind(q.SQL); err != nil {
			t.Errorf("%s: a mistake in the corpus: %s cannot bind it: %v\n%s", q.ID, engine.adapter.Name(), err, q.SQL)
			continue
		}
		judged++
		if rule, err := settled(t, analyst, q.SQL); err == nil {
			accepted++
		} else {
			id := engine.adapter.Name() + ":" + q.ID
			if expected[id].Rule != rule {
				surprises = append(surprises, q.ID+": "+string(rule)+": "+errors.Unwrap(err).Error()+"\n"+q.SQL)
			}
			delete(expected, id)
		}
		if rule, err := settled(t, strict, q.SQL); err == nil && joins(q.SQL) {
			t.Errorf("%s: strict accepts a join\n%s", q.ID, q.SQL)
		} else if rule == sqlguard.RuleUnkeyedJoin {
			t.Errorf("%s: strict refuses by %s\n%s", q.ID, rule, q.SQL)
		}
	}
	share := float64(accepted) / float64(judged)
	t.Logf("%s on %s: analyst accepts %d of %d (%.1f%%)", family, engine.adapter.Name(), accepted, judged, 100*share)
	if share < wantedShare {
		t.Errorf("%s on %s: analyst accepts %.1f%%, want %.0f%%", family, engine.adapter.Name(), 100*share, 100*wantedShare)
	}
	for _, s := range surprises {
		t.Errorf("refused by surprise: %s", s)
	}
}

// Where the columns of the tables are known, unqualified names are no guess,
// and a natural join is known to compare a hidden column.
func TestAttacksOnKnownColumns(t *testing.T) {
	t.Parallel()
	catalog := schemaCatalog(`CREATE TABLE flights (date DATE, delay INTEGER, distance INTEGER, origin TEXT, destination TEXT);
		CREATE TABLE airports (iata TEXT, city TEXT, state TEXT, latitude REAL, longitude REAL);
		CREATE TABLE a (a INTEGER); CREATE TABLE b (a INTEGER); CREATE TABLE t (a INTEGER, b INTEGER);
		CREATE TABLE people (id INTEGER, secret INTEGER); CREATE TABLE guesses (id INTEGER, guess INTEGER, secret INTEGER);`)
	parser, err := postgres.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = parser.Close() })
	for _, dialect := range []dialect.Adapter{adapter, parser} {
		for _, preset := range []sqlguard.Preset{sqlguard.Strict, sqlguard.Analyst} {
			open := guardtest.NewGuard(t, dialect, sqlguard.Policy{Preset: preset}, catalog)
			hiding := guardtest.NewGuard(t, dialect, sqlguard.Policy{Preset: preset, HiddenColumns: []string{"secret"}}, catalog)
			for _, e := range guardtest.ReadAttacks(t, "testdata/attacks/columns.jsonl", 50) {
				g := open
				if e.Want(sqlguard.Analyst) == sqlguard.RuleColumn {
					g = hiding
				}
				if got := guardtest.RuleOf(t, g, e.SQL); got != e.Want(preset) {
					t.Errorf("%s: preset %d on %s: rule %q, want %q (%s)\n%s", e.ID, preset, dialect.Name(), got, e.Want(preset), e.Why, e.SQL)
				}
			}
		}
	}
}

// settled is the verdict on a statement; what is accepted has to be a fixed
// point.
func settled(t *testing.T, g *sqlguard.Guard, sql string) (sqlguard.Rule, error) {
	t.Helper()
	first, err := g.Check(t.Context(), sql)
	if err != nil {
		var refusal *sqlguard.Refusal
		if !errors.As(err, &refusal) {
			t.Fatalf("Check(%.300q): %v, which is no refusal", sql, err)
		}
		return refusal.Rule, err
	}
	second, err := g.Check(t.Context(), first.SQL())
	switch {
	case err != nil:
		t.Errorf("its own rendering is refused: %v: %v\n%s\n%s", err, errors.Unwrap(err), sql, first.SQL())
	case second.SQL() != first.SQL() || second.Fingerprint() != first.Fingerprint():
		t.Errorf("not a fixed point:\n%s\n%s\n%s", sql, first.SQL(), second.SQL())
	}
	return "", nil
}

// readRefusals reads which queries analyst rightly refuses, by dialect and id.
func readRefusals(t *testing.T) refusals {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(analystsDir, "refused.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list refusals
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	for id, r := range list {
		if r.Rule == "" || r.Why == "" {
			t.Errorf("refused.json: %s lacks a rule or a reason", id)
		}
	}
	return list
}

var (
	createTable = regexp.MustCompile(`(?s)CREATE TABLE (\w+) \((.*?)\);`)
	modifiers   = regexp.MustCompile(`\([^)]*\)`)
)

// schemaCatalog reads the tables and columns of a schema that is as plain as those
// of the corpus.
func schemaCatalog(ddl string) *sqlguard.Catalog {
	c := &sqlguard.Catalog{Columns: map[string][]string{}}
	for _, table := range createTable.FindAllStringSubmatch(ddl, -1) {
		c.Tables = append(c.Tables, table[1])
		for column := range strings.SplitSeq(modifiers.ReplaceAllString(table[2], ""), ",") {
			c.Columns[table[1]] = append(c.Columns[table[1]], strings.Fields(column)[0])
		}
	}
	return c
}

var (
	literals = regexp.MustCompile(`'[^']*'|"[^"]*"`)
	words    = regexp.MustCompile(`\w+|[(),]`)
)

// joins reports whether a query has the word JOIN or a comma in FROM. It knows
// nothing of the guard, and only as much SQL as the corpus needs.
func joins(sql string) bool {
	from := []bool{false} // by depth of brackets: is this FROM?
	for _, word := range words.FindAllString(literals.ReplaceAllString(strings.ToUpper(sql), "0"), -1) {
		last := len(from) - 1
		switch word {
		case "JOIN":
			return true
		case "(":
			from = append(from, false)
		case ")":
			from = from[:last]
		case ",":
			if from[last] {
				return true
			}
		case "FROM":
			from[last] = true
		case "SELECT", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "INTERSECT", "EXCEPT", "QUALIFY":
			from[last] = false
		}
	}
	return false
}

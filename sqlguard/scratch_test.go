package sqlguard_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// scratchSchema makes the tables that the corpora read. Some are named after
// commands, and the values tempt a careless guard.
const scratchSchema = `
CREATE TABLE flights AS SELECT DATE '2001-01-01' + CAST(i % 90 AS INTEGER) AS date, CAST((i * 37) % 200 - 20 AS INTEGER) AS delay,
	CAST(i * 7 % 2500 AS INTEGER) AS distance, ['JFK', 'LAX', 'ORD', 'naïve'][1 + i % 4] AS origin, ['SFO', 'JFK', 'DEN'][1 + i % 3] AS destination
	FROM range(5000) t(i);
CREATE TABLE airports AS SELECT * FROM (VALUES ('JFK', 'New York', 'NY', 40.6, -73.8), ('LAX', 'Los Angeles', 'CA', 33.9, -118.4)) a(iata, city, state, latitude, longitude);
CREATE TABLE notes AS SELECT 'please update it; -- /* DROP TABLE */' AS body;
CREATE TABLE words AS SELECT 1 AS "update", 2 AS "set", 3 AS "delete", 4 AS "range", 'x' AS description, 'y' AS reserved, 5 AS offset_set;
CREATE TABLE docs AS SELECT '{"a": {"b": 1}, "k": "v", "n": 3}'::JSON AS j;
CREATE TABLE "update" AS SELECT 1 AS x;
CREATE VIEW late AS SELECT * FROM flights WHERE delay > 60;
CREATE SEQUENCE s;
`

// scratch is a database that may be written, to see that nothing is.
type scratch struct {
	path   string
	db     *duckdblib.Database
	conn   *duckdblib.Conn
	before string
}

func openScratch(t testing.TB) *scratch {
	t.Helper()
	s := &scratch{path: filepath.Join(t.TempDir(), "scratch.duckdb")}
	s.open(t)
	if err := s.conn.Exec(scratchSchema + "CHECKPOINT;"); err != nil {
		t.Fatal(err)
	}
	s.before = s.state(t)
	t.Cleanup(s.close)
	return s
}

func (s *scratch) open(t testing.TB) {
	t.Helper()
	var err error
	// External access stays on: a hole must show, not be stopped elsewhere.
	s.db, err = duckdblib.Open(s.path, map[string]string{
		"threads": "1", "memory_limit": "512MB",
		"autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.conn, err = s.db.Connect(); err != nil {
		t.Fatal(err)
	}
}

func (s *scratch) close() {
	s.conn.Close()
	s.db.Close()
}

// stateQuery sums up every table, the whole catalog, what is attached and how
// the engine is set.
const stateQuery = `SELECT concat_ws('|',
	(SELECT concat_ws(',', count(*), bit_xor(hash(f))) FROM flights f), (SELECT concat_ws(',', count(*), bit_xor(hash(a))) FROM airports a),
	(SELECT concat_ws(',', count(*), bit_xor(hash(n))) FROM notes n), (SELECT concat_ws(',', count(*), bit_xor(hash(w))) FROM words w),
	(SELECT concat_ws(',', count(*), bit_xor(hash(d))) FROM docs d), (SELECT concat_ws(',', count(*), bit_xor(hash(u))) FROM "update" u),
	(SELECT string_agg(sql ORDER BY table_name) FROM duckdb_tables()), (SELECT string_agg(view_name ORDER BY view_name) FROM duckdb_views() WHERE NOT internal),
	(SELECT string_agg(concat(sequence_name, last_value)) FROM duckdb_sequences()), (SELECT count(*) FROM duckdb_functions()),
	(SELECT count(*) FROM duckdb_types()), (SELECT string_agg(database_name ORDER BY database_name) FROM duckdb_databases()),
	(SELECT count(*) FROM duckdb_schemas()), (SELECT count(*) FROM duckdb_secrets()), (SELECT count(*) FROM duckdb_variables()),
	(SELECT count(*) FROM duckdb_extensions() WHERE loaded), (SELECT hash(string_agg(concat(name, '=', value) ORDER BY name)) FROM duckdb_settings()))`

// state is all that a statement could have changed, as one text, with the
// files beside the database.
func (s *scratch) state(t testing.TB) string {
	t.Helper()
	rows, err := s.run(stateQuery, nil)
	if err != nil || len(rows) != 1 {
		t.Fatalf("state: %d rows, %v", len(rows), err)
	}
	files, err := os.ReadDir(filepath.Dir(s.path))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".wal") && !strings.HasSuffix(f.Name(), ".tmp") {
			names = append(names, f.Name())
		}
	}
	return rows[0] + "|" + strings.Join(names, ",")
}

// unchanged fails the test when anything has changed since the scratch
// database was made.
func (s *scratch) unchanged(t testing.TB, after string) {
	t.Helper()
	if got := s.state(t); got != s.before {
		t.Fatalf("%q changed the database:\n%s\n%s", after, s.before, got)
	}
}

const scratchDeadline = 2 * time.Second

// run runs a statement to its end or the deadline. Each row comes as one text.
func (s *scratch) run(sql string, params []string) ([]string, error) {
	statement, err := s.conn.Prepare(sql)
	if err != nil {
		return nil, err
	}
	defer statement.Close()
	if n := statement.NumParams(); n != len(params) {
		return nil, errors.New("the number of parameters is wrong")
	}
	for i, p := range params {
		if err := statement.BindText(i+1, p); err != nil {
			return nil, err
		}
	}
	timer := time.AfterFunc(scratchDeadline, s.conn.Interrupt)
	defer timer.Stop()
	result, err := statement.Run()
	if err != nil {
		return nil, err
	}
	defer result.Close()
	var rows []string
	for {
		chunk, err := result.Next()
		if err != nil || chunk == nil {
			return rows, err
		}
		n := chunk.Rows()
		if result.NumColumns() == 1 && isText(result) {
			for _, text := range chunk.Vector(0).Texts(n) {
				rows = append(rows, string(text.Bytes()))
			}
		} else {
			rows = append(rows, make([]string, n)...)
		}
		chunk.Close()
	}
}

func isText(r *duckdblib.Result) bool {
	kind := r.ColumnType(0)
	defer kind.Close()
	return kind.ID() == 17 // VARCHAR
}

// answer is the rows of a statement as sorted texts, whatever their types
// and names: what DuckDB names after an expression follows its spelling.
func (s *scratch) answer(sql string) ([]string, error) {
	rows, err := s.run(`SELECT concat_ws('|', *COLUMNS(*)) FROM (`+sql+`) AS q`, nil)
	slices.Sort(rows)
	return rows, err
}

// isQuery reports whether the rendering may stand in a subquery.
func isQuery(q sqlguard.Query) bool {
	return !q.Explain() && !strings.HasPrefix(q.SQL(), "DESCRIBE") && !strings.HasPrefix(q.SQL(), "SHOW")
}

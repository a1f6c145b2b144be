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
	"github.com/sallyport-dev/sallyport/sqlguard/internal/guardtest"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/sqlgen"
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
	path string
	db   *duckdblib.Database
	conn *duckdblib.Conn
}

// openScratch makes a scratch database for a test.
func openScratch(t testing.TB) *scratch {
	t.Helper()
	s, err := makeScratch(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// makeScratch makes one in a directory that is empty.
func makeScratch(dir string) (*scratch, error) {
	s := &scratch{path: filepath.Join(dir, "scratch.duckdb")}
	if err := s.open(); err != nil {
		return nil, err
	}
	if err := s.conn.Exec(scratchSchema + sqlgen.Schema(false) + "CHECKPOINT;"); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *scratch) open() error {
	var err error
	// External access stays on: a hole must show, not be stopped elsewhere.
	s.db, err = duckdblib.Open(s.path, map[string]string{
		"threads": "1", "memory_limit": "512MB",
		"autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
	})
	if err != nil {
		return err
	}
	if s.conn, err = s.db.Connect(); err != nil {
		s.db.Close()
	}
	return err
}

// Close closes the database. Its file stays.
func (s *scratch) Close() {
	s.conn.Close()
	s.db.Close()
}

// contentsQuery writes a query that sums up the rows of every table.
const contentsQuery = `SELECT string_agg(format('SELECT concat_ws('','', ''{0}'', count(*), bit_xor(hash(r)), sum(hash(r))) AS sum FROM "{1}"."{0}" AS r',
	replace(table_name, '"', '""'), schema_name), ' UNION ALL ' ORDER BY schema_name, table_name) FROM duckdb_tables() WHERE NOT internal`

// stateQuery sums up the whole catalog, what is attached and how the engine is
// set.
const stateQuery = `SELECT concat_ws('|',
	(SELECT string_agg(sql ORDER BY schema_name, table_name) FROM duckdb_tables()), (SELECT string_agg(sql ORDER BY view_name) FROM duckdb_views() WHERE NOT internal),
	(SELECT string_agg(concat(sequence_name, last_value) ORDER BY sequence_name) FROM duckdb_sequences()), (SELECT concat(count(*), bit_xor(hash(macro_definition))) FROM duckdb_functions()),
	(SELECT count(*) FROM duckdb_indexes()), (SELECT count(*) FROM duckdb_constraints()), (SELECT count(*) FROM duckdb_temporary_files()),
	(SELECT count(*) FROM duckdb_types()), (SELECT string_agg(database_name ORDER BY database_name) FROM duckdb_databases()),
	(SELECT count(*) FROM duckdb_schemas()), (SELECT count(*) FROM duckdb_secrets()), (SELECT count(*) FROM duckdb_variables()),
	(SELECT count(*) FROM duckdb_extensions() WHERE loaded), (SELECT hash(string_agg(concat(name, '=', value) ORDER BY name)) FROM duckdb_settings()))`

// State is all that a statement could have changed, as one text, with the
// files beside the database.
func (s *scratch) State() (string, error) {
	sums, err := s.within(time.Minute, contentsQuery, nil)
	if err == nil {
		sums, err = s.within(time.Minute, sums[0], nil)
	}
	if err != nil {
		return "", err
	}
	rows, err := s.within(time.Minute, stateQuery, nil)
	if err != nil {
		return "", err
	}
	files, err := os.ReadDir(filepath.Dir(s.path))
	if err != nil {
		return "", err
	}
	var names []string
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".wal") && !strings.HasSuffix(f.Name(), ".tmp") {
			names = append(names, f.Name())
		}
	}
	return strings.Join(slices.Concat(sums, rows, names), "|"), nil
}

const scratchDeadline = 2 * time.Second

// run runs a statement to its end or the deadline. Each row comes as one text.
func (s *scratch) run(sql string, params []string) ([]string, error) {
	return s.within(scratchDeadline, sql, params)
}

func (s *scratch) within(deadline time.Duration, sql string, params []string) ([]string, error) {
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
	interrupted := make(chan struct{})
	timer := time.AfterFunc(deadline, func() {
		s.conn.Interrupt()
		close(interrupted)
	})
	defer func() {
		if !timer.Stop() {
			<-interrupted // else it could hit the next statement
		}
	}()
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

// Rendered runs the guard's SQL.
func (s *scratch) Rendered(q sqlguard.Query, params []string) guardtest.Answer {
	return s.answer(q.SQL(), q, params)
}

// Original runs what it was made of.
func (s *scratch) Original(sql string, q sqlguard.Query, params []string) guardtest.Answer {
	return s.answer(strings.TrimRight(sql, "; \t\r\n"), q, params)
}

// answer runs a statement so that each row is one text of its values and their
// types, without their names: what DuckDB calls an expression follows its
// spelling.
func (s *scratch) answer(sql string, q sqlguard.Query, params []string) guardtest.Answer {
	if isQuery(q) {
		sql = "SELECT concat(row(*COLUMNS(*)), typeof(row(*COLUMNS(*)))) FROM (" + sql + "\n) AS q"
	}
	rows, err := s.run(sql, params)
	if err != nil && strings.Contains(err.Error(), "INTERNAL") { // the database is of no more use
		s.Close()
		err = errors.Join(err, s.open())
	}
	return guardtest.Answer{Rows: rows, Err: err, Late: err != nil && strings.Contains(err.Error(), "INTERRUPT")}
}

// isQuery reports whether the rendering may stand in a subquery.
func isQuery(q sqlguard.Query) bool {
	return !q.Explain() && !strings.HasPrefix(q.SQL(), "DESCRIBE") && !strings.HasPrefix(q.SQL(), "SHOW")
}

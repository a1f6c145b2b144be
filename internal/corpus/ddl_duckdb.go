package corpus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
)

// scratchSettings shut the instance off in which DDL runs: it holds nothing
// but the empty tables, and reaches no file, address or extension.
var scratchSettings = map[string]string{
	"access_mode":                  "READ_WRITE", // an in-memory database cannot be read-only
	"allow_community_extensions":   "false",
	"allow_persistent_secrets":     "false",
	"autoinstall_known_extensions": "false",
	"autoload_known_extensions":    "false",
	"memory_limit":                 "64MB",
	"temp_directory":               "", // or what does not fit into memory would go to a file
	"threads":                      "1",
}

// scratchLocks come last: without external access temp_directory can no longer
// be set.
var scratchLocks = []string{"SET enable_external_access = false", "SET lock_configuration = true"}

// scratchTime bounds the reading of one file. Making empty tables is fast; what
// is not may be the list of an enum that a query computes.
const scratchTime = 20 * time.Second

// ReadDuckDB reads DDL of DuckDB: it runs it in an empty, private instance in
// memory and asks for the catalog.
func ReadDuckDB() Reader { return Reader{Dialect: DuckDB, Read: readDuckDB} }

func readDuckDB(ctx context.Context, statements []Statement) (made Definitions, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, scratchTime, errors.New("it takes too long"))
	defer cancel()
	s, err := openScratch(ctx)
	if err != nil {
		return Definitions{}, err
	}
	defer s.close()
	for _, statement := range statements {
		err := s.run(statement)
		if ctx.Err() != nil { // an interrupt between two statements ends neither
			err = context.Cause(ctx)
		}
		if err != nil {
			return Definitions{}, fmt.Errorf("line %d: %w", statement.Line, err)
		}
	}
	return s.definitions()
}

// scratch is the private instance.
type scratch struct {
	db   *duckdblib.Database
	conn *duckdblib.Conn
	stop func() bool   // ends the watch of the context
	done chan struct{} // closed when the watch, if it began, is over
	// unread are the views that DuckDB could not make: they read files, call
	// what is not here, or read another such view.
	unread []Table
}

func openScratch(ctx context.Context) (*scratch, error) {
	db, err := duckdblib.Open("", scratchSettings)
	if err != nil {
		return nil, err
	}
	conn, err := db.Connect()
	if err != nil {
		db.Close()
		return nil, err
	}
	for _, lock := range scratchLocks {
		if err := conn.Exec(lock); err != nil {
			conn.Close()
			db.Close()
			return nil, err
		}
	}
	s := &scratch{db: db, conn: conn, done: make(chan struct{})}
	s.stop = context.AfterFunc(ctx, func() {
		defer close(s.done)
		conn.Interrupt()
	})
	return s, nil
}

func (s *scratch) close() {
	if !s.stop() {
		<-s.done
	}
	s.conn.Close()
	s.db.Close()
}

// run makes what the statement makes. Preparing it first refuses a text that
// is several statements for DuckDB.
func (s *scratch) run(statement Statement) error {
	if statement.Kind == CreateTableAs {
		return errTableAs
	}
	err := s.exec(statement.Text)
	var native *duckdblib.Error
	if err != nil && statement.Kind == CreateView && len(statement.Name) > 0 &&
		errors.As(err, &native) && native.Kind == duckdblib.ErrorOther && !strings.HasPrefix(native.Message, "Parser Error") {
		s.unread = append(s.unread, Table{Name: fullName(statement.Name), View: true, AnyCase: true})
		return nil
	}
	return err
}

// errTableAs tells of a table that is made of a query. Neither engine's export
// writes that; the columns would be known only by running it.
var errTableAs = errors.New("CREATE TABLE … AS: write out its columns")

// fullName joins the parts of a name, without the database before the schema.
func fullName(parts []string) string {
	if n := len(parts); n > 1 {
		return FullName(parts[n-2], parts[n-1])
	}
	return parts[0]
}

func (s *scratch) exec(sql string) error {
	stmt, err := s.conn.Prepare(sql)
	if err != nil {
		return err
	}
	defer stmt.Close()
	result, err := stmt.Run()
	if err != nil {
		return err
	}
	result.Close()
	return nil
}

// definitions reads the catalog, by names that no macro of the file can take.
func (s *scratch) definitions() (Definitions, error) {
	rows, err := s.texts(`
		SELECT schema_name, table_name, column_name, (table_oid IN (SELECT view_oid FROM system.main.duckdb_views()))::VARCHAR
		FROM system.main.duckdb_columns() WHERE NOT internal ORDER BY table_oid, column_index`)
	if err != nil {
		return Definitions{}, err
	}
	var made Definitions
	for _, row := range rows {
		name := FullName(row[0], row[1])
		if last := len(made.Tables) - 1; last < 0 || made.Tables[last].Name != name {
			made.Tables = append(made.Tables, Table{Name: name, View: row[3] == "true", AnyCase: true})
		}
		t := &made.Tables[len(made.Tables)-1]
		t.Columns = append(t.Columns, row[2])
	}
	for _, v := range s.unread {
		if !slices.ContainsFunc(made.Tables, func(t Table) bool { return t.Name == v.Name }) {
			made.Tables = append(made.Tables, v)
		}
	}
	macros, err := s.texts(`SELECT DISTINCT function_name FROM system.main.duckdb_functions() WHERE NOT internal ORDER BY 1`)
	if err != nil {
		return Definitions{}, err
	}
	for _, row := range macros {
		made.Macros = append(made.Macros, row[0])
	}
	return made, nil
}

// texts runs a query of ours whose columns are all VARCHAR.
func (s *scratch) texts(sql string) ([][]string, error) {
	stmt, err := s.conn.Prepare(sql)
	if err != nil {
		return nil, err
	}
	defer stmt.Close()
	result, err := stmt.Run()
	if err != nil {
		return nil, err
	}
	defer result.Close()
	var rows [][]string
	for {
		chunk, err := result.Next()
		if err != nil || chunk == nil {
			return rows, err
		}
		for i := range chunk.Rows() {
			row := make([]string, result.NumColumns())
			for c := range row {
				row[c] = string(chunk.Vector(c).Texts(chunk.Rows())[i].Bytes())
			}
			rows = append(rows, row)
		}
		chunk.Close()
	}
}

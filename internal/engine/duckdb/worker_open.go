package duckdb

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
)

// database is what a worker has open.
type database struct {
	handle *duckdblib.Database
	conn   *duckdblib.Conn
	// planner is a second connection whose EXPLAIN shows the optimizer's plan:
	// the physical one, which clients see, has no figures for many joins.
	planner *duckdblib.Conn
	// plain is for queries without ORDER BY. For those DuckDB would look up the
	// rows of a LIMIT in two steps, which takes longer than one where the limit is
	// as small as ours are.
	plain *duckdblib.Conn
	// kept and keptPlain are the statements of conn and of plain.
	kept, keptPlain *statements
}

// route gives the connection for a statement, by its text: another choice would
// only be slower.
func (d *database) route(sql string) (*duckdblib.Conn, *statements) {
	if strings.Contains(sql, "ORDER BY") {
		return d.conn, d.kept
	}
	return d.plain, d.keptPlain
}

func (d *database) close() {
	for _, kept := range []*statements{d.kept, d.keptPlain} {
		if kept != nil {
			kept.close()
		}
	}
	if d.plain != nil {
		d.plain.Close()
	}
	if d.planner != nil {
		d.planner.Close()
	}
	d.conn.Close()
	d.handle.Close()
}

// settings is the configuration under which a source is opened.
func (s setup) settings() map[string]string {
	return map[string]string{
		"access_mode":                  "READ_ONLY",
		"allow_community_extensions":   "false",
		"allow_persistent_secrets":     "false",
		"allow_unsigned_extensions":    "false",
		"autoinstall_known_extensions": "false",
		"autoload_known_extensions":    "false",
		"memory_limit":                 strconv.FormatInt(s.Memory, 10) + "B",
		"threads":                      strconv.Itoa(s.Threads),
		"temp_directory":               s.Temp,
		"max_temp_directory_size":      strconv.FormatInt(s.TempSize, 10) + "B",
	}
}

// open opens the source, shows its files as tables, and locks everything
// behind it: after this nothing outside Paths can be read and no setting can
// be changed.
func open(s setup) (*database, ready, error) {
	if err := os.MkdirAll(s.Temp, 0o700); err != nil {
		return nil, ready{}, err
	}
	handle, err := duckdblib.Open(s.Database, s.settings())
	if err != nil {
		return nil, ready{}, err
	}
	d := &database{handle: handle}
	if d.conn, err = handle.Connect(); err != nil {
		handle.Close()
		return nil, ready{}, err
	}
	d.kept = newStatements(d.conn)
	answer, err := d.prepare(s)
	if err != nil {
		d.close()
		return nil, ready{}, err
	}
	return d, answer, nil
}

func (d *database) prepare(s setup) (ready, error) {
	if err := showFiles(d.conn, s); err != nil {
		return ready{}, err
	}
	answer, err := d.readCatalog(s)
	if err == nil {
		err = d.openOthers(s)
	}
	if err != nil {
		return ready{}, err
	}
	locks := []string{setZone, keepMetadata, prefetch, "SET enable_external_access = false", "SET lock_configuration = true"}
	if len(s.Paths) > 0 {
		paths := make([]string, len(s.Paths))
		for i, p := range s.Paths {
			paths[i] = quoteText(p)
		}
		// Not where a file may hold macros: the list is a call of list_value.
		locks = append([]string{"SET allowed_paths = [" + strings.Join(paths, ", ") + "]"}, locks...)
	}
	for _, lock := range locks {
		if err := d.conn.Exec(lock); err != nil {
			return ready{}, err
		}
	}
	return answer, d.verifyLocked()
}

// keepMetadata keeps what stands at the ends of Parquet files: reading it anew
// would take longer than many a query. A file that has changed is read again.
const keepMetadata = "SET parquet_metadata_cache = true"

// prefetch reads the columns of Parquet files in large pieces. Otherwise that is
// only done where files are far away, and near ones are read by the byte.
const prefetch = "SET prefetch_all_parquet_files = true"

// setZone is for each connection.
const setZone = "SET TimeZone = 'UTC'"

// showFiles shows files as tables to one connection: temporary views, because
// the database itself is read-only.
func showFiles(conn *duckdblib.Conn, s setup) error {
	for _, v := range s.Tables {
		if err := conn.Exec(fmt.Sprintf("CREATE TEMP VIEW %s AS SELECT * FROM read_parquet(%s)", quoteName(v.Name), quoteText(v.Path))); err != nil {
			return fmt.Errorf("%s: %w", v.Path, err)
		}
	}
	return nil
}

// openOthers makes the connection that only plans and the one for queries
// without ORDER BY, while settings can still be changed. These are of the
// connection, not of the database.
func (d *database) openOthers(s setup) (err error) {
	if d.planner, err = d.openOther(s, "SET explain_output = 'optimized_only'"); err != nil {
		return err
	}
	if d.plain, err = d.openOther(s, fmt.Sprintf("SET late_materialization_max_rows = %d", int64(1)<<40)); err != nil {
		return err
	}
	d.keptPlain = newStatements(d.plain)
	return nil
}

func (d *database) openOther(s setup, setting string) (*duckdblib.Conn, error) {
	conn, err := d.handle.Connect()
	if err != nil {
		return nil, err
	}
	err = showFiles(conn, s)
	for _, sql := range []string{setZone, setting} {
		if err == nil {
			err = conn.Exec(sql)
		}
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// verifyLocked tries what must not be possible any more.
func (d *database) verifyLocked() error {
	for _, forbidden := range []string{
		"SET threads = 1",
		"SELECT * FROM read_text('/etc/hostname')",
		"ATTACH ':memory:' AS other",
		"CREATE TABLE probe (i INTEGER)",
	} {
		if d.conn.Exec(forbidden) == nil {
			return errors.New("duckdb: the source is open but not locked: " + forbidden)
		}
	}
	return nil
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func quoteText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

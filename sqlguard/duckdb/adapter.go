package duckdb

import (
	"context"
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// Adapter is the guard's way to DuckDB's parser. Open makes one; it is safe
// for concurrent use.
type Adapter struct{ parser *parser }

var _ dialect.Adapter = (*Adapter)(nil)

// Open starts the parser. The caller closes it after the guards that use it.
func Open() (*Adapter, error) {
	p, err := openParser()
	if err != nil {
		return nil, err
	}
	return &Adapter{parser: p}, nil
}

// Close ends the parser; no guard may use it any more.
func (a *Adapter) Close() error { return a.parser.close() }

// Name is "duckdb".
func (a *Adapter) Name() string { return "duckdb" }

// Parse parses and lowers one statement. EXPLAIN is split off here because
// DuckDB serialises nothing but SELECT.
func (a *Adapter) Parse(ctx context.Context, sql string) (*tree.Statement, error) {
	rest, explain := cutWord(sql, "EXPLAIN")
	s, err := a.parser.parse(ctx, rest)
	if err != nil {
		return nil, err
	}
	if explain {
		if s.Kind != tree.KindQuery {
			return nil, dialect.ErrNotQuery
		}
		s.Kind = tree.KindExplain
	}
	return s, nil
}

// cutWord removes the word that begins sql.
func cutWord(sql, word string) (rest string, found bool) {
	sql = strings.TrimLeft(sql, " \t\r\n")
	if len(sql) <= len(word) || !fold.Same(sql[:len(word)], word) || !strings.ContainsRune(" \t\r\n(", rune(sql[len(word)])) {
		return sql, false
	}
	return sql[len(word):], true
}

// Render writes the statement as DuckDB SQL.
func (a *Adapter) Render(s *tree.Statement, literals bool) (string, error) {
	return render(s, literals)
}

// Fold knows that names differ in more than the case of ASCII letters.
func (a *Adapter) Fold(name string) string { return fold.Narrow(name) }

// DefaultSchema is "main".
func (a *Adapter) DefaultSchema() string { return "main" }

// systemSchemas hold catalogs and nothing else.
var systemSchemas = map[string]bool{"information_schema": true, "pg_catalog": true}

// SystemTable knows DuckDB's catalogs, its functions that look like tables,
// and those it keeps for compatibility with SQLite and PostgreSQL.
func (a *Adapter) SystemTable(catalog, schema, name string) bool {
	catalog, schema, name = fold.Wide(catalog), fold.Wide(schema), fold.Wide(name)
	return systemSchemas[schema] || systemSchemas[catalog] || catalog == "system" || schema == "system" || catalog == "temp" || schema == "temp" ||
		strings.HasPrefix(name, "duckdb_") || strings.HasPrefix(name, "pg_") || strings.HasPrefix(name, "pragma_") ||
		strings.HasPrefix(name, "sqlite_") || strings.HasPrefix(name, "__")
}

// FileTable knows what DuckDB's replacement scans would open: anything with a
// path, an extension, a pattern or a scheme in it, and a qualified name whose
// last part is an extension, because the scans see it with its dots.
func (a *Adapter) FileTable(catalog, schema, name string) bool {
	for _, part := range []string{catalog, schema, name} {
		if strings.ContainsAny(part, `./\*?:[]{}~`) {
			return true
		}
	}
	return schema != "" && fileExtensions[fold.Wide(name)]
}

// fileExtensions are the endings by which DuckDB 1.5 and its extensions choose
// a reader, and those of compressed files.
var fileExtensions = map[string]bool{
	"csv": true, "tsv": true, "txt": true, "parquet": true, "json": true, "jsonl": true, "ndjson": true,
	"duckdb": true, "db": true, "ddb": true, "sqlite": true, "xlsx": true, "arrow": true, "arrows": true, "ipc": true,
	"avro": true, "vortex": true, "shp": true, "gpkg": true, "fgb": true, "gz": true, "zst": true,
}

// HiddenColumn knows the SQL value functions that the grammar reads as
// columns. The time and the constant "user" are not among them.
func (a *Adapter) HiddenColumn(name string) bool {
	switch fold.Wide(name) {
	case "current_catalog", "current_database", "current_schema", "current_role", "current_user", "session_user":
		return true
	default:
		return false
	}
}

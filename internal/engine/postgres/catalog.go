package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

// holdings are what a database holds for its role.
type holdings struct {
	catalog engine.Catalog
	// definitions are those of views, and of the views that they use.
	definitions map[string][]string
	// text are the tables that have columns without a binary format here.
	text map[string]bool
	// warnings name what is not served and could be expected to be.
	warnings []string
}

func (h *holdings) hasText(tables []string) bool {
	if len(h.text) == 0 {
		return false
	}
	for _, t := range tables {
		if h.text[strings.ToLower(t)] {
			return true
		}
	}
	return false
}

// Tables, views, materialised views and partitioned tables that the role may
// read. Partitions are read through their table. Foreign tables are left out:
// what happens on another server is under no limit of this one.
const tablesSQL = `SELECT c.oid, n.nspname, c.relname, c.relkind, coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), ''),
	CASE WHEN c.relkind = 'v' THEN -1 ELSE c.reltuples::bigint END
	FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = ANY ($1::pg_catalog.text[]) AND c.relkind IN ('r', 'v', 'm', 'p') AND NOT c.relispartition
	AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
	AND (pg_catalog.has_table_privilege(c.oid, 'SELECT') OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT'))
	ORDER BY n.nspname, c.relname`

const columnsSQL = `SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
	coalesce(pg_catalog.col_description(a.attrelid, a.attnum), ''), a.atttypid
	FROM pg_catalog.pg_attribute a
	WHERE a.attrelid = ANY ($1::pg_catalog.oid[]) AND a.attnum > 0 AND NOT a.attisdropped
	AND pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT')
	ORDER BY a.attrelid, a.attnum`

// Functions and operators that are no part of the system and of no extension.
// They can go before built-in ones by having the very types of a call, even
// from a later schema of the search path.
const macrosSQL = `SELECT DISTINCT pg_catalog.lower(p.proname) FROM pg_catalog.pg_proc p WHERE p.oid >= 16384 AND NOT EXISTS
		(SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e')
	UNION SELECT DISTINCT o.oprname FROM pg_catalog.pg_operator o WHERE o.oid >= 16384 AND NOT EXISTS
		(SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND d.objid = o.oid AND d.deptype = 'e')
	ORDER BY 1`

func readHoldings(ctx context.Context, c *conn, config Config, ts *types) (holdings, error) {
	h := holdings{definitions: map[string][]string{}, text: map[string]bool{}}
	rows, err := c.texts(ctx, tablesSQL, arrayText(config.Schemas))
	if err != nil {
		return h, err
	}
	oids := make([]string, len(rows))
	for i, row := range rows {
		oids[i] = row[0]
	}
	behind, err := readBehind(ctx, c, oids)
	if err != nil {
		return h, err
	}
	served, err := h.takeTables(rows, behind)
	if err != nil {
		return h, err
	}
	if err := h.readColumns(ctx, c, oids, served, ts); err != nil {
		return h, err
	}
	if rows, err = c.texts(ctx, macrosSQL); err != nil {
		return h, err
	}
	for _, row := range rows {
		h.catalog.Macros = append(h.catalog.Macros, row[0])
	}
	return h, nil
}

// defaultSchema is the schema of names that have none.
const defaultSchema = "public"

// tableName is the name by which a table is asked for; ok is whether it can be
// told apart from all others in queries and policies, where it is one text.
func tableName(schema, name string) (full string, ok bool) {
	ok = !strings.ContainsAny(schema+name, `."`)
	if schema == defaultSchema {
		return name, ok
	}
	return schema + "." + name, ok
}

// takeTables takes over what tablesSQL gave. It returns where in the catalog
// the tables are, by their numbers.
func (h *holdings) takeTables(rows [][]string, behind map[string]*relationsBehind) (map[string]int, error) {
	served := map[string]int{}
	for _, row := range rows {
		t := engine.Table{Comment: row[4], View: row[3] == "v"}
		var ok bool
		if t.Name, ok = tableName(row[1], row[2]); !ok {
			h.withhold(row, "there is a dot or a quotation mark in its name")
			continue
		}
		var err error
		if t.Rows, err = strconv.ParseInt(row[5], 10, 64); err != nil {
			return nil, err
		}
		if b := behind[row[0]]; b != nil {
			if b.foreign != "" {
				h.withhold(row, "reading it reads the foreign table "+b.foreign+", for which no limit of this server holds")
				continue
			}
			h.definitions[t.Name] = b.definitions
		}
		served[row[0]] = len(h.catalog.Tables)
		h.catalog.Tables = append(h.catalog.Tables, t)
	}
	return served, nil
}

func (h *holdings) withhold(row []string, reason string) {
	h.warnings = append(h.warnings, "not served: "+quoteName(row[1])+"."+quoteName(row[2])+": "+reason)
}

// readColumns adds the columns to the tables that are served.
func (h *holdings) readColumns(ctx context.Context, c *conn, oids []string, served map[string]int, ts *types) error {
	rows, err := c.texts(ctx, columnsSQL, "{"+strings.Join(oids, ",")+"}")
	if err != nil {
		return err
	}
	for _, row := range rows {
		at, ok := served[row[0]]
		if !ok {
			continue
		}
		t := &h.catalog.Tables[at]
		t.Columns = append(t.Columns, engine.Column{Name: row[1], Type: row[2], Nullable: row[3] != "t", Comment: row[4]})
		oid, err := strconv.ParseUint(row[5], 10, 32)
		if err != nil {
			return fmt.Errorf("postgres: the number of a type: %w", err)
		}
		if ts.decoder(uint32(oid), -1) == nil {
			h.text[strings.ToLower(t.Name)] = true
		}
	}
	return nil
}

// arrayText writes an array of texts as the server reads it.
func arrayText(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
	}
	return "{" + strings.Join(quoted, ",") + "}"
}

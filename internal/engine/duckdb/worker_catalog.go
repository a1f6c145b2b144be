package duckdb

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

// readCatalog lists tables, views and macros before external access ends.
//
// Every function is written with the system's schema before it, because a
// macro in the file may have the name of any of them and would be called
// instead: a file could so hide what it holds, its macros first of all. What
// the file calls internal or temporary is listed too: that is for it to say,
// and whatever is not listed is not judged.
func (d *database) readCatalog(s setup) (ready, error) {
	answer := ready{Definitions: map[string]string{}}
	var err error
	if answer.Catalog.Macros, err = d.macros(); err != nil {
		return answer, err
	}
	tables, err := d.texts(`
		SELECT schema_name, table_name, coalesce(comment, ''), estimated_size::VARCHAR, 'table', coalesce(sql, ''), database_name
		FROM system.main.duckdb_tables() WHERE database_name NOT IN ('system', 'temp')
		UNION ALL
		SELECT schema_name, view_name, coalesce(comment, ''), '-1', 'view', coalesce(sql, ''), database_name
		FROM system.main.duckdb_views() WHERE database_name NOT IN ('system', 'temp')
		ORDER BY 1, 2`)
	if err != nil {
		return answer, err
	}
	for _, row := range tables {
		schema, name, sql := row[0], row[1], row[5]
		if err := refuseMisleading(row[6], schema, name); err != nil {
			return answer, err
		}
		t := engine.Table{Name: fullName(schema, name), Comment: row[2], View: row[4] == "view"}
		if t.Rows, err = strconv.ParseInt(row[3], 10, 64); err != nil {
			return answer, err
		}
		var defaults []expression
		if t.Columns, defaults, err = d.columns(schema, name, false); err != nil {
			return answer, err
		}
		if t.View {
			answer.Definitions[t.Name] = sql
		} else if text := computed(sql, defaults); text != "" {
			answer.Definitions[t.Name] = text
		}
		answer.Catalog.Tables = append(answer.Catalog.Tables, t)
	}
	for _, v := range s.Tables {
		t := engine.Table{Name: v.Name}
		rows, err := d.texts("SELECT coalesce(system.main.sum(num_rows), 0)::BIGINT::VARCHAR FROM system.main.parquet_file_metadata(" + quoteText(v.Path) + ")")
		if err != nil {
			return answer, err
		}
		if t.Rows, err = strconv.ParseInt(rows[0][0], 10, 64); err != nil {
			return answer, err
		}
		if t.Columns, _, err = d.columns(mainSchema, v.Name, true); err != nil {
			return answer, err
		}
		answer.Catalog.Tables = append(answer.Catalog.Tables, t)
	}
	return answer, nil
}

// mainSchema goes without saying.
const mainSchema = "main"

func fullName(schema, name string) string {
	if schema == mainSchema {
		return name
	}
	return schema + "." + name
}

// macros are the functions that the file defines.
func (d *database) macros() ([]string, error) {
	rows, err := d.texts("SELECT DISTINCT function_name FROM system.main.duckdb_functions() WHERE database_name NOT IN ('system', 'temp')")
	if err != nil {
		return nil, err
	}
	var names, lower []string
	for _, row := range rows {
		names, lower = append(names, row[0]), append(lower, strings.ToLower(row[0]))
	}
	return names, refuseImplicit(lower)
}

// columns are those of a table, and what their values are without one stored.
func (d *database) columns(schema, table string, temporary bool) ([]engine.Column, []expression, error) {
	database := "NOT IN ('system', 'temp')"
	if temporary {
		database = "= 'temp'"
	}
	rows, err := d.texts(fmt.Sprintf(`
		SELECT column_name, data_type, is_nullable::VARCHAR, coalesce(comment, ''), coalesce(column_default, '')
		FROM system.main.duckdb_columns() WHERE database_name %s AND schema_name = %s AND table_name = %s
		ORDER BY column_index`, database, quoteText(schema), quoteText(table)))
	if err != nil {
		return nil, nil, err
	}
	list := make([]engine.Column, len(rows))
	var defaults []expression
	for i, row := range rows {
		list[i] = engine.Column{Name: row[0], Type: row[1], Nullable: row[2] == "true", Comment: row[3]}
		if row[4] != "" {
			defaults = append(defaults, expression{column: row[0], typ: row[1], text: row[4]})
		}
	}
	return list, defaults, nil
}

// texts runs a query of our own whose columns are all VARCHAR.
func (d *database) texts(sql string) ([][]string, error) {
	stmt, err := d.conn.Prepare(sql)
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
		n := chunk.Rows()
		first := len(rows)
		for range n {
			rows = append(rows, make([]string, result.NumColumns()))
		}
		for c := range result.NumColumns() {
			for r, text := range chunk.Vector(c).Texts(n) {
				rows[first+r][c] = string(text.Bytes())
			}
		}
		chunk.Close()
	}
}

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
// instead: a file could so hide what it holds, its macros first of all.
func (d *database) readCatalog(s setup) (ready, error) {
	answer := ready{Definitions: map[string]string{}}
	macros, err := d.texts("SELECT DISTINCT function_name FROM system.main.duckdb_functions() WHERE NOT internal")
	if err != nil {
		return answer, err
	}
	for _, m := range macros {
		answer.Catalog.Macros = append(answer.Catalog.Macros, strings.ToLower(m[0]))
	}
	if err := refuseImplicit(answer.Catalog.Macros); err != nil {
		return answer, err
	}
	tables, err := d.texts(`
		SELECT schema_name, table_name, coalesce(comment, ''), estimated_size::VARCHAR, ''
		FROM system.main.duckdb_tables() WHERE NOT internal
		UNION ALL
		SELECT schema_name, view_name, coalesce(comment, ''), '-1', sql
		FROM system.main.duckdb_views() WHERE NOT internal AND NOT temporary
		ORDER BY 1, 2`)
	if err != nil {
		return answer, err
	}
	for _, row := range tables {
		t := engine.Table{Name: fullName(row[0], row[1]), Comment: row[2], View: row[4] != ""}
		if t.Rows, err = strconv.ParseInt(row[3], 10, 64); err != nil {
			return answer, err
		}
		if t.View {
			answer.Definitions[t.Name] = row[4]
		}
		if t.Columns, err = d.columns(row[0], row[1], false); err != nil {
			return answer, err
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
		if t.Columns, err = d.columns("main", v.Name, true); err != nil {
			return answer, err
		}
		answer.Catalog.Tables = append(answer.Catalog.Tables, t)
	}
	return answer, nil
}

func fullName(schema, name string) string {
	if schema == "main" {
		return name
	}
	return schema + "." + name
}

func (d *database) columns(schema, table string, temporary bool) ([]engine.Column, error) {
	database := "<> 'temp'"
	if temporary {
		database = "= 'temp'"
	}
	rows, err := d.texts(fmt.Sprintf(`
		SELECT column_name, data_type, is_nullable::VARCHAR, coalesce(comment, '')
		FROM system.main.duckdb_columns() WHERE NOT internal AND database_name %s AND schema_name = %s AND table_name = %s
		ORDER BY column_index`, database, quoteText(schema), quoteText(table)))
	if err != nil {
		return nil, err
	}
	list := make([]engine.Column, len(rows))
	for i, row := range rows {
		list[i] = engine.Column{Name: row[0], Type: row[1], Nullable: row[2] == "true", Comment: row[3]}
	}
	return list, nil
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

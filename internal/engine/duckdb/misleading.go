package duckdb

import (
	"fmt"
	"strings"
)

// refuseMisleading refuses a table whose full name begins like that of a
// database or of a system's schema, but for other reasons: because of a dot in
// a name. Allowed under its name, it would let queries read what the name says
// to DuckDB: information_schema.tables is not the table
// "information_schema.tables", nor is file.t the table "file.t" of file.duckdb.
func refuseMisleading(database, schema, name string) error {
	full := strings.ToLower(fullName(schema, name))
	for _, reserved := range []string{database, "main", "system", "temp", "information_schema", "pg_catalog"} {
		// A schema of that name is what it says, or ambiguous to DuckDB.
		if strings.HasPrefix(full, strings.ToLower(reserved)+".") && (schema == mainSchema || !strings.EqualFold(schema, reserved)) {
			return fmt.Errorf("the name of the table or view %q reads like one of %s: rename it", fullName(schema, name), reserved)
		}
	}
	return nil
}

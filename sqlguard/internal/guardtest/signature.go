package guardtest

import (
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/sqlgen"
)

// separator stands between the fields of what an engine's catalog answers.
const separator = "\x1f"

// Catalog is what a source holds, by rows of a table's name and a column's.
func Catalog(rows, views, macros []string) *sqlguard.Catalog {
	c := &sqlguard.Catalog{Columns: map[string][]string{}, Views: views, Macros: macros}
	for _, row := range rows {
		table, column, _ := strings.Cut(row, separator)
		if c.Columns[table] == nil {
			c.Tables = append(c.Tables, table)
		}
		c.Columns[table] = append(c.Columns[table], column)
	}
	return c
}

// kinds are how catalogs name them.
var kinds = map[string]sqlgen.Kind{"scalar": sqlgen.Scalar, "aggregate": sqlgen.Aggregate, "window": sqlgen.Window}

// Functions are the signatures that an adapter's list allows, of rows of name,
// kind, arguments separated by commas, and result. Those with a type that is
// not among types are left out; generic types stand for several, one after the
// other.
func Functions(a dialect.Adapter, rows []string, types map[string]sqlgen.Type, generic map[string]bool) []sqlgen.Function {
	var list []sqlgen.Function
	for _, row := range rows {
		fields := strings.Split(row, separator)
		if len(fields) != 4 {
			continue
		}
		if verdict, judged := a.Function(fields[0]); !judged || !verdict.Allowed {
			continue
		}
		var args []string
		if fields[2] != "" {
			args = strings.Split(fields[2], ",")
		}
		for _, stand := range []sqlgen.Type{sqlgen.Int, sqlgen.Text, sqlgen.Date} {
			f, fits, varies := signature(args, fields[3], types, generic, stand)
			f.Name, f.Kind = fields[0], kinds[fields[1]]
			if fits {
				list = append(list, f)
			}
			if !varies {
				break
			}
		}
	}
	return list
}

func signature(args []string, result string, types map[string]sqlgen.Type, generic map[string]bool, stand sqlgen.Type) (f sqlgen.Function, fits, varies bool) {
	fits = true
	one := func(name string) sqlgen.Type {
		name = strings.TrimSpace(name)
		t, known := types[name]
		if generic[name] {
			varies, known, t = true, true, stand
			if strings.HasSuffix(name, "[]") || strings.HasSuffix(name, "array") {
				t = map[sqlgen.Type]sqlgen.Type{sqlgen.Int: sqlgen.Ints, sqlgen.Text: sqlgen.Texts}[stand]
				known = stand != sqlgen.Date
			}
		}
		fits = fits && known
		return t
	}
	for _, a := range args {
		f.Args = append(f.Args, one(a))
	}
	f.Result = one(result)
	return f, fits, varies
}

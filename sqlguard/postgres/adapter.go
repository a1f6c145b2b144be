package postgres

import (
	"context"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
	"github.com/sallyport-dev/sallyport/sqlguard/postgres/functions"
)

// Adapter is the guard's way to PostgreSQL's parser. Open makes one; it is
// safe for concurrent use.
type Adapter struct {
	// documents keeps the memory of parse trees between statements.
	documents fastjson.ParserPool
}

var _ dialect.Adapter = (*Adapter)(nil)

// Open makes an adapter. It starts nothing: the parser has no state.
func Open() (*Adapter, error) {
	if err := functions.Load(); err != nil {
		return nil, err
	}
	return &Adapter{}, nil
}

// Close has nothing to free.
func (a *Adapter) Close() error { return nil }

// Name is "postgres".
func (a *Adapter) Name() string { return "postgres" }

// Parse parses and lowers one statement. The parser is C and is not
// interrupted: the guard's caps on the text keep it short.
func (a *Adapter) Parse(ctx context.Context, sql string) (*tree.Statement, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	text, err := parse(sql)
	if err != nil {
		return nil, err
	}
	parser := a.documents.Get()
	defer a.documents.Put(parser)
	document, err := parser.Parse(text)
	if err != nil {
		if nesting(text) > fastjson.MaxDepth {
			return nil, dialect.ErrTooDeep
		}
		return nil, err
	}
	return lower(document)
}

// Render writes the statement as PostgreSQL's SQL.
func (a *Adapter) Render(s *tree.Statement, literals bool) (string, error) {
	return render(s, literals)
}

// Function judges by the reviewed list.
func (a *Adapter) Function(name string) (dialect.Function, bool) {
	v, judged := functions.Judge(name)
	if !judged {
		return dialect.Function{}, false
	}
	return dialect.Function{
		Allowed: v.Allowed, Rule: v.Rule, Aggregate: v.Aggregate, Gathering: v.Gathering,
		Growing: v.Growing, Factor: v.Factor, Multiplying: v.Multiplying, Pattern: v.Pattern, Linear: linear[name],
	}, true
}

// linear are LIKE and ILIKE: where a piece between two wildcards is not found in
// the rest of a text, no earlier wildcard is tried again.
var linear = map[string]bool{"~~": true, "!~~": true, "~~*": true, "!~~*": true}

// Fold changes nothing: the parser has folded what was not quoted, and "Users"
// is not users.
func (a *Adapter) Fold(name string) string { return name }

// DefaultSchema is "public".
func (a *Adapter) DefaultSchema() string { return defaultSchema }

// LateralAliases is false: beside an alias, and in WHERE and HAVING, its name is
// the column of a source.
func (a *Adapter) LateralAliases() bool { return false }

// SystemTable knows the schemas that PostgreSQL keeps for itself, and its
// prefix. Lowering refuses these too, whatever a catalog says.
func (a *Adapter) SystemTable(_, schema, name string) bool { return systemRelation(schema, name) }

func systemRelation(schema, name string) bool {
	schema = fold.Wide(schema)
	return schema == "information_schema" || strings.HasPrefix(schema, "pg_") || strings.HasPrefix(fold.Wide(name), "pg_")
}

// FileTable is always false: no relation of PostgreSQL is a file by its name.
func (a *Adapter) FileTable(_, _, _ string) bool { return false }

// HiddenColumn knows the columns that every table has beside its own.
// CURRENT_USER and the like are words of the grammar, and no columns here.
func (a *Adapter) HiddenColumn(name string) bool { return systemColumns[fold.Wide(name)] }

// systemColumns tell where a row lies and which transaction wrote it.
var systemColumns = map[string]bool{
	"ctid": true, "xmin": true, "xmax": true, "cmin": true, "cmax": true, "tableoid": true,
}

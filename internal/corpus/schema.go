package corpus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// MaxSchema is the longest file of DDL, in bytes.
const MaxSchema = 8 << 20

// Table is a table or view that DDL makes.
type Table struct {
	// Name has its schema before it, unless that is public or main.
	Name string
	// Columns are nil where the DDL does not say them.
	Columns []string
	View    bool
	// AnyCase says that the DDL tells nothing about the case in which queries
	// write the names: for a dialect that tells cases apart, the names in
	// lower case are as good.
	AnyCase bool
}

// Definitions are what DDL makes.
type Definitions struct {
	Tables []Table
	Macros []string // functions
}

// Reader reads DDL of one dialect.
type Reader struct {
	Dialect string
	// Read reads statements that Split found. What it cannot read is an error
	// that names the line.
	Read func(ctx context.Context, statements []Statement) (Definitions, error)
}

// Schema is the tables of a database. Its zero has none.
type Schema struct {
	tables map[string]*Table
	names  []string // in the order in which they came
	macros []string
}

// Add reads a text of DDL with the first reader that understands it, and adds
// what it makes to the schema. A table that is there already gets the columns
// that it lacks.
func (s *Schema) Add(ctx context.Context, text string, readers ...Reader) error {
	if len(text) > MaxSchema {
		return fmt.Errorf("the file is longer than %d MiB; export it without data", MaxSchema>>20)
	}
	if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
		return errors.New("the file is no text in UTF-8")
	}
	statements, err := Split(text)
	if err != nil {
		return err
	}
	var problems []error
	for _, r := range readers {
		made, err := r.Read(ctx, statements)
		if err == nil && len(made.Tables) == 0 {
			err = errors.New("it makes no table and no view")
		}
		if err == nil {
			s.merge(made)
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		first, _, _ := strings.Cut(err.Error(), "\n") // DuckDB goes on to quote the statement
		problems = append(problems, fmt.Errorf("as %s: %s", r.Dialect, first))
	}
	return errors.Join(problems...)
}

func (s *Schema) merge(made Definitions) {
	for _, t := range made.Tables {
		s.add(t)
	}
	s.macros = append(s.macros, made.Macros...)
}

func (s *Schema) add(t Table) {
	old := s.tables[t.Name]
	if old == nil {
		if s.tables == nil {
			s.tables = map[string]*Table{}
		}
		t.Columns = slices.Clone(t.Columns)
		s.tables[t.Name], s.names = &t, append(s.names, t.Name)
		return
	}
	switch {
	case old.Columns == nil || t.Columns == nil:
		old.Columns = nil // those of one are not those of both
	default:
		old.Columns = union(old.Columns, t.Columns)
	}
	old.View, old.AnyCase = old.View || t.View, old.AnyCase || t.AnyCase
}

func union(a, b []string) []string {
	has := make(map[string]bool, len(a)+len(b))
	for _, name := range a {
		has[name] = true
	}
	for _, name := range b {
		if !has[name] {
			has[name] = true
			a = append(a, name)
		}
	}
	return a
}

// catalog is the schema as an engine of the dialect would report it.
func (s *Schema) catalog(dialect string) *sqlguard.Catalog {
	from := s
	if dialect == Postgres {
		from = s.inLowerCaseToo()
	}
	c := &sqlguard.Catalog{Columns: map[string][]string{}, Macros: slices.Clone(s.macros)}
	for _, name := range from.names {
		t := from.tables[name]
		c.Tables = append(c.Tables, name)
		if t.View {
			c.Views = append(c.Views, name)
		}
		if t.Columns != nil {
			c.Columns[name] = t.Columns
		}
	}
	return c
}

// inLowerCaseToo adds the names in the case that Postgres gives them where a
// query does not quote them.
func (s *Schema) inLowerCaseToo() *Schema {
	out := &Schema{}
	for _, name := range s.names {
		t := *s.tables[name]
		if !t.AnyCase {
			out.add(t)
			continue
		}
		if t.Columns != nil {
			lower := make([]string, len(t.Columns))
			for i, column := range t.Columns {
				lower[i] = lowerCase(column)
			}
			t.Columns = union(slices.Clone(t.Columns), lower)
		}
		out.add(t)
		if t.Name = lowerCase(name); t.Name != name {
			out.add(t)
		}
	}
	return out
}

// lowerCase folds the letters A to Z and no others, as Postgres does.
func lowerCase(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, name)
}

// FullName is the name of a table under which a Schema knows it.
func FullName(schema, name string) string {
	if schema == "" || schema == "public" || schema == "main" {
		return name
	}
	return schema + "." + name
}

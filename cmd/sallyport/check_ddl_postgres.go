package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/pganalyze/pg_query_go/v6/parser"

	"github.com/sallyport-dev/sallyport/internal/corpus"
)

// readPostgresDDL reads DDL of Postgres from the tree of its own parser;
// nothing of it is run. It is here and not in internal/corpus because only
// Postgres's adapter and commands import that parser.
func readPostgresDDL() corpus.Reader {
	return corpus.Reader{Dialect: corpus.Postgres, Read: func(ctx context.Context, statements []corpus.Statement) (corpus.Definitions, error) {
		r := ddlReader{columns: map[string][]string{}}
		for _, s := range statements {
			if err := ctx.Err(); err != nil {
				return corpus.Definitions{}, err
			}
			if err := r.read(s); err != nil {
				return corpus.Definitions{}, fmt.Errorf("line %d: %w", s.Line, err)
			}
		}
		return r.made, nil
	}}
}

type ddlReader struct {
	made    corpus.Definitions
	columns map[string][]string // of the tables before, from which others inherit
}

func (r *ddlReader) read(s corpus.Statement) error {
	switch s.Kind {
	case corpus.CreateTable, corpus.CreateView:
	case corpus.CreateTableAs:
		return errors.New("CREATE TABLE … AS: write out its columns")
	default:
		return nil
	}
	text, err := parser.ParseToJSON(s.Text)
	if err != nil {
		return err
	}
	var tree struct{ Stmts []struct{ Stmt ddlStatement } }
	if err := json.Unmarshal([]byte(text), &tree); err != nil {
		return err
	}
	for _, t := range tree.Stmts {
		r.take(t.Stmt)
	}
	return nil
}

func (r *ddlReader) take(s ddlStatement) {
	switch {
	case s.CreateStmt != nil:
		r.add(s.CreateStmt.Relation, r.tableColumns(s.CreateStmt), false)
	case s.CreateForeignTableStmt != nil:
		r.add(s.CreateForeignTableStmt.Base.Relation, r.tableColumns(&s.CreateForeignTableStmt.Base), false)
	case s.ViewStmt != nil:
		r.add(s.ViewStmt.View, viewColumns(s.ViewStmt.Aliases, s.ViewStmt.Query.SelectStmt), true)
	case s.CreateTableAsStmt != nil && s.CreateTableAsStmt.Objtype == "OBJECT_MATVIEW":
		into := s.CreateTableAsStmt.Into
		r.add(into.Rel, viewColumns(into.ColNames, s.CreateTableAsStmt.Query.SelectStmt), true)
	}
}

// add takes one relation. Who writes no schema before a name, as pg_dump
// always does, may write the DDL of another engine that folds no names.
func (r *ddlReader) add(name ddlRelation, columns []string, view bool) {
	r.columns[name.full()] = columns
	r.made.Tables = append(r.made.Tables, corpus.Table{
		Name: name.full(), Columns: columns, View: view, AnyCase: name.Schemaname == "",
	})
}

// tableColumns are a table's own and those that it takes from others, nil
// where one of these is not in the file.
func (r *ddlReader) tableColumns(s *ddlTable) []string {
	if s.OfTypename != nil {
		return nil
	}
	var columns []string
	for _, parent := range s.InhRelations {
		inherited := r.columns[parent.RangeVar.full()]
		if inherited == nil {
			return nil
		}
		columns = append(columns, inherited...)
	}
	for _, element := range s.TableElts {
		switch {
		case element.ColumnDef != nil:
			columns = append(columns, element.ColumnDef.Colname)
		case element.TableLikeClause != nil:
			copied := r.columns[element.TableLikeClause.Relation.full()]
			if copied == nil {
				return nil
			}
			columns = append(columns, copied...)
		}
	}
	seen := map[string]bool{}
	columns = slices.DeleteFunc(columns, func(name string) bool {
		again := seen[name]
		seen[name] = true
		return again // PARTITION OF and INHERITS may name a column of the parent again
	})
	if columns == nil {
		return []string{} // CREATE TABLE t () has none
	}
	return columns
}

// viewColumns are the names given to a view, or those of its SELECT; nil where
// that does not say one of them: pg_dump always does.
func viewColumns(aliases []ddlName, s *ddlSelect) []string {
	for s != nil && s.Larg != nil {
		s = s.Larg // a set operation has the names of its first SELECT
	}
	var columns []string
	if s != nil {
		for _, target := range s.TargetList {
			columns = append(columns, target.ResTarget.name())
		}
	}
	for i, alias := range aliases {
		if i < len(columns) {
			columns[i] = alias.String.Sval
		} else {
			columns = append(columns, alias.String.Sval)
		}
	}
	if slices.Contains(columns, "") {
		return nil
	}
	return columns
}

// The part of the parse tree that is read, in the names of its JSON.
type (
	ddlStatement struct {
		CreateStmt             *ddlTable
		CreateForeignTableStmt *struct{ Base ddlTable }
		ViewStmt               *struct {
			View    ddlRelation
			Aliases []ddlName
			Query   ddlQuery
		}
		CreateTableAsStmt *struct {
			Query ddlQuery
			Into  struct {
				Rel      ddlRelation
				ColNames []ddlName
			}
			Objtype string
		}
	}
	ddlTable struct {
		Relation     ddlRelation
		InhRelations []struct{ RangeVar ddlRelation }
		OfTypename   *struct{}
		TableElts    []struct {
			ColumnDef       *struct{ Colname string }
			TableLikeClause *struct{ Relation ddlRelation }
		}
	}
	ddlRelation struct{ Schemaname, Relname string }
	ddlName     struct{ String struct{ Sval string } }
	ddlQuery    struct{ SelectStmt *ddlSelect }
	ddlSelect   struct {
		TargetList []struct{ ResTarget ddlTarget }
		Larg       *ddlSelect
	}
	ddlTarget struct {
		Name string
		Val  struct {
			ColumnRef *struct{ Fields []ddlName }
		}
	}
)

func (r ddlRelation) full() string { return corpus.FullName(r.Schemaname, r.Relname) }

// name is the one that the column gets, empty where it is not plain: computed
// without a name of its own, or a star.
func (t ddlTarget) name() string {
	switch {
	case t.Name != "":
		return t.Name
	case t.Val.ColumnRef != nil && len(t.Val.ColumnRef.Fields) > 0:
		return t.Val.ColumnRef.Fields[len(t.Val.ColumnRef.Fields)-1].String.Sval
	}
	return ""
}

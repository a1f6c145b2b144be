package tree

import "fmt"

// Visitor is told of each node on the way down. Every field may be nil.
type Visitor struct {
	// Query returns false to leave out what is below it.
	Query  func(*Query) bool
	Select func(*Select)
	Source func(Source)
	Expr   func(Expr)
	// each is WalkExpr as a value, made once a walk.
	each func(Expr)
}

// Walk visits every node of the statement, parents before children, in the
// order of the text as far as the tree keeps it.
func (v *Visitor) Walk(s *Statement) { v.WalkQuery(s.Query) }

// WalkQuery visits q and everything below it.
func (v *Visitor) WalkQuery(q *Query) {
	if q == nil || v.Query != nil && !v.Query(q) {
		return
	}
	for i := range q.CTEs {
		v.WalkQuery(q.CTEs[i].Query)
	}
	v.WalkBody(q)
}

// WalkBody visits what is below q but for its CTEs.
func (v *Visitor) WalkBody(q *Query) {
	switch b := q.Body.(type) {
	case *Select:
		v.walkSelect(b)
	case *Values:
		for _, row := range b.Rows {
			v.exprs(row)
		}
	case *SetOp:
		v.WalkQuery(b.Left)
		v.WalkQuery(b.Right)
	default:
		panic(fmt.Sprintf("tree: unknown body %T", b))
	}
	if q.Distinct != nil {
		v.exprs(q.Distinct.On)
	}
	for i := range q.OrderBy {
		v.WalkExpr(q.OrderBy[i].Expr)
	}
	v.WalkExpr(q.Limit)
	v.WalkExpr(q.Offset)
}

func (v *Visitor) walkSelect(s *Select) {
	if v.Select != nil {
		v.Select(s)
	}
	v.exprs(s.Items)
	v.WalkSource(s.From)
	v.WalkExpr(s.Where)
	v.exprs(s.Groups.Exprs)
	v.WalkExpr(s.Having)
	v.WalkExpr(s.Qualify)
}

// WalkSource visits a source and everything below it.
func (v *Visitor) WalkSource(s Source) {
	if s == nil {
		return
	}
	if v.Source != nil {
		v.Source(s)
	}
	switch s := s.(type) {
	case *Table:
	case *Subquery:
		v.WalkQuery(s.Query)
	case *TableFunction:
		v.WalkExpr(s.Call)
	case *Join:
		v.WalkSource(s.Left)
		v.WalkSource(s.Right)
		v.WalkExpr(s.On)
	default:
		panic(fmt.Sprintf("tree: unknown source %T", s))
	}
}

// WalkExpr visits an expression and everything below it.
func (v *Visitor) WalkExpr(e Expr) {
	if e == nil {
		return
	}
	if v.Expr != nil {
		v.Expr(e)
	}
	switch e.(type) {
	case *Column, *Literal, *Param: // most of them all, and nothing is below
		return
	}
	if v.each == nil {
		v.each = v.WalkExpr
	}
	EachChild(e, v.each)
	if s, ok := e.(*SubqueryExpr); ok {
		v.WalkQuery(s.Query)
	}
}

func (v *Visitor) exprs(list []Expr) {
	for _, e := range list {
		v.WalkExpr(e)
	}
}

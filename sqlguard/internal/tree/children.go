package tree

import "fmt"

// EachChild visits the expressions directly below one, without entering
// queries.
func EachChild(e Expr, visit func(Expr)) {
	switch e := e.(type) {
	case *Column, *Literal, *Param:
	case *Aliased:
		visit(e.Expr)
	case *Star:
		for i := range e.Replace {
			visit(e.Replace[i].Expr)
		}
	case *Call:
		eachOfCall(e, visit)
	case *Window:
		// The call itself is part of the window, not a second call.
		eachOfCall(&e.Call, visit)
		each(e.Partition, visit)
		eachOrder(e.Order, visit)
		optional(e.Start.Offset, visit)
		optional(e.End.Offset, visit)
	case *Compare:
		visit(e.Left)
		visit(e.Right)
	case *Logic:
		each(e.Args, visit)
	case *Op:
		each(e.Args, visit)
	case *Between:
		visit(e.Expr)
		visit(e.Lower)
		visit(e.Upper)
	case *Case:
		for i := range e.Whens {
			visit(e.Whens[i].Cond)
			visit(e.Whens[i].Then)
		}
		optional(e.Else, visit)
	case *Cast:
		visit(e.Expr)
	case *Collate:
		visit(e.Expr)
	case *SubqueryExpr:
		optional(e.Child, visit)
	case *Lambda:
		visit(e.Body)
	default:
		panic(fmt.Sprintf("tree: unknown expression %T", e))
	}
}

func eachOfCall(c *Call, visit func(Expr)) {
	for i := range c.Args {
		visit(c.Args[i].Expr)
	}
	optional(c.Filter, visit)
	eachOrder(c.OrderBy, visit)
}

func each(list []Expr, visit func(Expr)) {
	for _, e := range list {
		visit(e)
	}
}

func eachOrder(list []Order, visit func(Expr)) {
	for i := range list {
		visit(list[i].Expr)
	}
}

func optional(e Expr, visit func(Expr)) {
	if e != nil {
		visit(e)
	}
}

package sqlguard

import (
	"slices"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// size is how large an expression is. What is too long is so wherever it
// stands, even if the value of the whole is a mere number.
func (n *names) size(e tree.Expr) size {
	s := n.sizeOf(e)
	if n.err == nil && s.copies > maxCopies {
		n.err = refusef(RuleDepth, "values %d times as long as what is stored", s.copies)
	}
	return s
}

func (n *names) sizeOf(e tree.Expr) size {
	switch e := e.(type) {
	case *tree.Column:
		return n.column(e.Path)
	case *tree.Literal, *tree.Param:
		return stored
	case *tree.SubqueryExpr:
		before := n.total
		s := size{copies: n.query(e.Query, n).largest.copies}
		s.nodes = clamp(1 + n.total - before)
		if e.Child != nil {
			s.nodes = clamp(s.nodes + n.size(e.Child).nodes)
		}
		return s
	case *tree.Call:
		return n.call(e)
	case *tree.Case:
		return n.branches(e)
	case *tree.Cast:
		return n.cast(e)
	default:
		s := n.parts(e)
		if isTruth(e) {
			s.copies = 1
		}
		return s
	}
}

// truths are the operators that yield true or false, or a number of bits.
var truths = []tree.OpKind{tree.OpNot, tree.OpIsNull, tree.OpIsNotNull, tree.OpIn, tree.OpNotIn, tree.OpGrouping}

// isTruth reports whether an expression yields true or false, however long
// what it looks at.
func isTruth(e tree.Expr) bool {
	switch e := e.(type) {
	case *tree.Compare, *tree.Logic, *tree.Between:
		return true
	case *tree.Op:
		return slices.Contains(truths, e.Kind)
	default:
		return false
	}
}

func (n *names) call(c *tree.Call) size {
	s := n.parts(c)
	f := n.function(c)
	s.nodes = clamp(s.nodes * max(f.Copies, 1))
	switch {
	case !f.Growing:
	case f.Factor > 0:
		// Literals are as long as the statement at most.
		literals := 0
		for _, arg := range c.Args {
			if _, literal := arg.Expr.(*tree.Literal); literal {
				literals++
			}
		}
		s.copies = clamp(literals + f.Factor*max(s.copies-literals, 0))
	default:
		s.copies = clamp(s.copies * factor(c))
	}
	if f.Multiplying && n.unfixed == nil && !n.isShort(c) {
		n.unfixed = refusef(RuleFunction, "replacement or separator of %q that the query does not fix", c.Name)
	}
	s.copies = max(s.copies, 1)
	return s
}

// isShort reports whether the last argument, which a multiplying function
// writes once for each match or element, is fixed by the query's text.
func (n *names) isShort(c *tree.Call) bool {
	return len(c.Args) < 2 || n.isFixed(c.Args[len(c.Args)-1].Expr)
}

// isFixed recognises literals and plain functions of them, such as chr(10).
func (n *names) isFixed(e tree.Expr) bool {
	switch e := e.(type) {
	case *tree.Literal:
		return true
	case *tree.Call:
		return !n.function(e).Growing && !slices.ContainsFunc(e.Args, func(a tree.Arg) bool { return !n.isFixed(a.Expr) })
	default:
		return false
	}
}

// cast measures a cast: it writes values in other words, as the type says.
func (n *names) cast(c *tree.Cast) size {
	s := n.size(c.Expr)
	s.nodes = clamp(s.nodes + c.Type.Elements())
	switch {
	case n.isFixedSize(&c.Type):
		s.copies = 1
	case !n.isPlainText(c):
		s.copies = clamp(s.copies * n.growthOf(&c.Type))
	}
	return s
}

// growthOf is the largest growth of a type and those nested in it.
func (n *names) growthOf(t *tree.Type) int {
	growth := max(n.adapter.Type(t).Growth, 1)
	if t.Elem != nil {
		growth = max(growth, n.growthOf(t.Elem))
	}
	for i := range t.Fields {
		growth = max(growth, n.growthOf(&t.Fields[i].Type))
	}
	return growth
}

// isFixedSize reports whether every value of a type has the same few bytes.
func (n *names) isFixedSize(t *tree.Type) bool {
	return t.Elem == nil && len(t.Fields) == 0 && n.growthOf(t) == 1
}

func (n *names) isText(t *tree.Type) bool { return t.Elem == nil && n.adapter.Type(t).Text }

// isPlainText reports whether a cast to text or JSON takes over what it is
// given: a literal, a number, a truth value, or text and JSON one for another.
func (n *names) isPlainText(c *tree.Cast) bool {
	if !n.isText(&c.Type) {
		return false
	}
	switch e := c.Expr.(type) {
	case *tree.Literal:
		return true
	case *tree.Cast:
		return n.isFixedSize(&e.Type) || n.isText(&e.Type)
	default:
		return isTruth(c.Expr)
	}
}

// parts adds up what is directly below an expression.
func (n *names) parts(e tree.Expr) size {
	total := size{nodes: 1}
	tree.EachChild(e, func(child tree.Expr) { total = total.plus(n.size(child)) })
	total.copies = max(total.copies, 1)
	return total
}

// branches measures a CASE: it yields one of its branches, not all of them.
func (n *names) branches(c *tree.Case) size {
	total := size{nodes: 1, copies: 1}
	for _, w := range c.Whens {
		cond, then := n.size(w.Cond), n.size(w.Then)
		total.nodes = clamp(total.nodes + cond.nodes + then.nodes)
		total.copies = max(total.copies, then.copies)
	}
	if c.Else != nil {
		otherwise := n.size(c.Else)
		total.nodes = clamp(total.nodes + otherwise.nodes)
		total.copies = max(total.copies, otherwise.copies)
	}
	return total
}

// factor bounds how much longer than its arguments a growing function's
// result is: the longest literal among them beyond the first.
func factor(c *tree.Call) int {
	f := 1
	for i, arg := range c.Args {
		if i == 0 {
			continue
		}
		if l, ok := arg.Expr.(*tree.Literal); ok {
			f = max(f, len(l.Text))
		} else {
			f = max(f, unknownFactor)
		}
	}
	return f
}

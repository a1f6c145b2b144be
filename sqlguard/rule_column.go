package sqlguard

import (
	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// checkColumns keeps hidden columns hidden. It works on names alone: a hidden
// name is refused wherever it stands, and so is everything that would read a
// column without naming it: a star over a table, a whole row, a table whose
// columns are renamed.
func checkColumns(c *check) error {
	if len(c.policy.hidden) == 0 {
		return nil
	}
	rows := map[string]bool{}
	for _, t := range c.tables {
		rows[fold.Wide(t.Name)] = true
		rows[fold.Wide(t.Alias)] = true
		if len(t.Columns) > 0 {
			return refusef(RuleColumn, "columns of %q are renamed", t.Name)
		}
	}
	if err := c.checkStars(); err != nil {
		return err
	}
	if err := c.checkCommonColumns(); err != nil {
		return err
	}
	return c.firstExpr(func(e tree.Expr) error {
		column, ok := e.(*tree.Column)
		if !ok {
			return nil
		}
		for _, part := range column.Path {
			if c.policy.hidden[fold.Wide(part)] {
				return refusef(RuleColumn, "column %q", part)
			}
		}
		if last := column.Path[len(column.Path)-1]; rows[fold.Wide(last)] {
			return refusef(RuleColumn, "whole row of %q", last)
		}
		return nil
	})
}

// checkStars refuses stars, but for those over a subquery or a CTE, whose
// columns have been judged where they were named.
func (c *check) checkStars() error {
	var found error
	for _, s := range c.nodes.selects {
		if c.columnsAreNamed(s.From) {
			continue
		}
		// Nested SELECTs have their own sources and their own turn.
		own := &tree.Visitor{
			Query: func(*tree.Query) bool { return false },
			Expr: func(e tree.Expr) {
				if _, star := e.(*tree.Star); star {
					found = refusef(RuleColumn, "star over a table")
				}
			},
		}
		for _, item := range s.Items {
			own.WalkExpr(item)
		}
	}
	return found
}

// checkCommonColumns refuses joins that compare hidden columns: by USING, or by
// NATURAL, which names none.
func (c *check) checkCommonColumns() error {
	for _, s := range c.nodes.sources {
		j, ok := s.(*tree.Join)
		if !ok {
			continue
		}
		if j.Natural {
			return refusef(RuleColumn, "NATURAL JOIN")
		}
		for _, name := range j.Using {
			if c.policy.hidden[fold.Wide(name)] {
				return refusef(RuleColumn, "column %q", name)
			}
		}
	}
	return nil
}

func (c *check) columnsAreNamed(s tree.Source) bool {
	switch s := s.(type) {
	case *tree.Join:
		return c.columnsAreNamed(s.Left) && c.columnsAreNamed(s.Right)
	case nil, *tree.Subquery:
		return true
	case *tree.Table:
		return c.relations[s] != nil
	default:
		return false
	}
}

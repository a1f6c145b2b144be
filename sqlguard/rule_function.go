package sqlguard

import (
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// Functions are judged by an allowlist: what nobody has judged is refused.
// One list serves four rules, so that a generator, a catalog function and a
// file reader are refused for what they are.

// checkGenerators refuses functions that make rows (checklist 2.4, layer 4).
func checkGenerators(c *check) error { return c.callsRefusedAs(RuleGenerator) }

// checkFunctions refuses what is expensive, impure or unknown (layer 5).
func checkFunctions(c *check) error { return c.callsRefusedAs(RuleFunction) }

func (c *check) callsRefusedAs(rule Rule) error {
	var found error
	objects := func(call *tree.Call, inFrom bool) {
		if verdict := c.judgeCall(call, inFrom); verdict == rule && found == nil {
			found = refusef(rule, "function %q", call.Name)
		}
	}
	fromCalls := map[*tree.Call]bool{}
	// A star may stand alone in a SELECT list, and as ORDER BY ALL. Within an
	// expression it expands that expression once a column, as COLUMNS does.
	plainStars := map[tree.Expr]bool{}
	c.walk(tree.Visitor{
		Query: func(q *tree.Query) bool {
			for _, o := range q.OrderBy {
				plainStars[o.Expr] = true
			}
			return true
		},
		Select: func(s *tree.Select) {
			for _, item := range s.Items {
				if star, ok := item.(*tree.Star); ok && !star.Columns {
					plainStars[item] = true
				}
			}
		},
		Source: func(s tree.Source) {
			if f, ok := s.(*tree.TableFunction); ok {
				fromCalls[f.Call] = true
			}
		},
		Expr: func(e tree.Expr) {
			switch e := e.(type) {
			case *tree.Call:
				objects(e, fromCalls[e])
			case *tree.Window:
				objects(&e.Call, false)
				if rule == RuleFunction && found == nil && !c.policy.view {
					found = refusef(rule, "window function %q", e.Call.Name)
				}
			case *tree.Lambda:
				if rule == RuleFunction && found == nil {
					found = refusef(rule, "lambda")
				}
			case *tree.Star:
				if rule == RuleFunction && found == nil && !plainStars[e] {
					found = refusef(rule, "COLUMNS, or a star within an expression")
				}
			}
		},
	})
	return found
}

// judgeCall is the rule that refuses a call, empty if none does.
func (c *check) judgeCall(call *tree.Call, inFrom bool) Rule {
	name := strings.ToLower(call.Name)
	qualified := call.Schema != "" || call.Catalog != ""
	switch {
	case c.policy.denied[name], c.policy.shadowed[name]:
		return RuleFunction
	case c.policy.dangerous[name] && !qualified:
		return ""
	}
	verdict, judged := c.adapter.Function(name)
	switch {
	case judged && !verdict.Allowed:
		return Rule(verdict.Rule)
	case !judged, qualified, inFrom:
		// In FROM even an allowed function would make rows.
		return RuleFunction
	case isOperator(name) && !call.Operator:
		// An operator called by name, as in "+"(1, 2), hides from a reader.
		return RuleFunction
	}
	return ""
}

func isOperator(name string) bool { return strings.Trim(name, "+-*/<>=~!@#%^&|`") == "" }

// function is the verdict on a call that has been let through.
func (c *check) function(call *tree.Call) dialect.Function {
	verdict, _ := c.adapter.Function(strings.ToLower(call.Name))
	return verdict
}

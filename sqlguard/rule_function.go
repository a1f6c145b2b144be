package sqlguard

import (
	"slices"
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// Functions are judged by an allowlist: what nobody has judged is refused.
// One list serves four rules, so that a generator, a catalog function and a
// file reader are refused for what they are.

// checkGenerators refuses functions that make rows (checklist 2.4, layer 4).
func checkGenerators(c *check) error { return c.calls[RuleGenerator] }

// checkFunctions refuses what is expensive, impure or unknown (layer 5).
func checkFunctions(c *check) error { return c.calls[RuleFunction] }

// judgeCalls walks all calls once and notes the first that each rule refuses.
func (c *check) judgeCalls() map[Rule]error {
	j := callJudge{check: c, found: map[Rule]error{}}
	c.walk(tree.Visitor{Query: j.query, Select: j.selected, Source: j.source, Expr: j.expr})
	return j.found
}

type callJudge struct {
	*check
	found map[Rule]error
	// plain are the stars that stand alone in a SELECT list, and ORDER BY ALL.
	// Within an expression a star expands that expression once a column, as
	// COLUMNS does.
	plain    []tree.Expr
	fromCall *tree.Call // called in FROM
	series   int        // functions in FROM
	windows  int        // calls over windows
}

// maxWindows bounds the window functions of a statement: each may sort all rows
// in another order.
const maxWindows = 64

// isTopList recognises the form of an aggregate in which a number asks for a list
// of so many values: max(x, 10), arg_max(x, y, 10) in DuckDB.
func isTopList(c *tree.Call) bool {
	switch fold.Narrow(c.Name) {
	case "max", "min":
		return len(c.Args) > 1
	case "arg_max", "arg_min", "argmax", "argmin", "max_by", "min_by":
		return len(c.Args) > 2
	default:
		return false
	}
}

func (j *callJudge) refuse(rule Rule, format string, args ...any) {
	if rule != "" && j.found[rule] == nil {
		j.found[rule] = refusef(rule, format, args...)
	}
}

func (j *callJudge) query(q *tree.Query) bool {
	for i := range q.OrderBy {
		if star, ok := q.OrderBy[i].Expr.(*tree.Star); ok {
			j.plain = append(j.plain, star)
		}
	}
	return true
}

func (j *callJudge) selected(s *tree.Select) {
	for _, item := range s.Items {
		if star, ok := item.(*tree.Star); ok && !star.Columns {
			j.plain = append(j.plain, star)
		}
	}
}

func (j *callJudge) source(s tree.Source) {
	if f, ok := s.(*tree.TableFunction); ok {
		j.fromCall = f.Call
		if j.series++; j.series > maxSeries {
			j.refuse(RuleGenerator, "more than %d functions in FROM", maxSeries)
		}
	}
}

func (j *callJudge) expr(e tree.Expr) {
	switch e := e.(type) {
	case *tree.Call:
		j.refuse(j.judgeCall(e, e == j.fromCall), "function %q", e.Name)
	case *tree.Window:
		j.refuse(j.judgeCall(&e.Call, false), "function %q", e.Call.Name)
		if !j.policy.view && !j.policy.windows {
			j.refuse(RuleFunction, "window function %q", e.Call.Name)
		}
		if j.windows++; !j.policy.view && j.windows > maxWindows {
			j.refuse(RuleDepth, "more than %d windows", maxWindows)
		}
		if !j.policy.view && (j.function(&e.Call).Gathering || isTopList(&e.Call)) {
			// Each row would have all values up to it.
			j.refuse(RuleFunction, "%q over a window", e.Call.Name)
		}
	case *tree.Lambda:
		j.refuse(RuleFunction, "lambda")
	case *tree.Star:
		if !slices.Contains(j.plain, tree.Expr(e)) {
			j.refuse(RuleFunction, "COLUMNS, or a star within an expression")
		}
	}
}

// judgeCall is the rule that refuses a call, empty if none does.
func (c *check) judgeCall(call *tree.Call, inFrom bool) Rule {
	name, wide := fold.Narrow(call.Name), fold.Wide(call.Name)
	qualified := call.Schema != "" || call.Catalog != ""
	switch {
	case c.policy.denied[wide], c.policy.shadowed[wide]:
		return RuleFunction
	case c.policy.dangerous[name] && !qualified:
		return ""
	case inFrom && c.policy.series && !qualified && isShortSeries(call):
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
	verdict, _ := c.adapter.Function(fold.Narrow(call.Name))
	return verdict
}

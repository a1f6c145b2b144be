package postgres

import (
	"strings"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
	"github.com/sallyport-dev/sallyport/sqlguard/postgres/functions"
)

// systemSchema is where PostgreSQL's own functions, operators and types are.
const systemSchema = "pg_catalog"

// countStar is the name of count(*), which is no function of its own.
const countStar = "count_star"

// orderedSet are the aggregates that are written WITHIN GROUP (ORDER BY …),
// and only so.
var orderedSet = map[string]bool{"mode": true, "percentile_cont": true, "percentile_disc": true}

func (l *lowering) call(v *fastjson.Value) tree.Expr {
	c := tree.Call{}
	var over *fastjson.Value
	star, within := false, false
	l.fields(v, "call", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "funcname":
			l.functionName(v, &c)
		case "args":
			for _, item := range l.array(v) {
				c.Args = append(c.Args, l.arg(item))
			}
		case "agg_order":
			c.OrderBy = l.orders(v, nil)
		case "agg_filter":
			c.Filter = l.expr(v)
		case "agg_distinct":
			c.Distinct = l.flag(v)
		case "agg_star":
			star = l.flag(v)
		case "agg_within_group":
			within = l.flag(v)
		case "func_variadic":
			l.unsupported(ruleFunction, "VARIADIC")
		case "over":
			over = v
		case "funcformat":
			// How it was written, SUBSTRING(a FROM 1) or substring(a, 1).
			l.word(v, callFormats)
		default:
			return false
		}
		return true
	})
	l.require("call", c.Name != "")
	if l.err != nil {
		return nil
	}
	l.checkName(&c)
	if star {
		if c.Name != "count" || len(c.Args) > 0 || len(c.OrderBy) > 0 || c.Distinct {
			l.unsupported(ruleFunction, "%s(*)", c.Name)
		}
		c.Name = countStar
	}
	if verdict, judged := functions.Judge(c.Name); within != orderedSet[c.Name] && judged && verdict.Allowed {
		l.unsupported(ruleFunction, "%q with or without WITHIN GROUP", c.Name)
	}
	l.checkCall(&c)
	if over != nil {
		return l.window(over, c)
	}
	return &c
}

var callFormats = map[string]string{"COERCE_EXPLICIT_CALL": "", "COERCE_SQL_SYNTAX": ""}

// functionName reads a name of up to three parts. That of pg_catalog is
// dropped, since rendering writes it.
func (l *lowering) functionName(v *fastjson.Value, c *tree.Call) {
	parts := l.names(v)
	switch {
	case len(parts) == 1:
		c.Name = parts[0]
	case len(parts) == 2 && parts[0] == systemSchema:
		c.Name = parts[1]
	case len(parts) == 2:
		c.Schema, c.Name = parts[0], parts[1]
	case len(parts) == 3:
		c.Catalog, c.Schema, c.Name = parts[0], parts[1], parts[2]
	}
	l.require("call", c.Name != "")
}

// checkName refuses names that are written as no function of PostgreSQL is,
// since the rules do not tell "Abs" from abs, and those of what the grammar
// has a word for: "least"(…) is not LEAST(…).
func (l *lowering) checkName(c *tree.Call) {
	if strings.Trim(c.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		l.unsupported(ruleFunction, "function %q", c.Name)
	}
	if verdict, judged := functions.Judge(c.Name); judged && verdict.Allowed && verdict.Grammar {
		l.unsupported(ruleFunction, "function %q", c.Name)
	}
}

// arg lowers an argument. Only functions that make dates take names: with
// names the arguments come in any order, and rules count them.
func (l *lowering) arg(v *fastjson.Value) tree.Arg {
	if v.Get("NamedArgExpr") == nil {
		return tree.Arg{Expr: l.expr(v)}
	}
	var a tree.Arg
	kind, body := l.node(v)
	l.fields(body, kind, func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "name":
			a.Name = l.text(v)
		case "arg":
			a.Expr = l.expr(v)
		case "argnumber":
			return l.integer(v) == -1
		default:
			return false
		}
		return true
	})
	l.require("argument", a.Name != "" && a.Expr != nil)
	return a
}

// The bits of a frame (src/include/nodes/parsenodes.h of PostgreSQL).
const (
	frameNonDefault = 1 << iota
	frameRange
	frameRows
	frameGroups
	frameBetween
	startUnboundedPreceding
	endUnboundedPreceding
	startUnboundedFollowing
	endUnboundedFollowing
	startCurrentRow
	endCurrentRow
	startPreceding
	endPreceding
	startFollowing
	endFollowing
	excludeCurrentRow
	excludeGroup
	excludeTies
)

// window lowers OVER (…). One with a name is refused: the text layer refuses
// the clause that gives it.
func (l *lowering) window(v *fastjson.Value, c tree.Call) tree.Expr {
	w := &tree.Window{Call: c}
	frame := 0
	var start, end tree.Expr
	l.fields(v, "OVER", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "partitionClause":
			w.Partition = l.exprs(v)
		case "orderClause":
			w.Order = l.orders(v, nil)
		case "frameOptions":
			frame = l.integer(v)
		case "startOffset":
			start = l.expr(v)
		case "endOffset":
			end = l.expr(v)
		case "name", "refname":
			l.unsupported(ruleFunction, "named window")
		default:
			return false
		}
		return true
	})
	frame &^= frameNonDefault | frameBetween
	unit := l.bit(&frame, map[int]string{frameRange: "RANGE", frameRows: "ROWS", frameGroups: "GROUPS"})
	w.Start = tree.Bound{Unit: unit, Offset: start, Kind: l.bit(&frame, map[int]string{
		startUnboundedPreceding: "UNBOUNDED PRECEDING", startCurrentRow: "CURRENT ROW", startPreceding: "PRECEDING", startFollowing: "FOLLOWING",
	})}
	w.End = tree.Bound{Unit: unit, Offset: end, Kind: l.bit(&frame, map[int]string{
		endUnboundedFollowing: "UNBOUNDED FOLLOWING", endCurrentRow: "CURRENT ROW", endPreceding: "PRECEDING", endFollowing: "FOLLOWING",
	})}
	if frame != 0 {
		w.Exclude = l.bit(&frame, map[int]string{excludeCurrentRow: "CURRENT ROW", excludeGroup: "GROUP", excludeTies: "TIES"})
	}
	l.require("frame", frame == 0 && completeBound(w.Start) && completeBound(w.End))
	return w
}

// bit takes the one bit of a choice out of a mask.
func (l *lowering) bit(mask *int, names map[int]string) string {
	found := ""
	for bit, name := range names {
		if *mask&bit == 0 {
			continue
		}
		l.require("frame", found == "")
		found = name
		*mask &^= bit
	}
	l.require("frame", found != "")
	return found
}

// completeBound reports whether a bound has an offset if its kind wants one.
func completeBound(b tree.Bound) bool {
	return (b.Offset != nil) == (b.Kind == "PRECEDING" || b.Kind == "FOLLOWING")
}

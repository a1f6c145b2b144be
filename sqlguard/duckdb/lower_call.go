package duckdb

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

func (n *node) function() tree.Expr {
	n.mustBe("FUNCTION")
	c := &tree.Call{}
	n.each(func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "is_operator":
			c.Operator = n.flag(v)
		case "filter":
			c.Filter = n.optional(v)
		case "order_bys":
			c.OrderBy = n.orderModifier(v)
		case "export_state":
			n.mustBeEmpty(v, ruleFunction, "EXPORT_STATE")
		default:
			return n.callField(key, v, c)
		}
		return true
	})
	n.plainSchema(c)
	n.require("call", c.Name != "")
	return c
}

// callField lowers what functions and window functions share.
func (n *node) callField(key []byte, v *fastjson.Value, c *tree.Call) bool {
	switch string(key) {
	case "function_name":
		c.Name = n.text(v)
	case "schema":
		c.Schema = n.text(v)
	case "catalog":
		c.Catalog = n.text(v)
	case "children":
		for _, child := range n.array(v) {
			expr, name := n.named(child)
			c.Args = append(c.Args, tree.Arg{Name: name, Expr: expr})
		}
	case "distinct":
		c.Distinct = n.flag(v)
	default:
		return false
	}
	return true
}

// plainSchema drops the schema that DuckDB's grammar writes before the
// functions it makes out of syntax, such as main.list_value for [1, 2].
func (n *node) plainSchema(c *tree.Call) {
	if c.Schema == "main" && c.Catalog == "" {
		c.Schema = ""
	}
}

func (n *node) orderModifier(v *fastjson.Value) []tree.Order {
	var orders []tree.Order
	if v.Type() == fastjson.TypeNull {
		return nil
	}
	n.fields(v, "ORDER BY", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "type":
			return string(n.value(v)) == "ORDER_MODIFIER"
		case "orders":
			orders = n.orders(v)
			return true
		default:
			return false
		}
	})
	return orders
}

// windowKinds say again what the function's name says; a kind not named here
// may have fields that mean something else.
var windowKinds = map[string]bool{
	"WINDOW_AGGREGATE": true, "WINDOW_RANK": true, "WINDOW_RANK_DENSE": true, "WINDOW_NTILE": true, "WINDOW_PERCENT_RANK": true,
	"WINDOW_CUME_DIST": true, "WINDOW_ROW_NUMBER": true, "WINDOW_FIRST_VALUE": true, "WINDOW_LAST_VALUE": true,
	"WINDOW_LEAD": true, "WINDOW_LAG": true, "WINDOW_NTH_VALUE": true, "WINDOW_FILL": true,
}

func (n *node) window() tree.Expr {
	if !windowKinds[string(n.kind)] {
		n.unsupported(ruleFunction, "window of kind %q", n.kind)
	}
	w := &tree.Window{}
	// lag and lead keep their second and third argument apart.
	var offset, fallback tree.Expr
	n.each(func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "partitions":
			w.Partition = n.exprs(v)
		case "orders":
			w.Order = n.orders(v)
		case "start":
			w.Start.Unit, w.Start.Kind = n.boundary(v)
		case "end":
			w.End.Unit, w.End.Kind = n.boundary(v)
		case "start_expr":
			w.Start.Offset = n.optional(v)
		case "end_expr":
			w.End.Offset = n.optional(v)
		case "offset_expr":
			offset = n.optional(v)
		case "default_expr":
			fallback = n.optional(v)
		case "ignore_nulls":
			w.IgnoreNulls = n.flag(v)
		case "filter_expr":
			w.Call.Filter = n.optional(v)
		case "exclude_clause":
			w.Exclude = n.word(v, excludes)
		case "arg_orders":
			w.Call.OrderBy = n.orders(v)
		default:
			return n.callField(key, v, &w.Call)
		}
		return true
	})
	for _, extra := range []tree.Expr{offset, fallback} {
		if extra != nil {
			w.Call.Args = append(w.Call.Args, tree.Arg{Expr: extra})
		}
	}
	if offset == nil && fallback != nil {
		n.unsupported(ruleFunction, "window default without an offset")
	}
	n.plainSchema(&w.Call)
	if string(n.kind) == "WINDOW_RANK_DENSE" && len(w.Order)+len(w.Partition) == 0 {
		n.unsupported(ruleFunction, "dense_rank over no order, by which DuckDB 1.5 crashes on some joins")
	}
	n.require("window", w.Call.Name != "" && w.Start.Kind != "" && w.End.Kind != "")
	return w
}

var excludes = map[string]string{"NO_OTHER": "", "CURRENT_ROW": "CURRENT ROW", "GROUP": "GROUP", "TIES": "TIES"}

// boundary splits a name such as EXPR_PRECEDING_ROWS.
func (n *node) boundary(v *fastjson.Value) (unit, kind string) {
	switch name := n.text(v); name {
	case "UNBOUNDED_PRECEDING":
		return "", "UNBOUNDED PRECEDING"
	case "UNBOUNDED_FOLLOWING":
		return "", "UNBOUNDED FOLLOWING"
	default:
		i := strings.LastIndexByte(name, '_')
		if i > 0 && slices.Contains([]string{"ROWS", "RANGE", "GROUPS"}, name[i+1:]) {
			unit = name[i+1:]
			switch name[:i] {
			case "CURRENT_ROW":
				return unit, "CURRENT ROW"
			case "EXPR_PRECEDING":
				return unit, "PRECEDING"
			case "EXPR_FOLLOWING":
				return unit, "FOLLOWING"
			}
		}
		n.unsupported(ruleFunction, "frame boundary %q", name)
		return "", ""
	}
}

func (n *node) lambda() tree.Expr {
	n.mustBe("LAMBDA")
	var left, right tree.Expr
	n.each(func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "lhs":
			left = n.expr(v)
		case "expr":
			right = n.expr(v)
		case "syntax_type":
		default:
			return false
		}
		return true
	})
	// The arrow is also JSON extraction; with a constant on its right it can
	// be nothing else to a function that takes no lambda, and those that take
	// one are refused by name.
	if _, constant := right.(*tree.Literal); constant {
		return &tree.Call{Name: "->", Operator: true, Args: []tree.Arg{{Expr: left}, {Expr: right}}}
	}
	n.unsupported(ruleFunction, "lambda")
	return nil
}

func (n *node) star() tree.Expr {
	n.mustBe("STAR")
	s := &tree.Star{}
	n.each(func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "relation_name":
			s.Relation = n.text(v)
		case "exclude_list":
			s.Exclude = n.texts(v)
			slices.Sort(s.Exclude) // a set without an order of its own
		case "replace_list":
			s.Replace = n.replaceList(v)
		case "rename_list":
			s.Rename = n.renameList(v)
		case "columns":
			s.Columns = n.flag(v)
		case "expr":
			n.mustBeEmpty(v, ruleFunction, "COLUMNS with a choice")
		case "qualified_exclude_list":
			n.mustBeEmpty(v, ruleSyntax, "EXCLUDE of a qualified column")
		case "unpacked":
			n.mustBeEmpty(v, ruleFunction, "unpacked COLUMNS")
		default:
			return false
		}
		return true
	})
	return s
}

func (n *node) replaceList(v *fastjson.Value) []tree.Aliased {
	var list []tree.Aliased
	for _, entry := range n.array(v) {
		var a tree.Aliased
		n.fields(entry, "REPLACE", func(key []byte, v *fastjson.Value) bool {
			switch string(key) {
			case "key":
				a.Alias = n.text(v)
			case "value":
				// The parser repeats the name as the expression's alias.
				a.Expr, _ = n.named(v)
			default:
				return false
			}
			return true
		})
		n.require("REPLACE", a.Expr != nil && a.Alias != "")
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b tree.Aliased) int { return strings.Compare(a.Alias, b.Alias) })
	return list
}

func (n *node) renameList(v *fastjson.Value) []tree.Rename {
	var list []tree.Rename
	for _, entry := range n.array(v) {
		var r tree.Rename
		n.fields(entry, "RENAME", func(key []byte, v *fastjson.Value) bool {
			switch string(key) {
			case "key":
				n.fields(v, "RENAME", func(key []byte, v *fastjson.Value) bool {
					switch string(key) {
					case "table", "schema", "catalog":
						n.mustBeEmpty(v, ruleSyntax, "RENAME of a qualified column")
					case "column":
						r.From = n.text(v)
					default:
						return false
					}
					return true
				})
			case "value":
				r.To = n.text(v)
			default:
				return false
			}
			return true
		})
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b tree.Rename) int { return strings.Compare(a.From, b.From) })
	return list
}

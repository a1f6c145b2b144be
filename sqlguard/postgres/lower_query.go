package postgres

import (
	"slices"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// clauses are the parts of a SelectStmt. They are gathered first, because they
// are lowered in another order than they stand in: what WITH and FROM name must
// be known before the rest.
type clauses struct {
	with, from, distinct, targets, where, group, having, values *fastjson.Value
	sort, limit, offset, left, right, windows                   *fastjson.Value
	op                                                          string
	all                                                         bool
}

// query lowers a SelectStmt.
func (l *lowering) query(v *fastjson.Value) *tree.Query {
	q := &tree.Query{}
	if l.err != nil {
		return q
	}
	c := l.clauses(v)
	visible, around, windows := l.ctes, l.from, l.windows
	defer func() { l.ctes, l.from, l.windows = visible, around, windows }()
	l.windows = nil // those around are not visible
	if c.with != nil {
		l.with(c.with, q)
	}
	var names []string // of the output
	switch {
	case l.err != nil:
		return q
	case c.op != "":
		q.Body = l.setOperation(c)
	case c.values != nil:
		q.Body = l.valuesLists(c)
	default:
		s := l.selectBody(c, around)
		q.Body, names = s, outputs(&tree.Query{Body: s})
		if c.distinct != nil {
			q.Distinct = l.distinctClause(c.distinct, names)
		}
	}
	if l.err != nil {
		return q
	}
	if c.op != "" {
		names = outputs(q)
	}
	if c.sort != nil {
		q.OrderBy = l.orders(c.sort, names)
	}
	q.Limit, q.Offset = l.optional(c.limit), l.optional(c.offset)
	return q
}

// clauses takes every field of a SelectStmt.
func (l *lowering) clauses(v *fastjson.Value) clauses {
	var c clauses
	l.fields(v, "SELECT", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "withClause":
			c.with = v
		case "fromClause":
			c.from = v
		case "distinctClause":
			c.distinct = v
		case "targetList":
			c.targets = v
		case "whereClause":
			c.where = v
		case "groupClause":
			c.group = v
		case "havingClause":
			c.having = v
		case "valuesLists":
			c.values = v
		case "sortClause":
			c.sort = v
		case "limitCount":
			c.limit = v
		case "limitOffset":
			c.offset = v
		case "limitOption":
			if l.text(v) == "LIMIT_OPTION_WITH_TIES" {
				l.unsupported(ruleRows, "WITH TIES")
			}
			l.word(v, limitOptions)
		case "op":
			c.op = l.word(v, setOperations)
		case "all":
			c.all = l.flag(v)
		case "larg":
			c.left = v
		case "rarg":
			c.right = v
		case "intoClause":
			l.unsupported(ruleStatement, "SELECT INTO")
		case "lockingClause":
			l.unsupported(ruleStatement, "FOR UPDATE, FOR SHARE and the like")
		case "windowClause":
			c.windows = v
		case "groupDistinct":
			l.unsupported(ruleSyntax, "GROUP BY DISTINCT")
		default:
			return false
		}
		return true
	})
	plain := c.targets == nil && c.from == nil && c.where == nil && c.group == nil && c.having == nil && c.distinct == nil && c.windows == nil
	switch {
	case c.op != "":
		l.require("set operation", c.left != nil && c.right != nil && plain && c.values == nil)
	case c.values != nil:
		l.require("VALUES", plain && c.left == nil && c.right == nil && !c.all)
	default:
		// EXISTS (SELECT FROM t) needs no columns.
		l.require("SELECT", c.left == nil && c.right == nil && !c.all)
	}
	return c
}

var (
	limitOptions  = map[string]string{"LIMIT_OPTION_DEFAULT": "", "LIMIT_OPTION_COUNT": ""}
	setOperations = map[string]string{"SETOP_NONE": "", "SETOP_UNION": "UNION", "SETOP_INTERSECT": "INTERSECT", "SETOP_EXCEPT": "EXCEPT"}
)

func (l *lowering) setOperation(c clauses) *tree.SetOp {
	return &tree.SetOp{Op: c.op, All: c.all, Left: l.query(c.left), Right: l.query(c.right)}
}

func (l *lowering) valuesLists(c clauses) *tree.Values {
	rows := &tree.Values{}
	for _, item := range l.array(c.values) {
		rows.Rows = append(rows.Rows, l.list(item))
	}
	return rows
}

func (l *lowering) selectBody(c clauses, around *scope) *tree.Select {
	s := &tree.Select{}
	l.from = &scope{outer: around}
	if c.from != nil {
		s.From = l.sources(c.from, around)
	}
	if c.windows != nil {
		l.windowClause(c.windows)
	}
	if c.targets != nil {
		s.Items = l.targets(c.targets)
	}
	s.Where = l.optional(c.where)
	if c.group != nil {
		s.Groups = l.groups(c.group, outputs(&tree.Query{Body: s}))
	}
	s.Having = l.optional(c.having)
	return s
}

// targets lowers a SELECT list: the one list whose expressions have names and
// where a star may stand.
func (l *lowering) targets(v *fastjson.Value) []tree.Expr {
	items := l.array(v)
	list := make([]tree.Expr, 0, len(items))
	for _, item := range items {
		kind, body := l.node(item)
		l.require("SELECT list", kind == "ResTarget")
		var e tree.Expr
		alias := ""
		l.fields(body, kind, func(key []byte, v *fastjson.Value) bool {
			switch string(key) {
			case "name":
				alias = l.text(v)
			case "val":
				if e = l.star(v); e == nil {
					e = l.expr(v)
				}
			default:
				return false
			}
			return true
		})
		l.require("SELECT list", e != nil)
		if alias != "" {
			e = &tree.Aliased{Expr: e, Alias: alias}
		}
		list = append(list, e)
	}
	return list
}

// distinctClause reads DISTINCT, which is a list of one empty node, and
// DISTINCT ON.
func (l *lowering) distinctClause(v *fastjson.Value, names []string) *tree.Distinct {
	d := &tree.Distinct{}
	items := l.array(v)
	if len(items) == 1 && items[0].Type() == fastjson.TypeObject && items[0].GetObject().Len() == 0 {
		return d
	}
	for _, item := range items {
		d.On = append(d.On, l.target(item, names))
	}
	l.require("DISTINCT", len(d.On) > 0)
	return d
}

// target lowers an expression where the name of an output column goes before
// all others: in ORDER BY, GROUP BY and DISTINCT ON.
func (l *lowering) target(v *fastjson.Value, names []string) tree.Expr {
	if name := l.singleName(v); name != "" && slices.Contains(names, name) {
		return l.plainColumn([]string{name})
	}
	return l.expr(v)
}

// orders lowers ORDER BY; names are those of the output, none inside a call.
func (l *lowering) orders(v *fastjson.Value, names []string) []tree.Order {
	items := l.array(v)
	list := make([]tree.Order, 0, len(items))
	for _, item := range items {
		kind, body := l.node(item)
		l.require("ORDER BY", kind == "SortBy")
		var o tree.Order
		l.fields(body, kind, func(key []byte, v *fastjson.Value) bool {
			switch string(key) {
			case "node":
				o.Expr = l.target(v, names)
			case "sortby_dir":
				if l.text(v) == "SORTBY_USING" {
					l.unsupported(ruleOrderBy, "ORDER BY USING")
				}
				o.Direction = l.word(v, directions)
			case "sortby_nulls":
				o.Nulls = l.word(v, nullOrders)
			case "useOp":
				l.unsupported(ruleOrderBy, "ORDER BY USING")
			default:
				return false
			}
			return true
		})
		l.require("ORDER BY", o.Expr != nil)
		list = append(list, o)
	}
	return list
}

var (
	directions = map[string]string{"SORTBY_DEFAULT": "", "SORTBY_ASC": "ASC", "SORTBY_DESC": "DESC"}
	nullOrders = map[string]string{"SORTBY_NULLS_DEFAULT": "", "SORTBY_NULLS_FIRST": "FIRST", "SORTBY_NULLS_LAST": "LAST"}
)

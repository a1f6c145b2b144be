package duckdb

import (
	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// statement lowers a SelectStatement.
func (l *lowering) statement(v *fastjson.Value) *tree.Query {
	var query *tree.Query
	l.fields(v, "statement", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "node":
			query = l.query(v)
		case "named_param_map":
			// Parameters are counted where they stand.
		default:
			return false
		}
		return true
	})
	l.require("statement", query != nil)
	return query
}

// query lowers a QueryNode.
func (l *lowering) query(v *fastjson.Value) *tree.Query {
	if l.err != nil {
		return nil
	}
	q := &tree.Query{}
	switch kind := v.GetStringBytes("type"); string(kind) {
	case "SELECT_NODE":
		if isValues(v) {
			q.Body = l.valuesNode(v, q)
		} else {
			q.Body = l.selectNode(v, q)
		}
	case "SET_OPERATION_NODE":
		q.Body = l.setOperation(v, q)
	case "RECURSIVE_CTE_NODE":
		// Only ever the query of a CTE; cte lowers it there.
		l.unsupported("sql.recursive_cte", "recursive query")
	default:
		l.unsupported(ruleStatement, "query node %q", kind)
	}
	return q
}

// common lowers the fields that every QueryNode has.
func (l *lowering) common(key []byte, v *fastjson.Value, q *tree.Query) bool {
	switch string(key) {
	case "type":
	case "modifiers":
		for _, m := range l.array(v) {
			l.modifier(m, q)
		}
	case "cte_map":
		l.fields(v, "CTE map", func(key []byte, v *fastjson.Value) bool {
			if string(key) != "map" {
				return false
			}
			for _, entry := range l.array(v) {
				q.CTEs = append(q.CTEs, l.cte(entry))
			}
			return true
		})
	default:
		return false
	}
	return true
}

func (l *lowering) cte(v *fastjson.Value) tree.CTE {
	var c tree.CTE
	l.fields(v, "CTE entry", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "key":
			c.Name = l.text(v)
		case "value":
			l.fields(v, "CTE", func(key []byte, v *fastjson.Value) bool {
				switch string(key) {
				case "aliases":
					c.Columns = l.texts(v)
				case "query":
					if string(v.GetStringBytes("node", "type")) == "RECURSIVE_CTE_NODE" {
						l.unsupported("sql.recursive_cte", "recursive CTE")
						return true
					}
					c.Query = l.statement(v)
				case "materialized":
					// How the engine evaluates it does not change the answer.
				case "key_targets", "payload_aggregates":
					l.mustBeEmpty(v, "sql.recursive_cte", "USING KEY")
				default:
					return false
				}
				return true
			})
		default:
			return false
		}
		return true
	})
	l.require("CTE", c.Query != nil)
	return c
}

func (l *lowering) selectNode(v *fastjson.Value, q *tree.Query) *tree.Select {
	s := &tree.Select{}
	l.fields(v, "SELECT", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "select_list":
			s.Items = l.items(v)
		case "from_table":
			s.From = l.source(v)
		case "where_clause":
			s.Where = l.optional(v)
		case "group_expressions":
			s.Groups.Exprs = l.exprs(v)
		case "group_sets":
			s.Groups.Sets = l.groupSets(v)
		case "aggregate_handling":
			switch mode := l.value(v); string(mode) {
			case "STANDARD_HANDLING":
			case "FORCE_AGGREGATES":
				s.Groups.All = true
			default:
				l.unsupported(ruleSyntax, "aggregate handling %q", mode)
			}
		case "having":
			s.Having = l.optional(v)
		case "qualify":
			s.Qualify = l.optional(v)
		case "sample":
			s.Sample = l.sample(v)
		default:
			return l.common(key, v, q)
		}
		return true
	})
	l.require("SELECT", len(s.Items) > 0)
	l.numberGroups(&s.Groups)
	return s
}

func (l *lowering) setOperation(v *fastjson.Value, q *tree.Query) *tree.SetOp {
	s := &tree.SetOp{}
	var children []*tree.Query
	l.fields(v, "set operation", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "setop_type":
			switch kind := l.value(v); string(kind) {
			case "UNION", "INTERSECT", "EXCEPT":
				s.Op = string(kind)
			case "UNION_BY_NAME":
				s.Op, s.ByName = "UNION", true
			default:
				l.unsupported(ruleSyntax, "set operation %q", kind)
			}
		case "setop_all":
			s.All = l.flag(v)
		case "left":
			s.Left = l.query(v)
		case "right":
			s.Right = l.query(v)
		case "children":
			for _, child := range l.array(v) {
				children = append(children, l.query(child))
			}
		default:
			return l.common(key, v, q)
		}
		return true
	})
	if len(children) > 0 {
		l.unsupported(ruleSyntax, "set operation of a list")
	}
	l.require("set operation", s.Left != nil && s.Right != nil && s.Op != "")
	return s
}

func (l *lowering) modifier(v *fastjson.Value, q *tree.Query) {
	kind := v.GetStringBytes("type")
	l.fields(v, "modifier", func(key []byte, v *fastjson.Value) bool {
		switch {
		case string(key) == "type":
		case string(kind) == "ORDER_MODIFIER" && string(key) == "orders":
			if q.OrderBy != nil {
				l.unsupported(ruleSyntax, "second ORDER BY")
			}
			q.OrderBy = l.orders(v)
		case string(kind) == "DISTINCT_MODIFIER" && string(key) == "distinct_on_targets":
			if q.Distinct != nil || q.OrderBy != nil || q.Limit != nil {
				l.unsupported(ruleSyntax, "DISTINCT after another modifier")
			}
			q.Distinct = &tree.Distinct{On: l.exprs(v)}
		case (string(kind) == "LIMIT_MODIFIER" || string(kind) == "LIMIT_PERCENT_MODIFIER") && string(key) == "limit":
			if q.Limit != nil {
				l.unsupported(ruleSyntax, "second LIMIT")
			}
			q.Limit, q.LimitPercent = l.optional(v), string(kind) == "LIMIT_PERCENT_MODIFIER"
		case (string(kind) == "LIMIT_MODIFIER" || string(kind) == "LIMIT_PERCENT_MODIFIER") && string(key) == "offset":
			q.Offset = l.optional(v)
		default:
			return false
		}
		return true
	})
}

func (l *lowering) orders(v *fastjson.Value) []tree.Order {
	items := l.array(v)
	if len(items) == 0 {
		return nil
	}
	list := make([]tree.Order, 0, len(items))
	for _, item := range items {
		var o tree.Order
		l.fields(item, "ORDER BY term", func(key []byte, v *fastjson.Value) bool {
			switch string(key) {
			case "type":
				o.Direction = l.word(v, orderTypes)
			case "null_order":
				o.Nulls = l.word(v, nullOrders)
			case "expression":
				o.Expr = l.expr(v)
			default:
				return false
			}
			return true
		})
		l.require("ORDER BY term", o.Expr != nil)
		list = append(list, o)
	}
	return list
}

var (
	orderTypes = map[string]string{"ORDER_DEFAULT": "", "ASCENDING": "ASC", "DESCENDING": "DESC"}
	nullOrders = map[string]string{"ORDER_DEFAULT": "", "NULLS FIRST": "FIRST", "NULLS LAST": "LAST"}
)

// word translates one of DuckDB's enumeration values.
func (l *lowering) word(v *fastjson.Value, words map[string]string) string {
	text := l.value(v)
	word, ok := words[string(text)]
	if !ok {
		l.unsupported(ruleSyntax, "the value %q", text)
	}
	return word
}

func (l *lowering) sample(v *fastjson.Value) *tree.Sample {
	if v.Type() == fastjson.TypeNull {
		return nil
	}
	s := &tree.Sample{}
	l.fields(v, "sample", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "sample_size":
			literal := l.literal(v)
			if literal.Kind != tree.LiteralNumber {
				l.unsupported(ruleSyntax, "sample size that is no number")
			}
			s.Size = literal.Text
		case "is_percentage":
			s.Percent = l.flag(v)
		case "method":
			s.Method = l.word(v, sampleMethods)
		case "seed":
			if n := l.number(v); n != "-1" {
				s.Seed = n
			}
		case "repeatable", "sample_rate":
			l.mustLack(v, ruleSyntax, key, "a sample")
		default:
			return false
		}
		return true
	})
	l.require("sample", s.Size != "")
	return s
}

var sampleMethods = map[string]string{"System": "system", "Bernoulli": "bernoulli", "Reservoir": "reservoir"}

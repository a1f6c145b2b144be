package sqlgen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// statement is a whole statement before it is spelled.
func (s *session) statement() string {
	switch s.rng.IntN(60) {
	case 0:
		return "TABLE " + s.qualified(pick(s, s.tables...))
	case 1:
		return pick(s, "SHOW TABLES", "DESCRIBE orders", "SHOW search_path", "EXPLAIN ANALYZE SELECT 1", "VALUES (1, 'a'), (2, NULL)")
	case 2:
		text, _ := s.query(1, nil)
		return "EXPLAIN " + text
	case 3:
		if !s.config.Postgres {
			return "FROM " + s.qualified(pick(s, s.tables...))
		}
	}
	var with []string
	for s.one(6, 1) && len(with) < 4 {
		text, columns := s.query(1, nil)
		s.names++
		cte := source{alias: "c" + strconv.Itoa(s.names), columns: columns}
		with = append(with, cte.alias+" AS "+pick(s, "", "", "", "MATERIALIZED ", "NOT MATERIALIZED ")+"("+text+")")
		s.ctes = append(s.ctes, cte)
	}
	text, columns := s.query(2, nil)
	text += s.tail(columns)
	if len(with) > 0 {
		text = "WITH " + strings.Join(with, ", ") + " " + text
	}
	if s.one(10, 1) {
		text += ";"
	}
	return text
}

// query is a SELECT or a set operation without its ORDER BY; outer are the
// sources of the SELECT around it, which it may read.
func (s *session) query(depth int, outer []source) (string, []Column) {
	if depth > 0 && s.often(7) {
		text, columns := s.plain(depth-1, outer)
		op := pick(s, " UNION ", " UNION ALL ", " EXCEPT ", " INTERSECT ", " EXCEPT ALL ")
		if !s.config.Postgres && s.one(5, 1) {
			return text + " UNION ALL BY NAME " + text, columns
		}
		scope := []source{}
		from, where := "", ""
		if s.one(4, 3) {
			from, scope, where = s.from(depth-1, outer)
			from = " FROM " + from
		}
		items := make([]string, len(columns))
		for i, c := range columns {
			items[i] = s.expr(c.Type, scope, 1)
		}
		if where != "" {
			from += " WHERE " + where
		}
		return text + op + "SELECT " + strings.Join(items, ", ") + from, columns
	}
	if s.one(5, 1) {
		return s.grouped(depth, outer)
	}
	return s.plain(depth, outer)
}

// plain is a SELECT without GROUP BY.
func (s *session) plain(depth int, outer []source) (string, []Column) {
	if s.one(25, 1) { // without FROM
		items, columns := s.items(nil, depth)
		return "SELECT " + items, columns
	}
	from, sources, where := s.from(depth, outer)
	scope := slices.Concat(sources, outer)
	var items string
	var columns []Column
	switch {
	case s.one(8, 1):
		items, columns = s.star(sources)
	case s.often(5):
		items, columns = s.items(scope, depth)
		window, result := s.window(scope)
		columns = append(columns, Column{"w", result})
		items += ", " + window + " AS w"
	default:
		items, columns = s.items(scope, depth)
	}
	if s.one(8, 1) {
		items = "DISTINCT " + items
	} else if s.one(30, 1) {
		items = "DISTINCT ON (" + s.column(pick(s, sources...)) + ") " + items
	}
	return s.clauses(items, from, where, scope, depth), columns
}

func (s *session) clauses(items, from, where string, scope []source, depth int) string {
	for s.one(2, 1) {
		condition := s.condition(scope, depth)
		if where != "" {
			where += " AND "
		}
		where += condition
	}
	text := "SELECT " + items + " FROM " + from
	if !s.config.Postgres && s.one(20, 1) {
		text = "FROM " + from + " SELECT " + items
	}
	if where != "" {
		text += " WHERE " + where
	}
	if !s.config.Postgres && s.often(25) {
		window, result := s.window(scope)
		text += " QUALIFY " + s.compare(window, result, scope)
	}
	return text
}

// star selects all columns in one of the ways to say so.
func (s *session) star(sources []source) (string, []Column) {
	var columns []Column
	for _, each := range sources {
		columns = append(columns, each.columns...)
	}
	one := pick(s, sources...)
	switch {
	case s.one(3, 1):
		return one.alias + ".*", one.columns
	case s.config.Postgres || s.one(2, 1):
		return "*", columns
	case len(sources) > 1 || len(columns) < 2:
		return "*", columns
	case s.one(2, 1):
		return "* REPLACE (" + s.expr(columns[0].Type, sources, 1) + " AS " + s.name(columns[0].Name) + ")", columns
	default:
		return "* EXCLUDE (" + s.name(columns[0].Name) + ")", columns[1:]
	}
}

// items is a SELECT list of named expressions.
func (s *session) items(scope []source, depth int) (string, []Column) {
	var list []string
	var columns []Column
	for i := range 1 + s.rng.IntN(3) {
		c := Column{Name: fmt.Sprintf("e%d", i), Type: s.anyType()}
		text := s.expr(c.Type, scope, pick(s, 1, 1, 2, 2, 3))
		if depth > 0 && s.one(15, 1) {
			text = s.scalar(c.Type, scope)
		}
		list = append(list, text+pick(s, " AS ", " AS ", " ")+c.Name)
		columns = append(columns, c)
	}
	return strings.Join(list, ", "), columns
}

// scalar is a subquery of one value, correlated or not.
func (s *session) scalar(t Type, scope []source) string {
	from, sources, where := s.from(0, nil)
	all := slices.Concat(sources, scope)
	if len(scope) > 0 && s.one(2, 1) {
		tie := s.tie(pick(s, scope...), sources[0])
		if where != "" {
			tie += " AND " + where
		}
		where = tie
	}
	if where != "" {
		where = " WHERE " + where
	}
	if s.one(3, 2) {
		if text, found := s.aggregate(t, sources); found {
			return "(SELECT " + text + " FROM " + from + where + ")"
		}
	}
	return "(SELECT " + s.expr(t, all, 1) + " FROM " + from + where + " ORDER BY " + s.column(sources[0]) + " LIMIT 1)"
}

// grouped is a SELECT with aggregates.
func (s *session) grouped(depth int, outer []source) (string, []Column) {
	from, sources, where := s.from(depth, outer)
	var keys []string
	var columns []Column
	for range s.rng.IntN(4) {
		t := s.anyType()
		if t == JSON {
			continue
		}
		key, found := s.columnOf(t, sources)
		if !found {
			key = s.expr(Int, sources, 1)
			t = Int
		}
		keys, columns = append(keys, key), append(columns, Column{fmt.Sprintf("k%d", len(keys)), t})
	}
	items := make([]string, 0, len(keys)+3)
	for i, key := range keys {
		items = append(items, key+" AS "+columns[i].Name)
	}
	for i := range 1 + s.rng.IntN(3) {
		t := s.anyType()
		text, found := s.aggregate(t, sources)
		if !found {
			text, t = "count(*)", Int
		}
		c := Column{fmt.Sprintf("a%d", i), t}
		items, columns = append(items, text+" AS "+c.Name), append(columns, c)
	}
	if where != "" {
		where = " WHERE " + where
	}
	text := "SELECT " + strings.Join(items, ", ") + " FROM " + from + where + s.groupBy(keys)
	if s.one(4, 1) {
		a, _ := s.aggregate(Int, sources)
		if a == "" {
			a = "count(*)"
		}
		text += " HAVING " + s.compare(a, Int, nil)
	}
	return text, columns
}

func (s *session) groupBy(keys []string) string {
	if len(keys) == 0 {
		return ""
	}
	list := strings.Join(keys, ", ")
	switch s.rng.IntN(10) {
	case 0:
		return " GROUP BY ROLLUP (" + list + ")"
	case 1:
		return " GROUP BY CUBE (" + list + ")"
	case 2:
		return " GROUP BY GROUPING SETS ((" + list + "), (" + keys[0] + "), ())"
	case 3:
		if !s.config.Postgres {
			return " GROUP BY ALL"
		}
	case 4:
		positions := make([]string, len(keys))
		for i := range keys {
			positions[i] = strconv.Itoa(i + 1)
		}
		return " GROUP BY " + strings.Join(positions, ", ")
	}
	return " GROUP BY " + list
}

// tail is ORDER BY, LIMIT and OFFSET of a whole query.
func (s *session) tail(columns []Column) string {
	text := ""
	if s.one(3, 1) {
		var list []string
		for _, i := range some(s, columns, 3) {
			at := 1
			for j, c := range columns {
				if c.Name == i.Name {
					at = j + 1
				}
			}
			list = append(list, strconv.Itoa(at)+pick(s, "", "", " DESC", " ASC", " NULLS FIRST", " DESC NULLS LAST"))
		}
		text = " ORDER BY " + strings.Join(list, ", ")
	} else if !s.config.Postgres && s.one(20, 1) {
		text = " ORDER BY ALL"
	}
	if s.one(5, 1) {
		text += pick(s, " LIMIT 3", " LIMIT 10", " LIMIT 0", " LIMIT 100000", " LIMIT ALL", " LIMIT "+s.parameter(), " FETCH FIRST 5 ROWS ONLY")
		if s.one(4, 1) {
			text += pick(s, " OFFSET 1", " OFFSET 5", " OFFSET 0")
		}
	}
	return text
}

func (s *session) parameter() string {
	s.params++
	if !s.config.Postgres && s.params == 1 && s.one(2, 1) {
		s.params = 100 // no more: kinds of parameters do not mix
		return "?"
	}
	if s.params > 9 {
		return "1"
	}
	return "$" + strconv.Itoa(s.params)
}

package sqlgen

import (
	"fmt"
	"slices"
	"strings"
)

// source is something in FROM, or a CTE.
type source struct {
	alias   string
	columns []Column
	table   string            // the table's full name, if it is one
	links   map[string]string // see Table
	bare    bool              // its columns may be named without the alias
}

func (s *session) alias() string {
	s.names++
	return fmt.Sprintf("%s%d", pick(s, "t", "q", "x", "r"), s.names)
}

// name writes a name, quoted where it must be and sometimes where not.
func (s *session) name(n string) string {
	if n != strings.ToLower(n) || strings.Contains(n, " ") || n == "order" || n == "at" || s.one(8, 1) {
		return `"` + n + `"`
	}
	return n
}

func (s *session) qualified(t Table) string {
	switch {
	case t.Schema != "":
		return s.name(t.Schema) + "." + s.name(t.Name)
	case s.one(8, 1) && s.config.Postgres:
		return "public." + s.name(t.Name)
	case s.one(8, 1) && !s.config.Postgres:
		return "main." + s.name(t.Name)
	default:
		return s.name(t.Name)
	}
}

// from writes what follows FROM and returns its sources, and a condition that
// still has to go into WHERE. lateral may be read by a LATERAL.
func (s *session) from(depth int, outer []source) (text string, sources []source, where string) {
	text, first := s.source(depth, outer)
	sources = []source{first}
	for n := 1; n < 4 && s.often(2); n++ {
		text, sources, where = s.join(text, sources, where, depth, outer)
	}
	for i := range sources {
		sources[i].bare = len(sources) == 1
	}
	return text, sources, where
}

func (s *session) join(text string, sources []source, where string, depth int, outer []source) (string, []source, string) {
	right, added := s.source(depth, outer)
	all := append(slices.Clip(sources), added)
	left := sources[s.rng.IntN(len(sources))]
	kind := pick(s, " JOIN ", " INNER JOIN ", " LEFT JOIN ", " LEFT OUTER JOIN ", " RIGHT JOIN ", " FULL JOIN ")
	tie := s.tie(left, added)
	form := s.rng.IntN(14)
	if form == 0 || form == 1 || form == 6 {
		form += s.rng.IntN(2) * 100 // ties are the rule
	}
	switch form {
	case 0:
		return text + " CROSS JOIN " + right, all, where
	case 1:
		return text + kind + right + " ON " + pick(s, "true", s.boolean(all, 1)), all, where
	case 2, 3:
		if where != "" {
			tie = where + " AND " + tie
		}
		return text + ", " + right, all, tie
	case 4, 5:
		if shared := s.shared(sources, added); shared != "" {
			return text + kind + right + " USING (" + s.name(shared) + ")", all, where
		}
	case 6:
		return text + " NATURAL" + kind + right, all, where
	case 7:
		if !s.config.Postgres {
			kind = pick(s, " SEMI JOIN ", " ANTI JOIN ", " ASOF JOIN ", " POSITIONAL JOIN ")
			switch {
			case strings.HasPrefix(kind, " POS"):
				return text + kind + right, all, where
			case strings.HasPrefix(kind, " ASOF"):
				return text + kind + right + " ON " + tie + " AND " + s.ordered(left, added), all, where
			default:
				return text + kind + right + " ON " + tie, sources, where
			}
		}
	case 8:
		tie += " AND " + s.boolean(all, 1)
	case 9:
		tie = "(" + tie + " OR " + s.tie(left, added) + ")"
	}
	return text + kind + right + " ON " + tie, all, where
}

// tie is an equality of columns of two sources, by a link if there is one.
func (s *session) tie(left, right source) string {
	for _, pair := range [][2]source{{left, right}, {right, left}} {
		for _, c := range pair[0].columns {
			if target, linked := pair[0].links[c.Name]; linked && s.one(4, 3) {
				if table, column, _ := strings.Cut(target, "."); table == pair[1].table {
					return s.equal(pair[0].alias+"."+s.name(c.Name), pair[1].alias+"."+s.name(column))
				}
			}
		}
	}
	for range 8 {
		a, b := pick(s, left.columns...), pick(s, right.columns...)
		if a.Type == b.Type && a.Type != JSON {
			return s.equal(left.alias+"."+s.name(a.Name), right.alias+"."+s.name(b.Name))
		}
	}
	return s.equal(left.alias+"."+s.name(left.columns[0].Name), right.alias+"."+s.name(right.columns[0].Name))
}

// equal writes an equality, now and then of columns within what keeps them apart.
func (s *session) equal(a, b string) string {
	switch s.rng.IntN(12) {
	case 0:
		return "CAST(" + a + " AS VARCHAR) = CAST(" + b + " AS VARCHAR)"
	case 1:
		return b + " = " + a
	case 2:
		return "(" + a + ") = (" + b + ")"
	case 3:
		return a + " IS NOT DISTINCT FROM " + b
	default:
		return a + " = " + b
	}
}

func (s *session) ordered(left, right source) string {
	for range 8 {
		a, b := pick(s, left.columns...), pick(s, right.columns...)
		if a.Type == b.Type && a.Type < Interval && a.Type != Bool {
			return left.alias + "." + s.name(a.Name) + pick(s, " >= ", " < ", " <= ") + right.alias + "." + s.name(b.Name)
		}
	}
	return "true"
}

// shared is a column that stands once among the sources and in the added one.
func (s *session) shared(sources []source, added source) string {
	times := map[string]int{}
	for _, each := range sources {
		for _, c := range each.columns {
			times[c.Name]++
		}
	}
	var names []string
	for _, c := range added.columns {
		if times[c.Name] == 1 && c.Type != JSON {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return pick(s, names...)
}

// source writes one source with its alias.
func (s *session) source(depth int, outer []source) (string, source) {
	alias := s.alias()
	as := pick(s, " AS ", " ") + alias
	switch n := s.rng.IntN(20); {
	case n < 3 && len(s.ctes) > 0:
		cte := pick(s, s.ctes...)
		return cte.alias + as, source{alias: alias, columns: cte.columns}
	case n < 6 && depth > 0:
		text, columns := s.query(depth-1, nil)
		return "(" + text + ")" + as, source{alias: alias, columns: columns}
	case n == 6 && len(outer) > 0 && s.one(3, 1):
		text, columns := s.query(max(depth-1, 0), outer)
		return "LATERAL (" + text + ")" + as, source{alias: alias, columns: columns}
	case n == 7:
		values := "(VALUES (1, 'a', true), (2, " + s.literal(Text) + ", NULL))" + as + "(n, s, b)"
		return values, source{alias: alias, columns: []Column{{"n", Int}, {"s", Text}, {"b", Bool}}}
	case n == 8 && s.one(2, 1):
		return fmt.Sprintf("generate_series(%d, %d)%s(n)", s.rng.IntN(5), s.rng.IntN(20), as), source{alias: alias, columns: []Column{{"n", Int}}}
	}
	t := pick(s, s.tables...)
	text := s.qualified(t)
	if s.one(5, 1) && t.Schema == "" {
		return text, source{alias: t.Name, columns: t.Columns, table: t.Full(), links: t.Links}
	}
	if s.one(40, 1) {
		sample := pick(s, " TABLESAMPLE SYSTEM (50)", " TABLESAMPLE BERNOULLI (50)")
		return text + as + sample, source{alias: alias, columns: t.Columns}
	}
	return text + as, source{alias: alias, columns: t.Columns, table: t.Full(), links: t.Links}
}

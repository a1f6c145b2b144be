package sqlgen

import "strings"

// condition is a condition of WHERE, where subqueries may stand.
func (s *session) condition(scope []source, depth int) string {
	if depth <= 0 || len(scope) == 0 || !s.one(8, 1) {
		return s.boolean(scope, 2)
	}
	from, sources, where := s.from(0, nil)
	tie := s.tie(pick(s, scope...), sources[0])
	if where != "" {
		tie += " AND " + where
	}
	switch s.rng.IntN(4) {
	case 0, 1:
		return pick(s, "", "NOT ") + "EXISTS (SELECT 1 FROM " + from + " WHERE " + tie + ")"
	case 2:
		return s.expr(Int, scope, 0) + pick(s, " ", " NOT ") + "IN (SELECT " + s.expr(Int, sources, 0) + " FROM " + from + ")"
	default:
		return s.expr(Int, scope, 0) + pick(s, " = ANY ", " <> ALL ", " > ALL ") + "(SELECT " + s.expr(Int, sources, 0) + " FROM " + from + ")"
	}
}

// boolean is an expression of true and false.
func (s *session) boolean(scope []source, depth int) string {
	if depth > 0 {
		switch s.rng.IntN(8) {
		case 0:
			return "(" + s.boolean(scope, depth-1) + " OR " + s.boolean(scope, depth-1) + ")"
		case 1:
			return s.boolean(scope, depth-1) + " AND " + s.boolean(scope, depth-1)
		case 2:
			return "NOT (" + s.boolean(scope, depth-1) + ")"
		}
	}
	t := s.anyType()
	switch t {
	case Text:
		x := s.operand(s.expr(Text, scope, depth-1))
		if s.one(2, 1) {
			return x + s.match()
		}
		return s.compare(x, t, scope)
	case Bool:
		x := s.operand(s.expr(Bool, scope, 0))
		return pick(s, x, x+" IS TRUE", x+" IS NOT FALSE", x+" IS NOT NULL", "NOT "+x)
	case JSON:
		return s.operand(s.expr(JSON, scope, 0)) + pick(s, " IS NULL", " IS NOT NULL")
	default:
		return s.compare(s.operand(s.expr(t, scope, depth-1)), t, scope)
	}
}

// compare compares an expression with others of its type.
func (s *session) compare(x string, t Type, scope []source) string {
	if t == JSON {
		return x + " IS NOT NULL"
	}
	y := func() string { return s.operand(s.expr(t, scope, 0)) }
	switch s.rng.IntN(10) {
	case 0:
		return x + pick(s, " IN ", " NOT IN ") + "(" + y() + ", " + s.literal(t) + ")"
	case 1:
		return x + pick(s, " BETWEEN ", " NOT BETWEEN ") + y() + " AND " + y()
	case 2:
		return x + pick(s, " IS NULL", " IS NOT NULL", " ISNULL", " NOTNULL")
	case 3:
		return x + pick(s, " IS DISTINCT FROM ", " IS NOT DISTINCT FROM ") + y()
	case 4:
		return "(" + x + ", 1) = (" + y() + ", 1)"
	default:
		return x + pick(s, " = ", " <> ", " != ", " < ", " <= ", " > ", " >= ") + y()
	}
}

// match matches a text with a pattern.
func (s *session) match() string {
	patterns := []string{
		" LIKE 'n%'", " NOT LIKE '%a%'", " ILIKE '%E_'", " LIKE '%\\%%'", " LIKE 'x!%' ESCAPE '!'", " SIMILAR TO '(a|n)%'", " NOT ILIKE ''",
		" ~ '^[a-z]+$'", " !~ 'o'",
	}
	if s.config.Postgres {
		patterns = append(patterns, " ~* 'NA'", " !~* '^$'", " COLLATE \"C\" < 'n'", " LIKE E'\\\\%'")
	} else {
		patterns = append(patterns, " GLOB 'n*'", " ~~ 'n%'", " NOT SIMILAR TO 'a.*'", " COLLATE NOCASE = 'ANN'")
	}
	return strings.TrimRight(pick(s, patterns...), " ")
}

package sqlgen

import "strings"

// patterns are what functions take for patterns, paths, formats and parts.
var patterns = []string{"a", "n", "o.", "[a-z]+", "$.a", "$.a.b", "%Y-%m-%d", "YYYY-MM-DD", "999", "month", "day", "hour", "year", "s", "hex", "'", ",", "-", "", "utf-8", "\\"}

// call calls a function of some result; false if there is none.
func (s *session) call(t Type, scope []source, depth int) (string, bool) {
	return s.callOf(t, Scalar, scope, depth)
}

func (s *session) callOf(t Type, kind Kind, scope []source, depth int) (string, bool) {
	list := s.functions[t][kind]
	if len(list) == 0 {
		return "", false
	}
	f := pick(s, list...)
	if f.Name == "count" && len(f.Args) == 0 {
		return "count(*)", true
	}
	args := make([]string, len(f.Args))
	for i, a := range f.Args {
		args[i] = s.expr(a, scope, depth)
		// What the guard looks into must be a literal.
		if a == Text && i > 0 && s.one(6, 5) {
			args[i] = s.text(pick(s, patterns...))
		}
	}
	return f.Name + "(" + strings.Join(args, pick(s, ", ", ",")) + ")", true
}

// aggregate is a call of an aggregate, with what only those have.
func (s *session) aggregate(t Type, scope []source) (string, bool) {
	if s.one(15, 1) && t < Text {
		return pick(s, "percentile_cont(0.5)", "percentile_disc(0.25)", "mode()") + " WITHIN GROUP (ORDER BY " + s.expr(t, scope, 1) + ")", true
	}
	text, found := s.callOf(t, Aggregate, scope, 1)
	if !found {
		return "", false
	}
	if s.one(8, 1) && !strings.HasSuffix(text, "()") && text != "count(*)" {
		at := strings.IndexByte(text, '(') + 1
		text = text[:at] + "DISTINCT " + text[at:]
	} else if s.one(12, 1) && !strings.HasSuffix(text, "()") && text != "count(*)" {
		text = text[:len(text)-1] + " ORDER BY " + s.column(pick(s, scope...)) + ")"
	}
	if s.one(8, 1) {
		text += " FILTER (WHERE " + s.boolean(scope, 1) + ")"
	}
	return text, true
}

// window is a call with OVER.
func (s *session) window(scope []source) (string, Type) {
	t := pick(s, Int, Int, Numeric, Text, Float, Date)
	kind := pick(s, Window, Window, Aggregate)
	text, found := s.callOf(t, kind, scope, 1)
	if !found {
		text, t = "row_number()", Int
	}
	over := ""
	if len(scope) > 0 && s.one(2, 1) {
		over += "PARTITION BY " + s.column(pick(s, scope...)) + " "
	}
	if len(scope) > 0 && s.one(3, 2) {
		over += "ORDER BY " + s.column(pick(s, scope...)) + pick(s, "", " DESC", " DESC NULLS LAST")
		if s.one(4, 1) {
			over += pick(s, " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW", " ROWS UNBOUNDED PRECEDING", " RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
				" GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING", " ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING EXCLUDE TIES")
		}
	}
	return text + " OVER (" + strings.TrimSpace(over) + ")", t
}

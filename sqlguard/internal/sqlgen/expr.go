package sqlgen

import (
	"fmt"
	"strings"
)

// anyType picks a type, the common ones more often.
func (s *session) anyType() Type {
	return pick(s, Int, Int, Int, Numeric, Numeric, Float, Text, Text, Text, Bool, Date, Date, Timestamp, Interval, JSON, Ints, Texts)
}

// column names some column of a source.
func (s *session) column(from source) string {
	c := pick(s, from.columns...)
	return s.reference(from, c)
}

func (s *session) reference(from source, c Column) string {
	if from.bare && s.one(3, 2) || s.one(12, 1) {
		return s.name(c.Name)
	}
	return from.alias + "." + s.name(c.Name)
}

// columnOf names a column of a type.
func (s *session) columnOf(t Type, scope []source) (string, bool) {
	var found []string
	for _, each := range scope {
		for _, c := range each.columns {
			if c.Type == t {
				found = append(found, s.reference(each, c))
			}
		}
	}
	if len(found) == 0 {
		return "", false
	}
	return pick(s, found...), true
}

// expr is an expression of a type.
func (s *session) expr(t Type, scope []source, depth int) string {
	if depth <= 0 || s.one(4, 1) {
		if c, found := s.columnOf(t, scope); found && s.one(5, 4) {
			return c
		}
		if t == Int && s.one(60, 1) {
			return s.parameter() + pick(s, "::integer", "::int", "")
		}
		return s.literal(t)
	}
	switch s.rng.IntN(10) {
	case 0:
		return s.caseOf(t, scope, depth-1)
	case 1:
		return "coalesce(" + s.expr(t, scope, depth-1) + ", " + s.expr(t, scope, 0) + ")"
	case 2:
		return s.cast(t, scope, depth-1)
	case 3, 4, 5:
		if text, found := s.call(t, scope, depth-1); found {
			return text
		}
	}
	return s.operation(t, scope, depth-1)
}

func (s *session) caseOf(t Type, scope []source, depth int) string {
	if s.one(3, 1) {
		of := s.anyType()
		if of == JSON {
			of = Text
		}
		return fmt.Sprintf("CASE %s WHEN %s THEN %s WHEN %s THEN %s END", s.expr(of, scope, depth), s.literal(of), s.expr(t, scope, depth), s.literal(of), s.expr(t, scope, 0))
	}
	return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", s.boolean(scope, depth), s.expr(t, scope, depth), s.expr(t, scope, depth))
}

// typeNames are what a type is called in CAST.
var typeNames = [numTypes][]string{
	Int: {"integer", "int", "bigint", "INT8", "smallint"}, Numeric: {"numeric(12, 2)", "decimal(12,3)"}, Float: {"double precision", "float8", "real"},
	Text: {"varchar", "text", "VARCHAR(40)"}, Bool: {"boolean", "bool"}, Date: {"date"}, Timestamp: {"timestamp"}, Interval: {"interval"},
	Ints: {"integer[]", "int[]"}, Texts: {"text[]", "varchar[]"}, JSON: {"json"},
}

func (s *session) cast(t Type, scope []source, depth int) string {
	from := t
	switch t {
	case Int, Numeric, Float:
		from = pick(s, Int, Numeric, Float)
	case Text:
		from = s.anyType()
	case Date, Timestamp:
		from = pick(s, Date, Timestamp)
	}
	inner, name := s.expr(from, scope, depth), pick(s, typeNames[t]...)
	if t == JSON && s.config.Postgres {
		name = "jsonb"
	}
	switch s.rng.IntN(4) {
	case 0:
		return "(" + inner + ")::" + name
	case 1:
		if !s.config.Postgres {
			return "TRY_CAST(" + inner + " AS " + name + ")"
		}
	}
	return "CAST(" + inner + " AS " + name + ")"
}

// operation is an expression by operators.
func (s *session) operation(t Type, scope []source, depth int) string {
	x := func(of Type) string { return s.operand(s.expr(of, scope, depth)) }
	y := func(of Type) string { return s.operand(s.expr(of, scope, min(depth, 1))) }
	switch t {
	case Int:
		return pick(s, x(Int)+" + "+y(Int), x(Int)+" - "+y(Int), x(Int)+" * "+y(Int), x(Int)+" % 7", "- "+x(Int), x(Int)+" & "+y(Int), x(Int)+s.integerDivision()+"3", x(Date)+" - "+y(Date))
	case Numeric:
		return pick(s, x(Numeric)+" + "+y(Numeric), x(Numeric)+" - "+y(Int), x(Numeric)+" * "+y(Int), "-"+x(Numeric))
	case Float:
		return pick(s, x(Float)+" + "+y(Float), x(Float)+" * "+y(Float), x(Float)+" / 4", x(Int)+" / 3.0e0")
	case Text:
		return pick(s, x(Text)+" || "+y(Text), "("+x(Text)+")", "substring("+x(Text)+" FROM 1 FOR 3)", "trim(both from "+x(Text)+")", s.jsonText(scope, depth), "("+x(Texts)+")[1]")
	case Bool:
		return s.boolean(scope, depth)
	case Date:
		return pick(s, x(Date)+" + "+y(Int)+" % 100", "("+x(Timestamp)+")::date", "date '2024-02-29'")
	case Timestamp:
		return pick(s, x(Timestamp)+" + "+y(Interval), x(Date)+" + "+y(Interval), "date_trunc('month', "+x(Timestamp)+")", x(Timestamp)+" AT TIME ZONE 'UTC' AT TIME ZONE 'UTC'")
	case Interval:
		return pick(s, x(Interval)+" + "+y(Interval), x(Interval)+" * 2", x(Timestamp)+" - "+y(Timestamp))
	case JSON:
		return pick(s, x(JSON)+" -> 'a'", x(JSON)+" -> 'list' -> 1", "("+x(JSON)+")")
	case Ints:
		if s.config.Postgres {
			return pick(s, "ARRAY["+x(Int)+", "+y(Int)+"]", x(Ints)+" || "+y(Ints), "("+x(Ints)+")[1:2]")
		}
		return pick(s, "["+x(Int)+", "+y(Int)+"]", x(Ints)+" || "+y(Ints), "("+x(Ints)+")[1:2]", "list_value("+x(Int)+")")
	default:
		if s.config.Postgres {
			return pick(s, "ARRAY["+x(Text)+", "+y(Text)+"]", x(Texts)+" || "+y(Text))
		}
		return pick(s, "["+x(Text)+", "+y(Text)+"]", "string_split("+x(Text)+", 'n')")
	}
}

func (s *session) integerDivision() string {
	if s.config.Postgres {
		return " / "
	}
	return pick(s, " // ", " / ")
}

// operand puts brackets around what is not simple, mostly.
func (s *session) operand(text string) string {
	if strings.ContainsAny(text, " :") && s.one(20, 19) {
		return "(" + text + ")"
	}
	return text
}

func (s *session) jsonText(scope []source, depth int) string {
	document := s.operand(s.expr(JSON, scope, depth))
	if s.config.Postgres {
		return document + pick(s, " ->> 's'", " #>> '{a,b,0}'", " ->> 0")
	}
	return document + pick(s, " ->> 's'", " ->> '$.a.b[0]'", " ->> 0")
}

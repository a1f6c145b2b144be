package scan

// Shape is how deep and how long a statement's parts are. Parsers written in
// C recurse along these, so they are bounded before one of them runs.
type Shape struct {
	Depth     int // brackets and CASEs open at once
	Operators int // operators in one run, without a comma, bracket or clause between them
	Selects   int // SELECT keywords, set operations and joins
}

// clauseWords begin a new expression: the run of operators ends there.
var clauseWords = wordSet("SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "WHEN", "THEN", "ELSE", "QUALIFY", "LIMIT", "AND", "OR")

// operatorWords are operators spelled as words.
var operatorWords = wordSet("NOT", "IS", "IN", "LIKE", "ILIKE", "GLOB", "SIMILAR", "BETWEEN", "COLLATE", "AT", "ISNULL", "NOTNULL", "ESCAPE", "OPERATOR")

// branchWords each add a branch to the query.
var branchWords = wordSet("UNION", "INTERSECT", "EXCEPT", "JOIN", "VALUES", "TABLE", "PIVOT", "UNPIVOT")

// Measure finds the shape of a token list.
func Measure(tokens []Token) Shape {
	var shape Shape
	// open[d] closes the bracket or CASE at depth d; runs[d] is the length of
	// the run of operators there.
	var open []string
	runs := []int{0}
	for _, t := range tokens {
		if closer := closerOf(t); closer != "" {
			// Subscripts and calls chain like operators: a[1][1][1].
			shape.Operators = max(shape.Operators, count(runs))
			open, runs = append(open, closer), append(runs, 0)
			shape.Depth = max(shape.Depth, len(open))
			continue
		}
		switch top := len(open) - 1; {
		// END closes nothing but a CASE: "AS end" must not hide an open bracket.
		case top >= 0 && (t.Kind == Operator && t.Text == open[top] || open[top] == "END" && t.Is("END")):
			open, runs = open[:top], runs[:top+1]
		case t.Kind == Operator && (t.Text == "," || t.Text == ";"), t.in(clauseWords):
			runs[len(runs)-1] = 0
		case t.Kind == Operator, t.in(operatorWords):
			shape.Operators = max(shape.Operators, count(runs))
		case t.in(branchWords):
			shape.Selects++
		}
		if t.Is("SELECT") {
			shape.Selects++
		}
	}
	return shape
}

func closerOf(t Token) string {
	switch {
	case t.Is("CASE"):
		return "END"
	case t.Kind != Operator:
		return ""
	}
	switch t.Text {
	case "(":
		return ")"
	case "[":
		return "]"
	case "{":
		return "}"
	}
	return ""
}

func count(runs []int) int {
	runs[len(runs)-1]++
	return runs[len(runs)-1]
}

type words map[string]bool

func wordSet(list ...string) words {
	set := make(words, len(list))
	for _, w := range list {
		set[w] = true
	}
	return set
}

// longestWord is longer than any word in a set here.
const longestWord = 16

// in reports whether the token is an unquoted word of the set.
func (t Token) in(set words) bool {
	if t.Kind != Word || len(t.Text) >= longestWord {
		return false
	}
	var upper [longestWord]byte
	for i := range len(t.Text) {
		c := t.Text[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		upper[i] = c
	}
	return set[string(upper[:len(t.Text)])]
}

package scan

// Shape is how deep and how long a statement's parts are. Parsers written in
// C recurse along these, so they are bounded before one of them runs.
type Shape struct {
	Depth     int // brackets and CASEs open at once
	Operators int // operators in one run, without a comma, bracket or clause between them
	Selects   int // SELECT keywords, set operations and joins
	// Copied counts the tokens that the parser adds: it copies the operand of a
	// simple CASE into each of its branches, and nested operands multiply. A
	// long token counts for several.
	Copied int
	// Sets is the most grouping sets of one GROUP BY: the parser writes out
	// what CUBE, ROLLUP and GROUPING SETS multiply to.
	Sets int
	// Windows counts the tokens that named windows come to: those of the clause
	// WINDOW as often as the statement has OVER, since parsers and the guard write
	// a window out where it is used.
	Windows int
}

// role is what a word does to the shape.
type role uint8

const (
	noRole       role = iota
	clauseWord        // begins a new expression: the run of operators ends there
	operatorWord      // is an operator
	branchWord        // adds a branch to the query
)

var roles = func() map[string]role {
	all := map[string]role{}
	for of, words := range map[role][]string{
		clauseWord:   {"SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "THEN", "ELSE", "QUALIFY", "LIMIT", "AND", "OR"},
		operatorWord: {"NOT", "IS", "IN", "LIKE", "ILIKE", "GLOB", "SIMILAR", "BETWEEN", "COLLATE", "AT", "ISNULL", "NOTNULL", "ESCAPE", "OPERATOR"},
		branchWord:   {"UNION", "INTERSECT", "EXCEPT", "JOIN", "VALUES", "TABLE", "PIVOT", "UNPIVOT"},
	} {
		for _, word := range words {
			all[word] = of
		}
	}
	return all
}()

// Measure finds the shape of a token list.
func Measure(tokens []Token) Shape {
	var shape Shape
	open := []frame{newFrame("", plain)}
	written := 0
	var windows windowClauses
	for i, t := range tokens {
		windows.token(tokens, i, len(open))
		top := &open[len(open)-1]
		top.size = clamp(top.size + t.weight())
		written += t.weight()
		switch {
		case t.Is("SELECT"):
			shape.Selects++
		case t.Is("GROUP") && i+1 < len(tokens) && tokens[i+1].Is("BY"):
			shape.Sets = max(shape.Sets, top.sets())
			top.groupBy()
		}
		does := lookUp(t, roles)
		switch closer := closerOf(t); {
		case closer != "":
			// Subscripts and calls chain like operators: a[1][1][1].
			shape.Operators = max(shape.Operators, top.operator())
			inner := newFrame(closer, groupingAt(tokens, i))
			inner.simple = closer == "END" && i+1 < len(tokens) && !tokens[i+1].Is("WHEN")
			open = append(open, inner)
			shape.Depth = max(shape.Depth, len(open)-1)
		case top.closer != "" && (t.Kind == Operator && t.Text == top.closer || top.closer == "END" && t.Is("END")):
			shape.Sets = max(shape.Sets, top.sets())
			inner := *top
			open = open[:len(open)-1]
			open[len(open)-1].take(inner)
		case t.Is("WHEN"):
			top.when()
		case t.Kind == Operator && (t.Text == "," || t.Text == ";"):
			top.operators = 0
			top.item()
		case does == clauseWord:
			top.operators = 0
		case isSeparator(tokens, i):
		case t.Kind == Operator, does == operatorWord:
			shape.Operators = max(shape.Operators, top.operator())
		case does == branchWord:
			shape.Selects++
		}
	}
	for i := range open {
		shape.Copied = clamp(shape.Copied + open[i].total())
		shape.Sets = max(shape.Sets, open[i].sets())
	}
	shape.Copied -= written
	shape.Windows = windows.total()
	return shape
}

// maxSeparators is how many dots a name of a database, schema, table and column
// has.
const maxSeparators = 3

// isSeparator reports whether a token is the dot between two parts of a name, as
// in pg_catalog.abs. Those of longer names, and those of fields of something
// else, chain as operators do.
func isSeparator(tokens []Token, i int) bool {
	if !tokens[i].isDot() {
		return false
	}
	for dots := 1; dots <= maxSeparators; dots++ {
		if i < 1 || tokens[i-1].Kind != Word && tokens[i-1].Kind != Name {
			return false
		}
		if i < 2 || !tokens[i-2].isDot() {
			return true
		}
		i -= 2
	}
	return false
}

// weight is what a token counts for when it is copied: a long literal is as
// costly as many short ones.
func (t Token) weight() int { return 1 + len(t.Text)/longToken }

const longToken = 64 // bytes

// frame is an open bracket or CASE, or the statement around them all.
type frame struct {
	closer    string // what ends it
	operators int    // in the run that goes on
	size      int    // tokens so far, written out
	simple    bool   // CASE operand WHEN value …, which compares the operand with each value
	operand   int    // tokens of the operand
	whens     int
	grouping
}

func newFrame(closer string, kind groupingKind) frame {
	return frame{closer: closer, grouping: grouping{kind: kind, product: 1}}
}

func (f *frame) operator() int {
	f.operators++
	return f.operators
}

// take adds to a frame what it had inside.
func (f *frame) take(inner frame) {
	f.size = clamp(f.size + inner.total())
	f.multiply(inner.grouping)
}

func (f *frame) when() {
	f.operators = 0
	if f.simple {
		if f.whens == 0 {
			f.operand = f.size
		}
		f.whens++
	}
}

// total is the tokens of a finished frame: the parser writes the operand of a
// simple CASE once for each WHEN.
func (f *frame) total() int { return clamp(f.size + f.operand*max(f.whens-1, 0)) }

// clamp keeps products of products from overflowing.
func clamp(n int) int { return min(n, 1<<30) }

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

package tree

// Expr is an expression. Alias is kept beside it, in Aliased, because only
// select items and named arguments may carry one.
type Expr interface{ expr() }

// Aliased is an expression with a name given by AS.
type Aliased struct {
	Expr  Expr
	Alias string
}

// Column refers to a column by its path: column, table.column, a struct's
// field and so on, outermost name first.
type Column struct{ Path []string }

// Star is * or t.*, with its modifiers. Columns marks the star inside
// ORDER BY ALL and COLUMNS(*).
type Star struct {
	Relation string
	Exclude  []string
	Replace  []Aliased
	Rename   []Rename
	Columns  bool
}

// Rename is one entry of a star's RENAME list.
type Rename struct{ From, To string }

// Literal is a constant. Text is its spelling without quotes.
type Literal struct {
	Kind LiteralKind
	Text string
}

// LiteralKind says how a literal is written.
type LiteralKind uint8

// The kinds of literal.
const (
	LiteralNull LiteralKind = iota
	LiteralNumber
	LiteralString
	LiteralEmptySlice // the omitted bound of a slice, as in a[:2]
)

// Param is a positional parameter, counted from 1.
type Param struct{ Number int }

// Arg is an argument of a call; Name is empty unless it was given by name.
type Arg struct {
	Name string
	Expr Expr
}

// Call is a function call. Operators that the engine resolves as functions
// (+, ||, LIKE …) are calls with Operator set.
type Call struct {
	Catalog, Schema, Name string
	Operator              bool
	Args                  []Arg
	Distinct              bool
	Filter                Expr
	OrderBy               []Order
}

// Window is a function call with OVER.
type Window struct {
	Call        Call
	IgnoreNulls bool
	Partition   []Expr
	Order       []Order
	Start, End  Bound
	Exclude     string // "CURRENT ROW", "GROUP", "TIES" or empty
}

// Bound is one end of a window frame: Kind is its SQL words without the
// offset ("UNBOUNDED PRECEDING", "CURRENT ROW", "PRECEDING", "FOLLOWING"),
// Unit is "ROWS", "RANGE" or "GROUPS".
type Bound struct {
	Unit   string
	Kind   string
	Offset Expr
}

// Compare is a comparison; Op is its SQL spelling.
type Compare struct {
	Op          string
	Left, Right Expr
}

// Logic is AND or OR over two or more operands.
type Logic struct {
	Op   string
	Args []Expr
}

// OpKind names an operator that the engine does not resolve as a function.
type OpKind string

// The operators.
const (
	OpNot       OpKind = "NOT"
	OpIsNull    OpKind = "IS NULL"
	OpIsNotNull OpKind = "IS NOT NULL"
	OpIn        OpKind = "IN"
	OpNotIn     OpKind = "NOT IN"
	OpCoalesce  OpKind = "COALESCE"
	OpTry       OpKind = "TRY"
	OpArray     OpKind = "ARRAY"
	OpElement   OpKind = "ELEMENT" // a[1]
	OpSlice     OpKind = "SLICE"   // a[1:2]
	OpField     OpKind = "FIELD"   // (a).b; the second argument is a string literal
	OpGrouping  OpKind = "GROUPING"
)

// Op applies an operator.
type Op struct {
	Kind OpKind
	Args []Expr
}

// Between is x BETWEEN lower AND upper.
type Between struct{ Expr, Lower, Upper Expr }

// Case is a searched CASE.
type Case struct {
	Whens []When
	Else  Expr
}

// When is one branch of a CASE.
type When struct{ Cond, Then Expr }

// Cast converts Expr to Type; Try gives NULL where that fails.
type Cast struct {
	Expr Expr
	Type Type
	Try  bool
}

// Type is a type as SQL writes it: a name, numeric modifiers, and for nested
// types their members.
type Type struct {
	Name      string
	Modifiers []string
	Elem      *Type  // LIST, ARRAY
	Size      string // ARRAY
	Fields    []Field
}

// Field is a member of a STRUCT, UNION or MAP (key, value).
type Field struct {
	Name string
	Type Type
}

// Collate applies a collation.
type Collate struct {
	Expr      Expr
	Collation string
}

// SubqueryKind says how a subquery's result is used.
type SubqueryKind uint8

// The kinds of subquery expression.
const (
	SubqueryScalar SubqueryKind = iota
	SubqueryExists
	SubqueryAny // child op ANY (query); IN is = ANY
)

// SubqueryExpr is a query used as an expression.
type SubqueryExpr struct {
	Kind  SubqueryKind
	Query *Query
	Child Expr   // only for SubqueryAny
	Op    string // only for SubqueryAny
}

// Lambda is a function given as an argument.
type Lambda struct {
	Params []string
	Body   Expr
}

func (*Aliased) expr()      {}
func (*Column) expr()       {}
func (*Star) expr()         {}
func (*Literal) expr()      {}
func (*Param) expr()        {}
func (*Call) expr()         {}
func (*Window) expr()       {}
func (*Compare) expr()      {}
func (*Logic) expr()        {}
func (*Op) expr()           {}
func (*Between) expr()      {}
func (*Case) expr()         {}
func (*Cast) expr()         {}
func (*Collate) expr()      {}
func (*SubqueryExpr) expr() {}
func (*Lambda) expr()       {}

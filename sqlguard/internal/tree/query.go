package tree

// StatementKind says what a statement asks for. Its zero is invalid.
type StatementKind uint8

// The statements that may reach the rules. Everything else is refused while
// the parse tree is lowered.
const (
	KindInvalid    StatementKind = iota
	KindQuery                    // SELECT, FROM-first SELECT, VALUES, TABLE, set operations
	KindExplain                  // EXPLAIN of a query, never EXPLAIN ANALYZE
	KindDescribe                 // DESCRIBE of a query; of a table it is that of SELECT * FROM it
	KindShowTables               // SHOW TABLES
)

// Statement is one whole statement.
type Statement struct {
	Kind  StatementKind
	Query *Query // nil for KindShowTables
	// Params is the highest number of a positional parameter ($1, $2, …).
	Params int
}

// Query is one query expression: a body with its CTEs and its modifiers.
type Query struct {
	CTEs     []CTE
	Body     Body
	Distinct *Distinct
	OrderBy  []Order
	Limit    Expr // nil: none
	Offset   Expr // nil: none
	// LimitPercent says that Limit is a percentage of the rows.
	LimitPercent bool
}

// CTE is one named query of a WITH clause.
type CTE struct {
	Name      string
	Columns   []string
	Query     *Query
	Recursive bool // it reads itself
}

// Distinct is a DISTINCT clause; On is empty for the plain form.
type Distinct struct{ On []Expr }

// Order is one ORDER BY term. Direction and Nulls are the SQL words
// ("ASC", "DESC"; "FIRST", "LAST") or empty for the engine's default.
type Order struct {
	Expr      Expr
	Direction string
	Nulls     string
}

// Body is what a Query evaluates: *Select, *Values or *SetOp.
type Body interface{ body() }

// Select is one SELECT.
type Select struct {
	Items  []Expr
	From   Source // nil: no FROM
	Where  Expr
	Groups Groups
	Having Expr
	// Qualify filters on window functions.
	Qualify Expr
	Sample  *Sample
}

// Values is a VALUES list.
type Values struct{ Rows [][]Expr }

// Groups is a GROUP BY clause. Sets index into Exprs; one set naming every
// expression is the plain form. All is GROUP BY ALL.
type Groups struct {
	Exprs []Expr
	Sets  [][]int
	All   bool
}

// SetOp is UNION, INTERSECT or EXCEPT of two queries.
type SetOp struct {
	Op          string // "UNION", "INTERSECT", "EXCEPT"
	All         bool
	ByName      bool // UNION BY NAME matches columns by name
	Left, Right *Query
}

// Sample is TABLESAMPLE or USING SAMPLE.
type Sample struct {
	Size    string // a plain decimal number
	Percent bool
	Method  string
	Seed    string // empty: none
}

func (*Select) body() {}
func (*Values) body() {}
func (*SetOp) body()  {}

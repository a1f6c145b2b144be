package tree

// Source is one item of FROM.
type Source interface{ source() }

// Table names a relation: a table, a view or a CTE.
type Table struct {
	Catalog, Schema, Name string
	Alias                 string
	Columns               []string // column aliases
	Sample                *Sample
}

// Subquery is a query in FROM.
type Subquery struct {
	Query   *Query
	Alias   string
	Columns []string
	Sample  *Sample
}

// TableFunction is a function called in FROM.
type TableFunction struct {
	Call       *Call
	Alias      string
	Columns    []string
	Ordinality bool
	Sample     *Sample
}

// JoinKind names how two sources are joined.
type JoinKind string

// The kinds of join. JoinCross is both CROSS JOIN and the comma.
const (
	JoinInner      JoinKind = "INNER"
	JoinLeft       JoinKind = "LEFT"
	JoinRight      JoinKind = "RIGHT"
	JoinFull       JoinKind = "FULL"
	JoinSemi       JoinKind = "SEMI"
	JoinAnti       JoinKind = "ANTI"
	JoinCross      JoinKind = "CROSS"
	JoinPositional JoinKind = "POSITIONAL"
)

// Join is two sources joined. ASOF and NATURAL are modifiers of the kind.
type Join struct {
	Kind          JoinKind
	Natural, AsOf bool
	Left, Right   Source
	On            Expr
	Using         []string
}

func (*Table) source()         {}
func (*Subquery) source()      {}
func (*TableFunction) source() {}
func (*Join) source()          {}

package dialect

import (
	"context"
	"errors"
	"fmt"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// Adapter joins the guard to one engine's parser. It is safe for concurrent
// use.
type Adapter interface {
	// Name is the dialect's name: "duckdb", "postgres".
	Name() string
	// Parse parses one statement with the engine's own parser and lowers it.
	// It fails with ErrSyntax, ErrNotQuery, ErrMultiple, ErrTooDeep or an
	// *UnsupportedError; anything else is a failure of the adapter itself.
	Parse(ctx context.Context, sql string) (*tree.Statement, error)
	// Render writes the statement as SQL. With literals false each literal
	// becomes a question mark: a text to fingerprint, not to run.
	Render(s *tree.Statement, literals bool) (string, error)
	// Function judges a function or operator by its lower-case name; false
	// means that nobody has judged it.
	Function(name string) (Function, bool)
	// Fold is how the engine compares the name of a relation: two names with
	// the same result are one to it.
	Fold(name string) string
	// DefaultSchema is the schema of relations that are named without one.
	DefaultSchema() string
	// LateralAliases reports whether an alias of a SELECT list may be named
	// further on in the list, and in WHERE, HAVING and QUALIFY. In GROUP BY,
	// ORDER BY and DISTINCT ON it may be everywhere.
	LateralAliases() bool
	// Type says how long the values of a type are, apart from the types that
	// are nested in it.
	Type(t *tree.Type) Type
	// SystemTable reports whether the relation belongs to a system catalog.
	SystemTable(catalog, schema, name string) bool
	// FileTable reports whether the engine would read a relation of this name
	// from a file or an address. An engine may join the parts of a qualified
	// name with dots first: data.csv is a file.
	FileTable(catalog, schema, name string) bool
	// HiddenColumn reports whether an unqualified column of this name is a
	// function in disguise that tells about the session, such as current_user.
	HiddenColumn(name string) bool
	// Close frees the parser.
	Close() error
}

// Function is the verdict on one function.
type Function struct {
	Allowed   bool
	Rule      string // why not: "sql.function", "sql.generator", "sql.catalog" or "sql.file_source"
	Aggregate bool
	// Gathering says of an aggregate that its result holds every value of its
	// group.
	Gathering bool
	// Growing says that its result may be longer than all its arguments:
	// Factor times at most, or, with Factor zero, as the arguments say.
	Growing bool
	Factor  int
	// Multiplying says of a growing function that it writes its last argument,
	// if that is not the first, once for each match or element of the others.
	Multiplying bool
	// Copies is how often it writes an argument into the plan; zero is once.
	Copies int
	// Pattern says that an argument after the first is a pattern or a path,
	// whose matching can be costly whatever its length.
	Pattern bool
	// Linear says that the pattern is matched in time that grows with the
	// length of the text and that of the pattern, whatever its wildcards.
	Linear bool
}

// Type is how long the values of a type are.
type Type struct {
	// Growth is how many times as long as what is cast to the type a value may
	// be; one where every value has the same few bytes.
	Growth int
	// Text says that text and what is written as text is taken over as it is.
	Text bool
}

// The ways in which Parse fails.
var (
	ErrSyntax   = errors.New("dialect: not a statement of this dialect")
	ErrNotQuery = errors.New("dialect: not a query")
	ErrMultiple = errors.New("dialect: more than one statement")
	ErrTooDeep  = errors.New("dialect: nested too deeply")
)

// UnsupportedError says that the statement is valid but has a part that the
// adapter does not know or does not let through.
type UnsupportedError struct {
	// Rule is the rule id that fits best.
	Rule string
	// What names the part, for the log.
	What string
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("dialect: %s is not supported (%s)", e.What, e.Rule)
}

package sqlguard

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
)

// Preset is a set of structural rules.
type Preset uint8

// The presets. What one of them does not name is as in Strict.
const (
	// Strict lets each SELECT read one source, at most three SELECTs deep and
	// wide, without window functions. It is the zero value because nothing
	// stricter exists.
	Strict Preset = iota
	// Analyst also lets through joins that equalities between columns tie
	// together, window functions, more and deeper SELECTs, computed ORDER BY
	// and short generate_series. The cost of what it lets through depends on
	// the data: put a ceiling on the planner's estimate before it runs.
	Analyst
)

// Bounds that no policy can lift: the engines' parsers, written in C, have
// been measured with statements up to these.
const (
	// DefaultMaxLength is the length of a statement in bytes unless a policy
	// says otherwise.
	DefaultMaxLength = 10_000
	// MaxMaxLength is the most that a policy may say.
	MaxMaxLength = 32_000
	// DefaultMaxRows is the row limit unless a policy says otherwise.
	DefaultMaxRows = 1_000
)

// Policy says what may be asked. It is plain data and copied by New.
type Policy struct {
	Preset Preset
	// MaxLength bounds a statement in bytes; zero is DefaultMaxLength. Analyst
	// counts a run of blanks as one.
	MaxLength int
	// MaxRows is the row limit of every answer; zero is DefaultMaxRows.
	MaxRows int64
	// Tables may be read; "*" is every table of the source. Names are
	// compared without regard to case. Empty allows none.
	Tables []string
	// HiddenColumns may not be read in any table, nor whole rows while there
	// are any.
	HiddenColumns []string
	// DenyFunctions are refused although the reviewed list allows them.
	DenyFunctions []string
	// DangerouslyAllowFunctions are allowed although nobody reviewed them or
	// the review refused them.
	DangerouslyAllowFunctions []string
}

// Catalog is what the source holds; the engine reports it.
type Catalog struct {
	// Tables are the names of its tables and views.
	Tables []string
	// Views are those of Tables that are views. EXPLAIN of a query that reads
	// one is refused: it would show what the view is made of.
	Views []string
	// Columns are the columns of a table or view, by its name in Tables. Which
	// source an unqualified column belongs to is known only where the columns
	// of all sources beside it are: Analyst needs them for FROM a, b WHERE x = y.
	Columns map[string][]string
	// Macros are the functions that the source itself defines. A built-in
	// function of such a name is refused: the source's own would run.
	Macros []string
}

// compiled is a policy made ready for look-ups.
type compiled struct {
	bounds
	maxLength int
	maxRows   int64
	allTables bool
	allowed   map[string]bool
	known     map[string]bool // nil: the catalog is not known
	hidden    map[string]bool
	denied    map[string]bool
	dangerous map[string]bool
	shadowed  map[string]bool
	views     map[string]bool
	columns   map[string][]string // of a table, folded
	asGiven   bool                // see Config.TakeNamesAsGiven
	listed    []string            // the tables that may be read, as the catalog spells them
	view      bool                // a stored view is judged: window functions are its maker's choice
}

func (p Policy) compile(c *Catalog, foldName func(string) string) (*compiled, error) {
	var problems []error
	out := &compiled{
		maxLength: p.MaxLength, maxRows: p.MaxRows,
		allowed: setOf(p.Tables, foldName), hidden: setOf(p.HiddenColumns, fold.Wide),
		denied: setOf(p.DenyFunctions, fold.Wide), dangerous: setOf(p.DangerouslyAllowFunctions, fold.Narrow),
	}
	if out.allTables = out.allowed["*"]; out.allTables && len(p.Tables) > 1 {
		problems = append(problems, errors.New(`sqlguard: Tables: "*" stands alone`))
	}
	if p.Preset > Analyst {
		problems = append(problems, fmt.Errorf("sqlguard: Preset: %d does not exist", p.Preset))
	}
	out.bounds = boundsOf(p.Preset)
	if out.maxLength == 0 {
		out.maxLength = DefaultMaxLength
	}
	if out.maxLength < 0 || out.maxLength > MaxMaxLength {
		problems = append(problems, fmt.Errorf("sqlguard: MaxLength: %d bytes is not between 1 and %d", p.MaxLength, MaxMaxLength))
	}
	if out.maxRows == 0 {
		out.maxRows = DefaultMaxRows
	}
	if out.maxRows < 0 {
		problems = append(problems, fmt.Errorf("sqlguard: MaxRows: %d is negative", p.MaxRows))
	}
	for name := range out.dangerous {
		if out.denied[fold.Wide(name)] {
			problems = append(problems, fmt.Errorf("sqlguard: function %q is both denied and allowed", name))
		}
	}
	if c != nil {
		out.known, out.shadowed = setOf(c.Tables, foldName), setOf(c.Macros, fold.Wide)
		out.views = setOf(c.Views, foldName)
		out.columns = make(map[string][]string, len(c.Columns))
		for table, columns := range c.Columns {
			list := make([]string, len(columns))
			for i, name := range columns {
				list[i] = foldName(name)
			}
			out.columns[foldName(table)] = list
		}
		out.listed = slices.DeleteFunc(slices.Clone(c.Tables), func(name string) bool { return !out.allows(foldName(name)) })
	}
	return out, errors.Join(problems...)
}

// allows reports whether a table may be read, by its folded name: the policy
// allows it, and the catalog, where it is known, has it.
func (p *compiled) allows(name string) bool {
	return (p.allTables || p.allowed[name]) && (p.known == nil || p.known[name])
}

func setOf(names []string, fold func(string) string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, n := range names {
		set[fold(n)] = true
	}
	return set
}

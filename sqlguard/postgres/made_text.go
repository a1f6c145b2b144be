package postgres

import (
	"regexp"
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// A session of PostgreSQL keeps each time zone that it has ever met, 24 kB for
// one, until it ends, and takes for one any text such as "ABC1". A query that
// makes such texts, one for each row, and reads dates from them fills the
// server's memory with 720 MB for 30,000 rows. So the zones of a query are those
// that it names, and dates are not read from texts that are put together.
//
// Nor are numbers: '1e65000' is one of 65,000 digits, and dividing such takes
// half a second in which nobody looks at the deadline.

// readTypes are those whose text may have a time zone or an exponent in it.
var readTypes = []string{"date", "time", "timetz", "timestamp", "timestamptz", "daterange", "tsrange", "tstzrange", "numeric", "numrange", "jsonb"}

// composing functions put texts together, or make letters of numbers.
var composing = map[string]bool{
	"||": true, "concat": true, "concat_ws": true, "chr": true, "to_char": true, "overlay": true, "translate": true, "string_agg": true,
	"array_to_string": true, "encode": true, "to_hex": true, "to_bin": true, "to_oct": true,
	"quote_ident": true, "quote_literal": true, "quote_nullable": true,
}

var (
	// zoneName is a name of the zone database or an offset.
	zoneName = regexp.MustCompile(`^([A-Za-z_]+(/[A-Za-z_]+)*|[+-]\d{1,2}(:(00|15|30|45))?)$`)
	// madeZone is a zone by its own rule within a date.
	madeZone = regexp.MustCompile(`[A-Za-z]{3,}[+-]?\d|[<>]`)
)

// plainZone reports whether an expression is the literal name of a zone.
func plainZone(e tree.Expr) bool {
	literal, ok := e.(*tree.Literal)
	return ok && literal.Kind == tree.LiteralString && len(literal.Text) <= maxZone && zoneName.MatchString(literal.Text)
}

const maxZone = 64 // bytes

// madeTexts looks for dates and numbers that are read from texts that the
// statement makes.
type madeTexts struct {
	// made are the output columns of queries whose texts are put together.
	made map[string]bool
	// any says that a column of any name may be such.
	any bool
	// reads are the queries that WITH names, by the tables that stand for them.
	reads map[*tree.Table]*tree.Query
	noted map[*tree.Query]bool // those of which all names are in made
	found bool
}

// readsMadeText judges a whole statement: what a subquery makes, the query
// around it may read.
func readsMadeText(q *tree.Query, ctes map[*tree.Table]*tree.Query) bool {
	reads := false
	look := tree.Visitor{Expr: func(e tree.Expr) {
		text := readFrom(e)
		reads = reads || text != nil && !isPlain(text)
	}}
	look.WalkQuery(q)
	if !reads {
		return false
	}
	z := &madeTexts{made: map[string]bool{}, reads: ctes, noted: map[*tree.Query]bool{}}
	for known := -1; known != len(z.made); { // until nothing new is found
		known = len(z.made)
		collect := tree.Visitor{
			Query:  func(q *tree.Query) bool { z.ctes(q); return true },
			Source: z.source,
		}
		collect.WalkQuery(q)
	}
	judge := tree.Visitor{Expr: func(e tree.Expr) {
		if text := readFrom(e); text != nil && !isPlain(text) && z.isMade(text) {
			z.found = true
		}
	}}
	judge.WalkQuery(q)
	return z.found
}

// readFrom is what an expression reads a date or number from; nil: it reads none.
func readFrom(e tree.Expr) tree.Expr {
	switch e := e.(type) {
	case *tree.Cast:
		for _, name := range readTypes {
			if e.Type.Holds(name) {
				return e.Expr
			}
		}
	case *tree.Call:
		if e.Name == "date" && len(e.Args) == 1 {
			return e.Args[0].Expr
		}
	}
	return nil
}

// isPlain reports whether a text is the query's own as it stands, or a
// parameter; what may be in such has been looked at where it was lowered.
func isPlain(e tree.Expr) bool {
	switch e.(type) {
	case *tree.Literal, *tree.Param:
		return true
	default:
		return false
	}
}

// isMade reports whether a text that is put together is part of an expression.
func (z *madeTexts) isMade(e tree.Expr) bool {
	made := false
	v := tree.Visitor{
		Expr: func(e tree.Expr) {
			switch e := e.(type) {
			case *tree.Call:
				made = made || composes(e)
			case *tree.Window:
				made = made || composes(&e.Call)
			case *tree.Literal:
				made = made || e.Kind == tree.LiteralString && exponent.MatchString(e.Text)
			case *tree.Column:
				made = made || z.any || z.made[e.Path[len(e.Path)-1]]
			}
		},
	}
	v.WalkExpr(e)
	return made
}

// composes reports whether a call puts texts together.
func composes(c *tree.Call) bool {
	return composing[c.Name] || c.Name == "replace" && !plainReplacement(c)
}

// exponent is what makes a number long, wherever it stands in a text.
var exponent = regexp.MustCompile(`[0-9.][eE]|[eE][+-]?[0-9]`)

// plainReplacement reports whether replace writes one character that makes
// neither a zone nor an exponent, or none.
func plainReplacement(c *tree.Call) bool {
	literal, ok := c.Args[len(c.Args)-1].Expr.(*tree.Literal)
	return ok && len(literal.Text) <= 1 && !strings.ContainsAny(literal.Text, "eE")
}

package functions

import (
	_ "embed" // functions.tsv and families.tsv
	"strings"
	"sync"
)

// Verdict is the judgement on one function. The zero Verdict denies.
type Verdict struct {
	// Allowed says that the function may be called in an expression.
	Allowed bool
	// Rule is the rule that refuses it: "sql.function", "sql.generator",
	// "sql.catalog" or "sql.file_source". Empty when Allowed.
	Rule string
	// Family is what it was judged as, and Reason the sentence why.
	Family, Reason string
	// Aggregate says that a call makes one value of many rows. Window functions
	// are not aggregates.
	Aggregate bool
	// Gathering says that an aggregate's result holds all values of its
	// group, so that it is as large as the group.
	Gathering bool
	// Growing says that the result can be longer than all arguments together
	// and that nested calls multiply. Factor is how many times longer at
	// most; with Factor zero the arguments decide, as in replace, whose
	// result can be the product of their lengths.
	Growing bool
	Factor  int
	// Multiplying says of a growing function that it writes its last argument,
	// if that is not the first, once for each match or element of the others:
	// what it makes of two stored texts has the product of their lengths.
	Multiplying bool
	// Pattern says that an argument after the first is a pattern, a format or
	// a text to be found, whose cost its length does not bound: it must be a
	// literal and be looked into.
	Pattern bool
	// Grammar says that the grammar has this word: it is written by itself,
	// not as a function of pg_catalog, as CURRENT_DATE is.
	Grammar bool
	// Extension says that it is a function of an extension, whose schema
	// nobody knows.
	Extension bool
}

//go:embed functions.tsv
var functionsTSV string

//go:embed families.tsv
var familiesTSV string

var verdicts = sync.OnceValues(func() (map[string]Verdict, error) {
	return parse(functionsTSV, familiesTSV)
})

// Judge is the verdict on the function or operator of that name, in any case;
// false means that nobody has judged it. When Load fails nothing is judged.
func Judge(name string) (Verdict, bool) {
	table, err := verdicts()
	if err != nil {
		return Verdict{}, false
	}
	v, judged := table[lower(name)]
	return v, judged
}

// lower folds as PostgreSQL does: the letters A to Z and no others.
func lower(name string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, name)
}

// Load reads the embedded lists, which the first Judge does otherwise, and
// reports every mistake in them.
func Load() error {
	_, err := verdicts()
	return err
}

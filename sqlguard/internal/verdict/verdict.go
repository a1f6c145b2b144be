package verdict

import "github.com/sallyport-dev/sallyport/sqlguard/internal/fold"

// Verdict is the judgement on one function. The zero Verdict denies.
type Verdict struct {
	// Allowed says that the function may be called in an expression.
	Allowed bool
	// Rule is the rule that refuses it: "sql.function", "sql.generator",
	// "sql.catalog" or "sql.file_source". Empty when Allowed.
	Rule string
	// Family is what it was judged as, and Reason the sentence why.
	Family, Reason string
	// Aggregate says that a call makes one value of many rows: an aggregate,
	// or a macro over one. Window functions are not aggregates.
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
	// Copies is how many times a macro writes an argument into the plan, at
	// most; nested calls multiply. Zero stands for once.
	Copies int
	// Pattern says that an argument after the first is a pattern, a path, a
	// format or a text to be found, whose cost its length does not bound: it
	// must be a literal and be looked into.
	Pattern bool
	// Value says that naming a column that does not exist calls the function,
	// as current_user does.
	Value bool
	// Grammar says that the grammar has this word: it is written by itself,
	// not as a function of a schema, as CURRENT_DATE is in PostgreSQL.
	Grammar bool
	// Extension says that it is a function of an extension, whose schema
	// nobody knows.
	Extension bool
}

// Form is what the lists of one dialect may say.
type Form struct {
	// Kinds are what a function may be, by name.
	Kinds map[string]Kind
	// Traits are the traits that a function may have: of "growing", "copying",
	// "multiplying", "aggregate", "gathering", "pattern".
	Traits []string
}

// Kind is one of the things that a function may be.
type Kind struct {
	// Expression says that it has a use as an expression.
	Expression bool
	// Mark notes on the verdict what callers need to know; nil: nothing.
	Mark func(*Verdict)
}

// Lower folds a name as the engines do: the letters A to Z and no others.
func Lower(name string) string { return fold.Narrow(name) }

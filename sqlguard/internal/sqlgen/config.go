package sqlgen

import (
	"math/rand/v2"
	"slices"
)

// Type is what a column, an argument or a result is, as far as the generator
// tells values apart.
type Type uint8

// The types.
const (
	Int Type = iota
	Numeric
	Float
	Text
	Bool
	Date
	Timestamp
	Interval
	JSON
	Ints
	Texts
	numTypes
)

// Column is one column of a table.
type Column struct {
	Name string // as it must be quoted if it is not lower case
	Type Type
}

// Table is a table or view.
type Table struct {
	Schema, Name string // Schema is empty for the default one
	Columns      []Column
	// Links are the columns that refer to another table's: name → table.column.
	Links map[string]string
}

// Kind is how a function is called.
type Kind uint8

// The kinds of functions.
const (
	Scalar Kind = iota
	Aggregate
	Window // only with OVER
)

// Function is one signature of a function.
type Function struct {
	Name   string
	Kind   Kind
	Args   []Type
	Result Type
}

// Config makes a Generator.
type Config struct {
	// Postgres says that the dialect is PostgreSQL's; DuckDB's otherwise.
	Postgres bool
	// Functions are what may be called.
	Functions []Function
	// Corpus are statements to mutate, in any order.
	Corpus []string
	// Seed distinguishes one run from another.
	Seed uint64
}

// Generator makes statements. It is safe for concurrent use.
type Generator struct {
	config Config
	tables []Table
	// by result, then by kind
	functions [numTypes][3][]Function
}

// New makes a Generator over the tables of Schema.
func New(c Config) *Generator {
	g := &Generator{config: c, tables: Tables()}
	for _, f := range c.Functions {
		g.functions[f.Result][f.Kind] = append(g.functions[f.Result][f.Kind], f)
	}
	return g
}

// Statement is one generated statement.
type Statement struct {
	SQL     string
	Mutated bool
}

// Statement makes the statement of that number. A free one joins, uses window
// functions and nests more often than not; one that is not free rarely does.
func (g *Generator) Statement(number uint64, free bool) Statement {
	s := &session{Generator: g, rng: rand.New(rand.NewPCG(g.config.Seed, number)), free: free} //nolint:gosec // a reproducible choice
	if s.one(5, 2) {
		return Statement{SQL: s.mutated(), Mutated: true}
	}
	return Statement{SQL: s.spelled(s.statement())}
}

// session is the making of one statement.
type session struct {
	*Generator
	rng    *rand.Rand
	free   bool
	names  int // aliases given so far
	params int
	ctes   []source
}

// one is true in part of every n cases.
func (s *session) one(n, part int) bool { return s.rng.IntN(n) < part }

// often is one for what only free statements do often.
func (s *session) often(n int) bool {
	if s.free {
		return s.one(n, 1)
	}
	return s.one(n*8, 1)
}

func pick[T any](s *session, list ...T) T { return list[s.rng.IntN(len(list))] }

// some is a non-empty part of a list, in its order.
func some[T any](s *session, list []T, most int) []T {
	n := 1 + s.rng.IntN(min(most, len(list)))
	at := s.rng.Perm(len(list))[:n]
	slices.Sort(at)
	part := make([]T, 0, n)
	for _, i := range at {
		part = append(part, list[i])
	}
	return part
}

package sqlguard

// Query is a statement that a Guard has checked. Its zero is not valid, and
// nothing but a Guard makes a valid one.
type Query struct {
	sql         string
	fingerprint string
	tables      []string
	params      int
	capped      int64
	explain     bool
}

// Valid reports whether a Guard made the query.
func (q Query) Valid() bool { return q.sql != "" }

// SQL is the text to run: rendered from the checked tree, never the text that
// was sent in.
func (q Query) SQL() string { return q.sql }

// Fingerprint names the query's shape: equal for queries that differ only in
// their literals. 16 hexadecimal digits.
func (q Query) Fingerprint() string { return q.fingerprint }

// Tables are the names of the tables it reads, lower case, sorted.
func (q Query) Tables() []string { return q.tables }

// NumParams is how many positional parameters must be bound.
func (q Query) NumParams() int { return q.params }

// CappedAt is the row limit that the guard set or lowered, 0 when the query's
// own limit stands. An answer of that many rows may have been cut off.
func (q Query) CappedAt() int64 { return q.capped }

// Explain reports whether the query asks for a plan.
func (q Query) Explain() bool { return q.explain }

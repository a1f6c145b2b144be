package sqlguard

// Refusal is the error of a statement that may not run.
type Refusal struct {
	Rule  Rule
	cause error
}

// Refuse makes a refusal for a failure found outside a Guard, such as a
// deadline.
func Refuse(rule Rule, cause error) *Refusal { return &Refusal{Rule: rule, cause: cause} }

// Error is the rule's id and nothing else, so that it may be logged: the
// cause, which Unwrap gives, may quote the statement or the data.
func (r *Refusal) Error() string { return string(r.Rule) }

// Unwrap gives the cause, nil if there is none to tell of.
func (r *Refusal) Unwrap() error { return r.cause }

package apikey

import "sync/atomic"

// Stats counts since the [Authenticator] was made.
type Stats struct {
	// Accepted is how many requests were let through.
	Accepted uint64
	// Refused is how many were refused, by rule ("key.unknown"). Every rule of
	// the package documentation is there, also those that never applied.
	Refused map[string]uint64
	// Lockouts is how often a client was locked out.
	Lockouts uint64
}

// counts has a place for every verdict.
type counts [accepted + 1]atomic.Uint64

// Stats returns the counts so far. The numbers are read one after the other
// while requests go on.
func (a *Authenticator) Stats() Stats {
	s := Stats{Accepted: a.counts[accepted].Load(), Refused: make(map[string]uint64, len(rules))}
	for v, rule := range rules {
		s.Refused[rule] = a.counts[v].Load()
	}
	if a.lockout != nil {
		s.Lockouts = a.lockout.Stats().Lockouts
	}
	return s
}

package ratelimit

// Stats counts what a limiter decided since it was made.
type Stats struct {
	// Admitted counts the events that were let through; each is counted
	// against every policy. Events that were let through only because the
	// limiter reports are not among them.
	Admitted uint64
	// Policies has an entry for each policy, in the order of the Config.
	Policies []PolicyStats
}

// PolicyStats counts the events that one policy refused. An event over the
// limit of several is counted once, for the one that Verdict.Policy names.
type PolicyStats struct {
	// Name is the policy's.
	Name string
	// Refused counts the events that were refused.
	Refused uint64
	// WouldRefuse counts the events that would have been refused if the
	// limiter did more than report.
	WouldRefuse uint64
}

// Stats returns the counts so far.
func (l *Limiter) Stats() Stats {
	s := Stats{Admitted: l.admitted.Load(), Policies: make([]PolicyStats, len(l.policies))}
	for i := range l.policies {
		p := &l.policies[i]
		s.Policies[i].Name = p.name
		if n := p.over.Load(); l.reportOnly {
			s.Policies[i].WouldRefuse = n
		} else {
			s.Policies[i].Refused = n
		}
	}
	return s
}

package schedule

// Stats is what a [Schedule] has at one moment, and has done since it was made.
type Stats struct {
	// Running counts the places that are held, regular and spare.
	Running int
	// Spare counts the spare places that are held.
	Spare int
	// Large counts the regular places held by queries that are large, of unknown
	// size, or long-running.
	Large int
	// Waiting counts the queries in the queue.
	Waiting int
	// Clients counts the clients that are remembered.
	Clients int

	// Granted counts places, and GrantedSpare those that were spare ones.
	Granted, GrantedSpare uint64
	// The refusals, by the error of that name.
	RefusedQueueFull, RefusedClientQueueFull, RefusedPushedOut, RefusedWaited, RefusedClosed uint64
	// Canceled counts those whose context ended before they had a place.
	Canceled uint64
}

// Stats returns the numbers of this moment.
func (s *Schedule) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.Running, stats.Spare, stats.Large = len(s.running), s.spare, s.large(s.now())
	stats.Waiting, stats.Clients = s.waiting, len(s.clients)
	return stats
}

package membudget

// Usage is what a [Budget] has found, for metrics. Sizes are in bytes.
type Usage struct {
	// Supported is false where this system does not tell the memory of other
	// processes: all sizes but Limit are then 0, and nothing is enforced.
	Supported bool
	Limit     int64
	Server    int64 // the server, with the program's text that all share
	Workers   int64 // workers that stay, without that text
	Leaving   int64 // workers that were ended and have not given back their memory
	Watched   int   // how many workers there are, with those that are leaving
	Paused    int   // workers that wait until others have given back theirs
	// Workers ended since New, by reason.
	EndedKept, EndedQuery, EndedVanished uint64
	Relieved                             uint64 // how often Relieve was called
	Rounds                               uint64 // how often everything was read
}

// Usage takes a reading and returns it. It ends nobody.
func (b *Budget) Usage() Usage {
	b.mu.Lock()
	defer b.mu.Unlock()
	u := Usage{
		Supported: b.system.meter != nil, Limit: b.cfg.Limit, Watched: len(b.watched),
		EndedKept: b.kept, EndedQuery: b.query, EndedVanished: b.vanished,
		Relieved: b.times, Rounds: b.rounds,
	}
	if b.system.meter == nil || b.closed {
		return u
	}
	var text int64
	switch {
	case b.cfg.Own != nil:
		u.Server = b.cfg.Own()
	case b.own != nil:
		r, _ := b.own.read()
		u.Server, text = r.private(), r.text()
	}
	for _, w := range b.watched {
		if w.paused {
			u.Paused++
		}
		if w.leaving {
			u.Leaving += w.left
			continue
		}
		r, _ := w.meter.read()
		text = max(text, r.text())
		u.Workers += r.private()
	}
	u.Server += text
	return u
}

package membudget

// leastGrown is below which a worker's end is not worth its successor.
const leastGrown = 16 << 20

// victim chooses the worker whose end frees most at the least cost, nil where
// there is none, with the reason for it.
func victim(watched []*Watched) (*Watched, Reason) {
	var idle, grown, kept *Watched
	for _, w := range watched {
		if w.leaving {
			continue
		}
		if w.query.Load() == 0 {
			idle = more(idle, w, (*Watched).kept)
			continue
		}
		grown = more(grown, w, (*Watched).grown)
		kept = more(kept, w, (*Watched).kept)
	}
	switch {
	case idle != nil:
		return idle, Kept
	case grown != nil:
		return youngest(watched, grown), Query
	default:
		// Its query has taken nothing: it found the worker as it was left.
		return kept, Kept
	}
}

// more is the one of two that has more of what is asked, if that is enough.
func more(a, b *Watched, of func(*Watched) int64) *Watched {
	if of(b) < leastGrown || a != nil && of(a) >= of(b) {
		return a
	}
	return b
}

// youngest is the youngest query of those that grew about as much as the most:
// the older ones were there before the budget was passed.
func youngest(watched []*Watched, most *Watched) *Watched {
	enough, young := most.grown()-most.grown()/8, most
	for _, w := range watched {
		if !w.leaving && w.query.Load() > young.query.Load() && w.grown() >= enough {
			young = w
		}
	}
	return young
}

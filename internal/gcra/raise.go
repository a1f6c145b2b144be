package gcra

import "time"

// Raise notes what somebody else has counted: afterwards each key has used at
// least the time that used gives for it, which has the length of cells. It
// never lets a key have more than before, and counts no event.
//
// It is for a count that lives elsewhere, of which the table is the spare.
func (t *Table) Raise(now int64, cells []Cell, used []time.Duration) {
	if len(cells) > MaxCells || len(used) != len(cells) {
		panic("gcra: Raise with more than MaxCells cells, or not a time for each")
	}
	for i := range cells {
		c := &cells[i]
		lock := &t.locks[t.stripe(c.Key)]
		lock.Lock()
		e, tat := t.find(now, c.Key, nil, nil)
		// Where the key has no place, what it inherits with one is in tat already.
		tat = min(tat, now+int64(c.Span))
		if after := max(tat, now+int64(min(used[i], c.Span))); after > now {
			*e = entry{c.Key, after}
		}
		lock.Unlock()
	}
}

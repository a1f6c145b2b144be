package schedule

import (
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

// Place is the right to run one query. It must be released when the engine has
// let go of the query.
type Place struct {
	schedule *Schedule
	client   *client
	size     engine.Size // Unknown counts as large
	spare    bool
	released bool
	index    int // in Schedule.running
	since    time.Duration
	waited   time.Duration
}

// Waited is the time that the query stood in the queue, zero if it did not.
func (p *Place) Waited() time.Duration { return p.waited }

// Release gives the place back. Only the first call counts. It is safe for
// concurrent use, and after Close.
func (p *Place) Release() {
	s := p.schedule
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.released {
		return
	}
	m := s.now()
	s.giveBack(p, m)
	s.dispatch(m)
}

// isLarge says whether p holds its place for long, as announced or as found out.
func (p *Place) isLarge(m moment, longRunning time.Duration) bool {
	return p.size != engine.Small || m.at-p.since >= longRunning
}

// grant gives p to c.
func (s *Schedule) grant(p *Place, c *client, m moment) {
	p.schedule, p.client, p.since, p.index = s, c, m.at, len(s.running)
	s.running = append(s.running, p)
	if p.spare {
		s.spare++
		s.stats.GrantedSpare++
	} else {
		s.regular++
	}
	s.stats.Granted++
	c.account.begin(m)
}

// giveBack frees p's place. The caller dispatches.
func (s *Schedule) giveBack(p *Place, m moment) {
	p.released = true
	last := s.running[len(s.running)-1]
	s.running[p.index], last.index = last, p.index
	s.running[len(s.running)-1] = nil
	s.running = s.running[:len(s.running)-1]
	if p.spare {
		s.spare--
	} else {
		s.regular--
	}
	c := p.client
	c.account.end(m)
	if c.account.held == 0 {
		c.idleSince = m.at
	}
	s.settle(c, m)
}

// large is how many regular places are held by large queries.
func (s *Schedule) large(m moment) int {
	n := 0
	for _, p := range s.running {
		if !p.spare && p.isLarge(m, s.config.LongRunning) {
			n++
		}
	}
	return n
}

package membudget

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// Whatever workers do, within the worst speed, all memory stays within a tenth
// of the budget, also what has not been given back.
func TestAnyMixHolds(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
				random := rand.New(rand.NewPCG(seed, 5))
				m.proc(0).set(70 * mib)
				var live []*proc
				next, most := 1, int64(0)
				for range 4000 {
					for len(live) < 3 {
						p := m.worker(b, next)
						p.change(func(p *proc) { p.exit = time.Duration(1+random.IntN(200)) * time.Millisecond })
						live = append(live, p)
						next++
					}
					live = slices.DeleteFunc(live, func(p *proc) bool {
						_, ended := p.watched.Ended()
						return ended
					})
					for _, p := range live {
						if random.IntN(200) == 0 {
							p.grow(0)
							p.watched.Busy(false)
						} else if random.IntN(50) == 0 {
							p.watched.Busy(true)
							p.grow(random.Float64() * random.Float64() * 8e9 / 3)
						}
					}
					m.pass(time.Millisecond)
					most = max(most, m.total())
				}
				if most > gib*11/10 {
					m.Errorf("%d MiB at most", most/mib)
				}
				if next < 10 {
					m.Errorf("only %d workers: this test shows nothing", next-1)
				}
				for _, p := range m.procs {
					if p.callbacks > 1 {
						m.Errorf("worker %d was ended %d times", p.pid, p.callbacks)
					}
					for _, c := range p.causes {
						if c.Total < gib*8/10 {
							m.Errorf("ended early: %v", c)
						}
					}
				}
				m.pass(time.Second)
			})
		})
	}
}

//go:build linux

package systest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// bystander is a client that asks something small again and again, beside
// whatever happens to others.
type bystander struct {
	cancel context.CancelFunc
	done   sync.WaitGroup

	took     []time.Duration
	problems []string
}

// bystanderRows is the file that its questions are about.
const bystanderRows = "n\n1\n2\n3\n4\n"

func bystanderQuestion(t *testing.T) string {
	t.Helper()
	return question(t, "SELECT sum(n) AS s, count(*) AS c FROM data WHERE n > $1", 1)
}

// bystander begins to ask at an interval, from an address of its own.
func (s *server) bystander(t *testing.T, every time.Duration) *bystander {
	t.Helper()
	client := s.from("127.0.77.1")
	body := bystanderQuestion(t)
	ctx, cancel := context.WithCancel(t.Context())
	b := &bystander{cancel: cancel}
	b.done.Go(func() {
		defer client.client.CloseIdleConnections()
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			began := time.Now()
			// A question that is out is answered, whoever has seen enough.
			a, err := client.send(context.WithoutCancel(ctx), http.MethodPost, "/v1/query", client.key, body)
			b.took = append(b.took, time.Since(began))
			if err != nil || a.status != http.StatusOK || !strings.Contains(a.body, `"rows":[["9",3]]`) && !strings.Contains(a.body, `"rows":[[9,3]]`) {
				b.problems = append(b.problems, fmt.Sprintf("%s: %v %d %s %s", began.Format(time.StampMilli), err, a.status, a.header.Get("X-Request-Id"), a.body))
			}
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	})
	return b
}

// allAnswered ends it, and wants every question answered.
func (b *bystander) allAnswered(t *testing.T) {
	t.Helper()
	b.cancel()
	b.done.Wait()
	t.Logf("a healthy client beside: %s", spread(b.took))
	for i, p := range b.problems {
		if i == 10 {
			t.Errorf("and %d more", len(b.problems)-i)
			break
		}
		t.Errorf("a healthy client got %s", p)
	}
}

// spread says how long things took.
func spread(took []time.Duration) string {
	if len(took) == 0 {
		return "nothing"
	}
	slices.Sort(took)
	at := func(part float64) time.Duration {
		return took[min(int(part*float64(len(took))), len(took)-1)].Round(10 * time.Microsecond)
	}
	return fmt.Sprintf("%d, p50 %v, p90 %v, p99 %v, most %v", len(took), at(0.5), at(0.9), at(0.99), at(1))
}

//go:build linux

package systest

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

// Fifty clients at once, some of whom leave early: everybody gets an answer or
// is told to come again, and afterwards the server holds what it held before.
func TestManyClients(t *testing.T) {
	t.Parallel()
	s := serve(t, database(t, "CREATE TABLE data AS SELECT i AS n, 'name ' || i AS name FROM range(200000) r(i)"))
	eventually(t, "two workers and their spare", func() bool { return len(s.workers()) == 3 })
	if a := s.query(t, "SELECT 1"); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	s.client.CloseIdleConnections()
	before := s.settled(t)

	const clients, each = 50, 6
	body := question(t, "SELECT name, count(*) AS c FROM data GROUP BY name ORDER BY c DESC, name LIMIT 100")
	var wait sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]int{}
	for i := range clients {
		wait.Go(func() {
			for range each {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				if i%5 == 0 { // leaves before its answer
					cancel()
					ctx, cancel = context.WithTimeout(t.Context(), 30*time.Millisecond)
				}
				a, err := s.send(ctx, http.MethodPost, "/v1/query", s.key, body)
				gaveUp := ctx.Err() != nil
				cancel()
				mu.Lock()
				switch {
				case err != nil && gaveUp:
					seen["left"]++
				case err != nil:
					seen[err.Error()]++
				case a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") == "":
					seen["503 without Retry-After"]++
				default:
					seen[fmt.Sprint(a.status)]++
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	t.Log(seen)
	total := 0
	for what, n := range seen {
		if what != "200" && what != "503" && what != "left" {
			t.Errorf("%d times %s", n, what)
		}
		total += n
	}
	if total != clients*each || seen["200"] < clients {
		t.Errorf("%d of %d requests accounted for, %d answered", total, clients*each, seen["200"])
	}
	if a := s.query(t, "SELECT 1"); a.status != http.StatusOK {
		t.Errorf("afterwards: %d %s", a.status, a.body)
	}
	s.client.CloseIdleConnections()
	eventually(t, "two workers and their spare again", func() bool { return len(s.workers()) == 3 })
	if after := s.settled(t); after > before {
		t.Errorf("%d descriptors open, %d before", after, before)
	}
}

// settled is the number of descriptors once the closed connections are gone: a
// number that does not fall any more for a while.
func (s *server) settled(t *testing.T) int {
	t.Helper()
	least, since := s.descriptors(t), time.Now()
	eventually(t, "a steady number of descriptors", func() bool {
		if n := s.descriptors(t); n < least {
			least, since = n, time.Now()
		}
		return time.Since(since) > 500*time.Millisecond
	})
	return least
}

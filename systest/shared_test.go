//go:build linux

package systest

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/servicetest"
)

// instances starts two Sallyports with the configuration of
// examples/two-instances and one Redis.
func instances(t *testing.T, redis *servicetest.Redis, perClient string) []*server {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "examples", "two-instances", "sallyport.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	yaml := strings.NewReplacer(
		"listen: 127.0.0.1:8081", "listen: 127.0.0.1:0",
		"access:\n  keys: keys.yaml\n", "access: {lockout: {failures: 1000, pause: 1s}}\n",
		"per_client: 30/minute", "per_client: "+perClient+"\n  per_network: {rate: 100000/second}",
		"global: 200/minute", "global: 100000/second",
		"redis://127.0.0.1:6379/0", redis.URL(),
	).Replace(string(text))
	for _, want := range []string{redis.URL(), perClient, "listen: 127.0.0.1:0"} {
		if !strings.Contains(yaml, want) {
			t.Fatalf("the example has changed: no %s in\n%s", want, yaml)
		}
	}
	return []*server{configured(t, yaml), configured(t, yaml)}
}

// ask sends n queries to the servers by turns, several at once, and counts the
// answers by status.
func flood(t *testing.T, servers []*server, n int) (admitted, refused int) {
	t.Helper()
	var ok, tooMany, other atomic.Int64
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := worker; i < n; i += 4 {
				a, err := servers[i%len(servers)].send(t.Context(), http.MethodPost, "/v1/query", testKey, `{"sql":"SELECT 1"}`)
				switch {
				case err == nil && a.status == http.StatusOK:
					ok.Add(1)
				case err == nil && a.status == http.StatusTooManyRequests:
					tooMany.Add(1)
				default:
					other.Add(1)
					t.Errorf("%v, %d %s", err, a.status, a.body)
				}
			}
		})
	}
	group.Wait()
	return int(ok.Load()), int(tooMany.Load())
}

// Two instances admit the limit between them, not twice.
func TestInstancesShareLimits(t *testing.T) {
	t.Parallel()
	redis := servicetest.StartRedis(t)
	servers := instances(t, redis, "20/hour")
	if admitted, refused := flood(t, servers, 60); admitted != 20 || refused != 40 {
		t.Errorf("%d admitted, %d refused; want exactly 20 and 40", admitted, refused)
	}
	for _, s := range servers {
		s.client.CloseIdleConnections()
	}
}

// With Redis gone the API stays up and limited, says so, and returns to Redis
// by itself.
func TestRedisGoesAndReturns(t *testing.T) {
	t.Parallel()
	redis := servicetest.StartRedis(t)
	servers := instances(t, redis, "20/hour")
	if admitted, _ := flood(t, servers, 10); admitted != 10 {
		t.Fatalf("with Redis %d of 10 are admitted", admitted)
	}
	redis.Stop(t)
	// Each instance goes on by itself from what it knows: up, and limited.
	if admitted, refused := flood(t, servers, 80); admitted < 10 || admitted > 2*20 || refused != 80-admitted {
		t.Errorf("without Redis %d are admitted, %d refused", admitted, refused)
	}
	if admitted, _ := flood(t, servers, 20); admitted != 0 {
		t.Errorf("without Redis a client over its limit has %d more admitted", admitted)
	}
	for _, s := range servers {
		s.wantLines(t, "level=WARN", "the shared store is away", redis.Addr)
	}
	redis.Start(t)
	// Redis is empty: it has forgotten what was counted, as after any crash.
	eventually(t, "queries counted in Redis again", func() bool {
		flood(t, servers, 2)
		return redis.Do("DBSIZE") != ":0"
	})
	for _, s := range servers {
		eventually(t, "the end of the outage in the log", func() bool { return strings.Count(s.log.String(), "the shared store is back") >= 2 })
		s.wantLines(t, "level=WARN", "the shared store is away", redis.Addr) // and no more of them
		s.wantLines(t, "level=INFO", "the shared store is back", redis.Addr)
		if strings.Contains(s.log.String(), "level=ERROR") {
			t.Errorf("an outage is no error:\n%s", s.log)
		}
	}
}

// wantLines wants one line with the text in the log for each use of the shared
// store, and no other.
func (s *server) wantLines(t *testing.T, level, text, store string) {
	t.Helper()
	log := s.log.String()
	if n := strings.Count(log, text); n != 2 {
		t.Errorf("%d lines say that %s, want 2:\n%s", n, text, log)
	}
	for _, use := range []string{"rates", "in_flight"} {
		want := regexp.MustCompile(`(?m)^time=\S+ ` + level + ` msg="` + text + `[^"]*" use=` + use + ` server=` + regexp.QuoteMeta(store) + `( |$)`)
		if n := len(want.FindAllString(log, -1)); n != 1 {
			t.Errorf("%d lines match %s, want 1:\n%s", n, want, log)
		}
	}
}

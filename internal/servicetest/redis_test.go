//go:build unix

package servicetest

import "testing"

func TestRedisStopsAndStarts(t *testing.T) {
	t.Parallel()
	r := StartRedis(t)
	if got := r.Do("SET a 1"); got != "+OK" {
		t.Fatalf("SET: %q", got)
	}
	r.Stop(t)
	if got := r.Do("PING"); got != "" {
		t.Errorf("a stopped Redis answers %q", got)
	}
	r.Start(t)
	if got := r.Do("EXISTS a"); got != ":0" {
		t.Errorf("EXISTS after a restart: %q", got)
	}
}

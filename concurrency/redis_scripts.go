package concurrency

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// A lease is a member, named by its id, of two sorted sets: the client's and
// that of all. Its score is when it ends, in milliseconds of the server's clock:
// the clocks of the instances do not matter. Sets expire as a whole when nobody
// renews anything in them, so that nothing is left of a client that has gone.

// The bits of acquireScript's answer; 0 is a lease.
const (
	clientFull = 1
	globalFull = 2
)

// preamble is common to the scripts: the server's time in milliseconds, and the
// expiry of a set.
const preamble = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ttl = tonumber(ARGV[1])
local function keep(key)
  if redis.call('PTTL', key) < ttl then redis.call('PEXPIRE', key, ttl) end
end
`

// acquireScript: KEYS are the set of all and the client's; ARGV the TTL, the
// id, and the caps of all and of the client.
var acquireScript = redis.NewScript(preamble + `
local full = 0
for i = 1, 2 do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now)
  if redis.call('ZCARD', KEYS[i]) >= tonumber(ARGV[2 + i]) then full = full + 3 - i end
end
if full > 0 then return full end
for i = 1, 2 do
  redis.call('ZADD', KEYS[i], now + ttl, ARGV[2])
  keep(KEYS[i])
end
return 0
`)

// renewScript: KEYS are the set of all, then one client's set for each lease;
// ARGV the TTL, then the id of each. It also adds what is missing: the store
// may have lost its data, or not have been there when the slot was given.
var renewScript = redis.NewScript(preamble + `
for i = 2, #KEYS do
  redis.call('ZADD', KEYS[1], now + ttl, ARGV[i])
  redis.call('ZADD', KEYS[i], now + ttl, ARGV[i])
  keep(KEYS[i])
end
if #KEYS > 1 then keep(KEYS[1]) end
return 0
`)

// releaseScript has the arguments of renewScript.
var releaseScript = redis.NewScript(`
for i = 2, #KEYS do
  redis.call('ZREM', KEYS[1], ARGV[i])
  redis.call('ZREM', KEYS[i], ARGV[i])
end
return 0
`)

// probeScript writes as acquireScript does, to a key that nobody reads and
// that is gone at once. One that only reads would run on a replica too.
var probeScript = redis.NewScript(`
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', 0)
redis.call('ZADD', KEYS[1], 0, 'probe')
redis.call('PEXPIRE', KEYS[1], 1)
return 0
`)

func (r *RedisLeases) globalKey() string { return r.prefix + ":global" }

func (r *RedisLeases) clientKey(le *redisLease) string {
	return r.prefix + ":client:" + clientName(le.key)
}

// ask runs acquireScript for le.
func (r *RedisLeases) ask(ctx context.Context, le *redisLease, perClient, global int) (full int, err error) {
	// Not cancelled with the request: that would cost a connection, and the
	// answer comes soon.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.timeout)
	defer cancel()
	full, err = acquireScript.Run(ctx, r.client, []string{r.globalKey(), r.clientKey(le)},
		r.ttl.Milliseconds(), le.id, global, perClient).Int()
	if err == nil && (full < 0 || full > clientFull|globalFull) {
		err = fmt.Errorf("concurrency: the script answered %d", full)
	}
	return full, err
}

// chunk bounds the leases of one call, so that no call blocks the store long.
const chunk = 256

// probe finds out whether the store can be used.
func (r *RedisLeases) probe() error {
	return r.call(probeScript, []string{r.prefix + ":probe"}, nil)
}

// each runs script over leases, a chunk at a time, and at least once: with no
// leases it still shows whether the store answers.
func (r *RedisLeases) each(script *redis.Script, leases []*redisLease) error {
	for {
		n := min(len(leases), chunk)
		keys := make([]string, 1, n+1)
		args := make([]any, 1, n+1)
		keys[0], args[0] = r.globalKey(), r.ttl.Milliseconds()
		for _, le := range leases[:n] {
			keys = append(keys, r.clientKey(le))
			args = append(args, le.id)
		}
		if err := r.call(script, keys, args); err != nil {
			return err
		}
		if leases = leases[n:]; len(leases) == 0 {
			return nil
		}
	}
}

func (r *RedisLeases) call(script *redis.Script, keys []string, args []any) error {
	ctx, cancel := context.WithTimeout(context.Background(), max(r.timeout, time.Second/2))
	defer cancel()
	return script.Run(ctx, r.client, keys, args...).Err()
}

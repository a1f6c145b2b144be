package ratelimit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net/netip"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sallyport-dev/sallyport/internal/gcra"
)

// takeScript is one decision: for each key its interval and its span, in
// microseconds; what comes back is 1 or 0 for the event, and for each key 1 or
// 0 for itself and the time that is used up. All numbers are whole and, being
// microseconds since 1970 at most, below 2^53. The key is the theoretical
// arrival time, as in internal/gcra.
//
// A value that is no number counts as a whole burst. The clock is the server's:
// where it is set back, no key stays further ahead than its span.
const takeScript = `
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local reply, tats, stale, allowed = {1}, {}, {}, true
for i, key in ipairs(KEYS) do
  local interval, span = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local tat = redis.call('GET', key)
  tat = tat and (tonumber(tat) or math.huge) or 0
  if not (tat <= now + span) then
    tat = now + span
    stale[i] = true
  end
  tat = math.max(tat, now)
  local ok = tat + interval <= now + span
  allowed = allowed and ok
  tats[i] = tat
  reply[2 * i] = ok and 1 or 0
  reply[2 * i + 1] = tat - now
end
for i, key in ipairs(KEYS) do
  if allowed then
    tats[i] = tats[i] + tonumber(ARGV[2 * i - 1])
    reply[2 * i + 1] = tats[i] - now
  end
  if allowed or stale[i] then
    redis.call('SET', key, string.format('%.0f', tats[i]), 'PX', string.format('%.0f', math.ceil((tats[i] - now) / 1000)))
  end
end
if not allowed then reply[1] = 0 end
return reply
`

// take is safe to share: its hash is computed when the program starts.
var take = redis.NewScript(takeScript)

var errReply = errors.New("ratelimit: the script's reply has another form")

// run runs the script within the time limit: one round trip, and a second one
// where the server does not know the script yet.
func (s *RedisStore) run(ctx context.Context, keys []string, arguments []any) ([]int64, error) {
	// A client that leaves must neither stop the count nor look like a failure.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout)
	defer cancel()
	reply, err := take.Run(ctx, s.client, keys, arguments...).Int64Slice()
	if err == nil && len(reply) != 1+2*len(keys) {
		err = errReply
	}
	return reply, err
}

// redisCounter is a limiter's part of a RedisStore.
type redisCounter struct {
	store     *RedisStore
	local     *memoryCounter
	names     []string // what the key of each policy begins with
	arguments []any    // of the script
	intervals []int64  // in microseconds
	spans     []int64
}

func (c *redisCounter) take(ctx context.Context, d *decision) bool {
	if c.store.up.Load() {
		allowed, err := c.ask(ctx, d)
		if err == nil {
			c.store.decisions.Add(1)
			c.local.raise(d)
			for i := range d.n { // as Redis counted
				d.cells[i].Interval = time.Duration(c.intervals[i]) * time.Microsecond
				d.cells[i].Span = time.Duration(c.spans[i]) * time.Microsecond
			}
			return allowed
		}
		c.store.fail(ctx, err)
	}
	c.store.fallbacks.Add(1)
	return c.local.take(ctx, d)
}

// ask has Redis decide, and fills d.states.
func (c *redisCounter) ask(ctx context.Context, d *decision) (allowed bool, err error) {
	keys := make([]string, d.n)
	for i := range keys {
		keys[i] = c.names[i] + printable(d.partition(i))
	}
	reply, err := c.store.run(ctx, keys, c.arguments)
	if err != nil {
		return false, err
	}
	allowed = reply[0] == 1
	for i := range d.n {
		d.states[i] = c.state(i, allowed || reply[1+2*i] == 1, reply[2+2*i])
	}
	return allowed, nil
}

// state describes a key of which used microseconds are used up.
func (c *redisCounter) state(i int, allowed bool, used int64) gcra.State {
	used = min(max(0, used), c.spans[i])
	s := gcra.State{
		Allowed:   allowed,
		Remaining: (c.spans[i] - used) / c.intervals[i],
		Reset:     time.Duration(used) * time.Microsecond,
	}
	if !allowed {
		s.Wait = time.Duration(used+c.intervals[i]-c.spans[i]) * time.Microsecond
	}
	return s
}

// printable is a partition as the end of a key's name, of bounded length, and
// never what a client could make look like another's.
func printable(partition []byte) string {
	tag, rest := partition[0], partition[1:]
	switch tag {
	case tagIPv4, tagIPv6:
		if addr, ok := netip.AddrFromSlice(rest[1:]); ok {
			return netip.PrefixFrom(addr, int(rest[0])).String()
		}
	case tagASN:
		return "AS" + strconv.FormatUint(uint64(binary.BigEndian.Uint32(rest)), 10)
	case tagName:
		if plain(rest) {
			return "=" + string(rest)
		}
	case tagEverybody:
		return "all"
	case tagNoAddress:
		return "none"
	}
	sum := sha256.Sum256(partition)
	return "#" + hex.EncodeToString(sum[:16])
}

// plain says whether a name may stand in a key: short, and of letters, digits
// and . _ -.
func plain(name []byte) bool {
	if len(name) > 64 {
		return false
	}
	for _, c := range name {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

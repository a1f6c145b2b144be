package bearer

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// cacheTime is how long a token is let through without being verified again.
	cacheTime = time.Minute
	// The cache has shards with two generations each: at most
	// cacheShards*2*cacheGeneration tokens, 8,192.
	cacheShards     = 16
	cacheGeneration = 256
)

// verified is a token that was let through.
type verified struct {
	identity Identity
	from     time.Time // when it was verified
	until    time.Time // when it has to be verified again
}

func (v *verified) fresh(now time.Time) bool {
	return !now.Before(v.from) && now.Before(v.until) // not before: the clock was set back
}

// cache remembers tokens that were let through, by their SHA-256: the tokens
// themselves are not kept. Only what an issuer signed gets in, and it cannot grow:
// where the young generation of a shard is full it becomes the old one, and the
// old one is dropped. A token that is used in the old one is young again.
type cache struct {
	shards [cacheShards]shard
}

type shard struct {
	mu         sync.Mutex
	young, old map[[sha256.Size]byte]*verified
	_          [32]byte // a cache line to itself
}

// sumOf hashes a token; one of the usual size without a copy on the heap.
func sumOf(token string) [sha256.Size]byte {
	var buf [2048]byte
	if len(token) > len(buf) {
		return sha256.Sum256([]byte(token))
	}
	n := copy(buf[:], token)
	return sha256.Sum256(buf[:n])
}

func newCache() *cache { return new(cache) }

func (c *cache) shard(sum *[sha256.Size]byte) *shard { return &c.shards[sum[0]%cacheShards] }

func (c *cache) get(sum *[sha256.Size]byte, now time.Time) *verified {
	s := c.shard(sum)
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.young[*sum]
	if !ok {
		if v, ok = s.old[*sum]; !ok {
			return nil
		}
		delete(s.old, *sum)
		s.put(sum, v)
	}
	if !v.fresh(now) {
		delete(s.young, *sum)
		return nil
	}
	return v
}

func (c *cache) put(sum *[sha256.Size]byte, v *verified) {
	s := c.shard(sum)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(sum, v)
}

func (s *shard) put(sum *[sha256.Size]byte, v *verified) {
	if len(s.young) >= cacheGeneration {
		s.old, s.young = s.young, nil
	}
	if s.young == nil {
		s.young = make(map[[sha256.Size]byte]*verified)
	}
	s.young[*sum] = v
}

package apikey

import "crypto/subtle"

// work does everything whose cost could tell a stranger what is known of a key,
// and counts it in tests. It is nil otherwise, and does the same.
type work struct {
	hashes, lookups, comparisons int
}

func (w *work) hash(presented string) Hash {
	if w != nil {
		w.hashes++
	}
	return hashOf(presented)
}

func (w *work) lookup(byID map[string]*Key, id string) *Key {
	if w != nil {
		w.lookups++
	}
	return byID[id]
}

// equal never stops at the first difference.
func (w *work) equal(a, b *Hash) bool {
	if w != nil {
		w.comparisons++
	}
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

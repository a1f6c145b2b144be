package apikey

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
)

// maxKeys bounds a set.
const maxKeys = 10_000

// Set is an immutable collection of keys. A nil or empty set lets nobody in.
type Set struct {
	keys []Key
	byID map[string]*Key
	free []*Key // keys without an id, found by their hash
}

// NewSet returns a set of the keys, or every mistake in them: names, ids and
// hashes must be unique. The keys are copied.
func NewSet(keys ...Key) (*Set, error) {
	if len(keys) > maxKeys {
		return nil, fmt.Errorf("apikey: %d keys; at most %d are allowed", len(keys), maxKeys)
	}
	s := &Set{keys: cloneKeys(keys), byID: make(map[string]*Key, len(keys))}
	var errs []error
	names := make(map[string]bool, len(keys))
	hashes := make(map[Hash]bool, len(keys))
	for i := range s.keys {
		k := &s.keys[i]
		if err := k.check(); err != nil {
			errs = append(errs, err)
			continue
		}
		if names[k.Name] {
			errs = append(errs, fmt.Errorf("apikey: there are two keys named %q; give one of them another name", k.Name))
		}
		if hashes[k.Hash] {
			errs = append(errs, fmt.Errorf("apikey: key %q has the hash of another key", k.Name))
		}
		names[k.Name], hashes[k.Hash] = true, true
		if k.ID == "" {
			s.free = append(s.free, k)
			continue
		}
		if s.byID[k.ID] != nil {
			errs = append(errs, fmt.Errorf("apikey: key %q has the id of key %q", k.Name, s.byID[k.ID].Name))
		}
		s.byID[k.ID] = k
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return s, nil
}

func cloneKeys(keys []Key) []Key {
	keys = slices.Clone(keys)
	for i := range keys {
		keys[i].Scopes = slices.Clone(keys[i].Scopes)
	}
	return keys
}

// Len returns the number of keys.
func (s *Set) Len() int {
	if s == nil {
		return 0
	}
	return len(s.keys)
}

// Keys returns a copy of the keys, in the order they were given.
func (s *Set) Keys() []Key {
	if s == nil {
		return nil
	}
	return cloneKeys(s.keys)
}

// Get returns the key with the given name.
func (s *Set) Get(name string) (Key, bool) {
	if s != nil {
		for i := range s.keys {
			if s.keys[i].Name == name {
				return cloneKeys(s.keys[i : i+1])[0], true
			}
		}
	}
	return Key{}, false
}

// nobody is compared with when an id is unknown, so that an unknown id costs
// what a known one with a wrong secret does. Nothing hashes to it on purpose,
// and the comparison's result is not used.
var nobody = Hash{0: 1}

// verify returns the key that was presented under id (empty for a secret
// without one), or nil. It does the same work whatever was presented.
func (s *Set) verify(id string, presented Hash, w *work) *Key {
	if s == nil {
		return nil
	}
	k, stored := w.lookup(s.byID, id), &nobody
	if k != nil {
		stored = &k.Hash
	}
	equal := w.equal(stored, &presented)
	var free *Key
	for _, f := range s.free {
		if w.equal(&f.Hash, &presented) {
			free = f
		}
	}
	switch {
	case id == "":
		return free
	case k != nil && equal:
		return k
	default:
		return nil
	}
}

// Store holds the set in force. Replace swaps it for all authenticators that
// use the store; a request sees the old set or the new one, never a mixture.
// The zero value holds an empty set.
type Store struct {
	set atomic.Pointer[Set]
}

// NewStore returns a store that holds set.
func NewStore(set *Set) *Store {
	s := new(Store)
	s.Replace(set)
	return s
}

// Replace puts set into force. An empty or nil set locks everybody out, which
// is what removing the last key asks for.
func (s *Store) Replace(set *Set) { s.set.Store(set) }

// Set returns the set in force.
func (s *Store) Set() *Set { return s.set.Load() }

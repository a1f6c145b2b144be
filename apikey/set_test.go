package apikey

import (
	"strings"
	"sync"
	"testing"
	"time"
)

func TestNewSetReportsAllMistakes(t *testing.T) {
	t.Parallel()
	a, _ := generate(t, "a", time.Time{}, Query)
	sameName, _ := generate(t, "a", time.Time{}, Query)
	sameID, _ := generate(t, "b", time.Time{}, Query)
	sameID.ID = a.ID
	sameHash, _ := generate(t, "c", time.Time{}, Query)
	sameHash.Hash = a.Hash
	bad := Key{Name: "d", ID: "short", Scopes: []Scope{Query}}
	_, err := NewSet(a, sameName, sameID, sameHash, bad)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`two keys named "a"`, `"b" has the id of key "a"`, `"c" has the hash of another`, `the id "short"`, `"d": there is no hash`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %s:\n%v", want, err)
		}
	}
	if _, err := NewSet(make([]Key, maxKeys+1)...); err == nil || !strings.Contains(err.Error(), "10000") {
		t.Errorf("too many keys: %v", err)
	}
}

func TestSetIsImmutable(t *testing.T) {
	t.Parallel()
	k, _ := generate(t, "a", time.Time{}, Query)
	given := []Key{k}
	s := newSet(t, given...)
	given[0].Name, given[0].Scopes[0] = "changed", Admin
	out := s.Keys()
	out[0].Disabled, out[0].Scopes[0] = true, Admin
	got, ok := s.Get("a")
	if !ok || got.Disabled || got.Scopes[0] != Query {
		t.Errorf("the set's key became %+v", got)
	}
	got.Scopes[0] = Admin
	if again, _ := s.Get("a"); again.Scopes[0] != Query {
		t.Error("Get hands out the set's own scopes")
	}
}

func TestEmptySets(t *testing.T) {
	t.Parallel()
	k, _ := generate(t, "a", time.Time{}, Query)
	for name, s := range map[string]*Set{"nil": nil, "zero": {}, "empty": newSet(t)} {
		if s.Len() != 0 || len(s.Keys()) != 0 {
			t.Errorf("%s: not empty", name)
		}
		if _, ok := s.Get("a"); ok {
			t.Errorf("%s: Get found a key", name)
		}
		for _, id := range []string{"", k.ID} {
			if s.verify(id, k.Hash, nil) != nil || s.verify(id, Hash{}, nil) != nil || s.verify(id, nobody, nil) != nil {
				t.Errorf("%s: verify found a key", name)
			}
		}
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	a, _ := generate(t, "a", time.Time{}, Query)
	b, _ := generate(t, "b", time.Time{}, Query)
	free, err := FromPlaintext("free", "Zq3vX8mK1pT6wB9dY4nH7cR2fJ5gL0sA", []Scope{Query})
	check(t, err)
	other, err := FromPlaintext("other", "A0sL5gJ2fR7cH4nY9dB6wT1pK8mX3vqZ", []Scope{Query})
	check(t, err)
	s := newSet(t, a, free, b, other)
	tests := []struct {
		name string
		id   string
		hash Hash
		want string
	}{
		{"a", a.ID, a.Hash, "a"},
		{"b", b.ID, b.Hash, "b"},
		{"free", "", free.Hash, "free"},
		{"the last free one", "", other.Hash, "other"},
		{"another's secret", a.ID, b.Hash, ""},
		{"unknown id", "zzzzzzzzzz", a.Hash, ""},
		{"unknown id, the hash it is compared with", "zzzzzzzzzz", nobody, ""},
		{"a key with an id is not found by its hash alone", "", a.Hash, ""},
		{"a free one is not found under an id", a.ID, free.Hash, ""},
		{"no hash", a.ID, Hash{}, ""},
	}
	for _, tt := range tests {
		got := ""
		if k := s.verify(tt.id, tt.hash, nil); k != nil {
			got = k.Name
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// One bit anywhere in the hash decides.
func TestVerifyComparesEveryBit(t *testing.T) {
	t.Parallel()
	k, _ := generate(t, "a", time.Time{}, Query)
	s := newSet(t, k)
	for i := range 256 {
		h := k.Hash
		h[i/8] ^= 1 << (i % 8)
		if s.verify(k.ID, h, nil) != nil {
			t.Errorf("bit %d is not compared", i)
		}
	}
}

func TestStoreReplaceWhileReading(t *testing.T) {
	t.Parallel()
	k, _ := generate(t, "a", time.Time{}, Query)
	full, empty := newSet(t, k), newSet(t)
	store := NewStore(full)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 1000 {
			if i%2 == 0 {
				store.Replace(empty)
			} else {
				store.Replace(full)
			}
		}
	})
	for range 1000 {
		if n := store.Set().Len(); n > 1 {
			t.Errorf("%d keys", n)
		}
	}
	wg.Wait()
	if got := new(Store).Set(); got.Len() != 0 {
		t.Error("the zero Store is not empty")
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	if len(Scopes()) != maxScopes {
		t.Fatalf("%d scopes; maxScopes, which sizes arrays, is %d", len(Scopes()), maxScopes)
	}
	for _, s := range Scopes() {
		if got, err := ParseScope(string(s)); err != nil || got != s {
			t.Errorf("ParseScope(%q) = %q, %v", s, got, err)
		}
	}
	for _, bad := range []string{"", "Query", "query ", "*", strings.Repeat("x", 1000)} {
		if _, err := ParseScope(bad); err == nil || len(err.Error()) > 200 {
			t.Errorf("ParseScope(%.20q): %v", bad, err)
		}
	}
}

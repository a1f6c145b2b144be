package encode

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// uniqueNames returns the names in valid UTF-8 and without repetition. The first to bear a name
// keeps it; a later one gets the lowest of _2, _3 … that makes a name which no column has.
func uniqueNames(names []string) []string {
	unique := make([]string, len(names))
	taken := make(map[string]bool, len(names))
	for i, name := range names {
		unique[i] = validUTF8(name)
		taken[unique[i]] = true
	}
	seen := make(map[string]bool, len(names))
	next := make(map[string]int) // of a name that repeats: the number to try next
	for i, name := range unique {
		if !seen[name] {
			seen[name] = true
			continue
		}
		n := max(2, next[name])
		candidate := name + "_" + strconv.Itoa(n)
		for taken[candidate] {
			n++
			candidate = name + "_" + strconv.Itoa(n)
		}
		next[name] = n + 1
		taken[candidate] = true
		unique[i] = candidate
	}
	return unique
}

// validUTF8 replaces each byte that is part of no character, as the encoders do with values.
func validUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s { // yields U+FFFD for such a byte
		b.WriteRune(r)
	}
	return b.String()
}

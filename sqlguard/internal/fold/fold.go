package fold

import (
	"strings"
	"unicode/utf8"
)

// Same compares two names as engines do.
func Same(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// Narrow is the one spelling of all names that an engine takes for the same.
func Narrow(name string) string {
	for i := range len(name) {
		if lower(name[i]) != name[i] {
			folded := []byte(name)
			for j := i; j < len(folded); j++ {
				folded[j] = lower(folded[j])
			}
			return string(folded)
		}
	}
	return name
}

// Wide is one spelling of all names that differ in case by any rule of
// Unicode: ſ and S are s, and the Kelvin sign is a k.
func Wide(name string) string {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return strings.ToLower(strings.ToUpper(name))
		}
	}
	return Narrow(name)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

package duckdb

import "strings"

// plainName reports whether an identifier may be written without quotes:
// letters, digits and underscores, and no word that the grammar keeps for
// itself.
func plainName(name string) bool {
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return !keywords[strings.ToLower(name)]
}

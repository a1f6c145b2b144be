package config

import (
	"regexp"
	"strings"
)

// branch is a node of the tree that the paths of the settings form.
type branch struct {
	children map[string]*branch
	keys     []string // of children, in the order of the reference
	each     *branch  // of every source, under "sources"
	setting  *setting // a leaf
}

// tree is all settings by path.
var tree = plant(settings)

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,63}$`)

func plant(all []*setting) *branch {
	root := &branch{children: map[string]*branch{}}
	for _, s := range all {
		n := root
		for part := range strings.SplitSeq(s.path, ".") {
			n = n.grow(part)
		}
		n.setting = s
	}
	return root
}

func (n *branch) grow(part string) *branch {
	if part == sourceWildcard {
		if n.each == nil {
			n.each = &branch{children: map[string]*branch{}}
		}
		return n.each
	}
	if n.children[part] == nil {
		n.children[part] = &branch{children: map[string]*branch{}}
		n.keys = append(n.keys, part)
	}
	return n.children[part]
}

// suggest helps whoever wrote an unknown key: the nearest known one, and all that are known at this place.
func (n *branch) suggest(key string) string {
	all := "known here: " + strings.Join(n.keys, ", ")
	if len(key) > 63 {
		return all
	}
	best, distance := "", 3
	for _, known := range n.keys {
		if d := editDistance(strings.ToLower(key), known); d < distance {
			best, distance = known, d
		}
	}
	if best == "" {
		return all
	}
	return "did you mean " + best + "? " + all
}

// editDistance is Levenshtein's distance, in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

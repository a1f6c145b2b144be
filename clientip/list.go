package clientip

import (
	"net/netip"
	"strings"
)

const (
	// maxElements and maxList bound how much of a list is looked at, from the
	// right. Whoever has more proxies of their own than this does not exist.
	maxElements = 32
	maxList     = 4 << 10 // bytes, over all lines
)

// list reads the elements of a list header from the right to the left: the
// lines are one list (RFC 9110, section 5.3), and the right end is what the
// proxy nearest to us wrote. What a stranger wrote stands left of what a proxy
// appended, so it cannot change how that is read: this is why quoted strings
// are found from the right as well, where an unclosed quote of the stranger's
// has no reach.
type list struct {
	lines     []string // not begun
	rest      string   // of the line that is being read
	open      bool     // rest holds one more element, perhaps an empty one
	forwarded bool     // RFC 7239 instead of X-Forwarded-For
	elements  int
	budget    int // bytes that may still be looked at
}

func newList(lines []string, forwarded bool) list {
	return list{lines: lines, forwarded: forwarded, budget: maxList}
}

type step uint8

const (
	stepEnd     step = iota // there are no more elements
	stepOverrun             // there are more than are looked at
	stepElement
)

// more says whether there is anything left of what was read.
func (l *list) more() bool { return l.open || len(l.lines) > 0 }

// next returns the next element to the left, untrimmed.
func (l *list) next() (string, step) {
	if !l.more() {
		return "", stepEnd
	}
	if l.elements == maxElements {
		return "", stepOverrun
	}
	l.elements++
	if !l.open {
		last := len(l.lines) - 1
		l.rest, l.lines, l.open = l.lines[last], l.lines[:last], true
	}
	window := l.rest
	if len(window) > l.budget {
		window = window[len(window)-l.budget:]
	}
	i := lastComma(window, l.forwarded)
	if i < 0 {
		if len(window) < len(l.rest) {
			return "", stepOverrun // where the element begins was not seen
		}
		l.budget -= len(window)
		l.rest, l.open = "", false
		return window, stepElement
	}
	l.budget -= len(window) - i
	l.rest = l.rest[:len(l.rest)-len(window)+i]
	return window[i+1:], stepElement
}

// lastComma returns the index of the last comma of s, outside quoted strings
// if there can be any, or -1.
func lastComma(s string, quotes bool) int {
	if !quotes {
		return strings.LastIndexByte(s, ',')
	}
	quoted := false
	for i := len(s) - 1; i >= 0; i-- {
		switch {
		case s[i] == '"' && !escaped(s, i):
			quoted = !quoted
		case s[i] == ',' && !quoted:
			return i
		}
	}
	return -1
}

// escaped says whether an odd number of backslashes stands before s[i].
func escaped(s string, i int) bool {
	n := 0
	for i--; i >= 0 && s[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}

// parse reads an element of the list.
func (l *list) parse(element string) (netip.Addr, node) {
	if l.forwarded {
		return parseForwarded(element)
	}
	return parseElement(element)
}

package config

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/printer"
	"github.com/goccy/go-yaml/token"
)

// maxExcerpt bounds an excerpt, in bytes: the lines around a mistake may be very long.
const maxExcerpt = 2000

// at makes the error for a token, with the excerpt of the file around it.
func at(tk *token.Token, problem, fix string) *Error {
	e := &Error{Problem: problem, Fix: fix}
	if tk == nil || tk.Position == nil {
		return e
	}
	e.Line, e.Column = tk.Position.Line, tk.Position.Column
	for _, near := range []*token.Token{tk.Prev, tk, tk.Next} {
		if near != nil && len(near.Origin) > maxExcerpt {
			return e // laying it out takes long, only to be thrown away
		}
	}
	var p printer.Printer
	lines := strings.Split(p.PrintErrorToken(tk, false), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \r")
	}
	if text := strings.Trim(strings.Join(lines, "\n"), "\n"); len(text) <= maxExcerpt {
		e.Excerpt = text
	}
	return e
}

// excerpt is the line of a place with those around it and a caret, as at has it. It is for what the parser has seen, which
// adds tokens of its own for values that are not there.
func excerpt(lines []string, p place) string {
	const around = 3
	if p.line < 1 || p.line > len(lines) || p.column < 1 || p.column > maxExcerpt {
		return ""
	}
	var b strings.Builder
	first, last := max(1, p.line-around), min(len(lines), p.line+around)
	for last > p.line && strings.TrimSpace(lines[last-1]) == "" {
		last--
	}
	for n := first; n <= last; n++ {
		line := strings.TrimRight(lines[n-1], " \r")
		if b.Len()+len(line) > maxExcerpt {
			return ""
		}
		mark := " "
		if n == p.line {
			mark = ">"
		}
		fmt.Fprintf(&b, "%s%3d | %s\n", mark, n, line)
		if n == p.line {
			fmt.Fprintf(&b, "%s^\n", strings.Repeat(" ", len(fmt.Sprintf(">%3d | ", n))+p.column-1))
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

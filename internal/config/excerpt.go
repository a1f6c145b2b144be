package config

import (
	"strings"

	"github.com/goccy/go-yaml/printer"
	"github.com/goccy/go-yaml/token"
)

// maxExcerpt bounds an excerpt, in bytes: the lines around a mistake may be very long.
const maxExcerpt = 2000

// at makes the error for a token, with the excerpt of the file around it.
func at(tk *token.Token, path, problem, fix string) *Error {
	e := &Error{Path: path, Problem: problem, Fix: fix}
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

package config

import (
	"errors"
	"strconv"
	"strings"
)

// Error is one mistake in the configuration. Several of them come joined (errors.Join); errors.As finds the first.
type Error struct {
	// Path names the setting, such as "sources.flights.limits.rows". Empty: the file as a whole.
	Path string
	// Line and Column say where in the file it is written, both from 1. Zero: not written in a file.
	Line, Column int
	// Problem says what is wrong, Fix what to write instead. Neither repeats the value of an environment variable.
	Problem, Fix string
	// Excerpt shows the lines around the mistake with a caret under it. Empty: there is nothing to show.
	Excerpt string
}

// Error returns "path (line n): problem; fix", and below it the excerpt, if there is one.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Path)
	if e.Path == "" {
		b.WriteString("configuration")
	}
	if e.Line > 0 {
		b.WriteString(" (line " + strconv.Itoa(e.Line))
		if e.Column > 0 {
			b.WriteString(", column " + strconv.Itoa(e.Column))
		}
		b.WriteString(")")
	}
	b.WriteString(": " + e.Problem)
	if e.Fix != "" {
		b.WriteString("; " + e.Fix)
	}
	if e.Excerpt != "" {
		b.WriteString("\n" + e.Excerpt)
	}
	return b.String()
}

// maxMistakes bounds a report: whoever has more than this has one mistake repeated, and an excerpt costs a pass over
// the file.
const maxMistakes = 50

// mistakes collects errors up to maxMistakes.
type mistakes struct {
	list []error
	more int
}

func (m *mistakes) add(e *Error) {
	if len(m.list) >= maxMistakes {
		m.more++
		return
	}
	m.list = append(m.list, e)
}

// full says that further mistakes are only counted.
func (m *mistakes) full() bool { return len(m.list) >= maxMistakes }

func (m *mistakes) any() bool { return len(m.list) > 0 }

func (m *mistakes) err() error {
	if m.more > 0 {
		rest := &Error{Problem: strconv.Itoa(m.more) + " more mistakes are not shown", Fix: "repair these first"}
		return errors.Join(append(m.list[:len(m.list):len(m.list)], rest)...)
	}
	return errors.Join(m.list...)
}

// place is a position in the file, from 1; the zero place is no position.
type place struct{ line, column int }

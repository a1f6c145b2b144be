package corpus

import (
	"fmt"
	"strings"
)

// Kind is what a statement of DDL makes.
type Kind uint8

// The kinds. Every other statement of a file is Other and is not read.
const (
	Other Kind = iota
	CreateTable
	CreateTableAs // made of a query, materialized views left aside
	CreateView    // materialized ones too
	CreateType
	CreateSchema
	CreateSequence
	CreateMacro // and functions
)

// Statement is one statement of a file of DDL.
type Statement struct {
	Kind Kind
	Text string // without the semicolon
	Line int    // on which it begins, from 1
	// Name are the parts of the name of what a view makes, as they are written.
	Name []string
}

// maxTokens bounds a statement before a parser written in C sees it: tokens
// that stand in one tree together. The columns of a table and the members of a
// type do not; each of them has the bound for itself.
const maxTokens = 5_000

// Split finds the statements of a file as pg_dump, EXPORT DATABASE and people
// write it. It knows comments and every way to quote, and leaves out what
// is addressed to psql: its own commands, and the rows that follow COPY.
func Split(text string) ([]Statement, error) {
	s := splitter{text: text, line: 1}
	s.text = strings.TrimPrefix(s.text, "\ufeff")
	s.begin()
	for s.at < len(s.text) {
		if err := s.step(); err != nil {
			return nil, err
		}
	}
	if err := s.end(); err != nil {
		return nil, err
	}
	return s.found, nil
}

type splitter struct {
	text      string
	at        int
	line      int
	lineStart int // where the line begins
	found     []Statement

	// of the statement that is being read
	start     int
	startLine int
	head      []string // its first tokens
	depth     int      // of brackets
	run       int      // tokens since the last comma between elements
	most      int
	asQuery   bool // AS outside brackets
}

// headTokens are enough to tell what a statement makes, and under which name.
const headTokens = 16

func (s *splitter) begin() {
	s.start, s.startLine = -1, 0
	s.head, s.depth, s.run, s.most, s.asQuery = nil, 0, 0, 0, false
}

// step takes the next token, blank or comment.
func (s *splitter) step() error {
	rest := s.text[s.at:]
	switch c := rest[0]; {
	case c == '\n':
		s.skip(1)
	case c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f':
		s.at++
	case strings.HasPrefix(rest, "--"):
		s.skipLine()
	case strings.HasPrefix(rest, "/*"):
		return s.comment()
	case c == '\\' && strings.TrimSpace(s.text[s.lineStart:s.at]) == "":
		s.skipLine() // a command of psql
	case c == ';' && s.depth == 0:
		if err := s.end(); err != nil {
			return err
		}
		s.at++
		s.begin()
	default:
		n, err := s.token()
		if err != nil {
			return err
		}
		s.take(rest[:n])
		s.skip(n)
	}
	return nil
}

// skip moves on by n bytes and counts the lines.
func (s *splitter) skip(n int) {
	for i := s.at; i < s.at+n; i++ {
		if s.text[i] == '\n' {
			s.line++
			s.lineStart = i + 1
		}
	}
	s.at += n
}

func (s *splitter) skipLine() {
	n := strings.IndexByte(s.text[s.at:], '\n')
	if n < 0 {
		n = len(s.text) - s.at
	}
	s.at += n
}

// comment skips one of the bracketed kind, which nests.
func (s *splitter) comment() error {
	depth := 0
	for i := s.at; i+1 < len(s.text); i++ {
		switch s.text[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
		}
		if depth == 0 {
			s.skip(i + 1 - s.at)
			return nil
		}
	}
	return fmt.Errorf("line %d: a comment that does not end", s.line)
}

// take notes a token of the statement.
func (s *splitter) take(token string) {
	if s.start < 0 {
		s.start, s.startLine = s.at, s.line
	}
	if len(s.head) < headTokens {
		s.head = append(s.head, token)
	}
	s.run++
	switch token {
	case "(", "[":
		s.depth++
	case ")", "]":
		s.depth = max(s.depth-1, 0)
	case ",":
		if s.depth <= 1 && !joins(s.kind()) {
			s.run = 0
		}
	}
	s.asQuery = s.asQuery || s.depth == 0 && strings.EqualFold(token, "AS")
	s.most = max(s.most, s.run)
}

// joins reports whether commas of the statement may stand between parts that
// are nested in one another, as the SELECTs of a UNION are.
func joins(k Kind) bool { return k == CreateView || k == CreateMacro }

// end takes the statement that ends here.
func (s *splitter) end() error {
	if s.start < 0 {
		return nil
	}
	kind := s.kind()
	if kind == CreateTable && s.asQuery {
		kind = CreateTableAs
	}
	if kind != Other && s.most > maxTokens {
		return fmt.Errorf("line %d: the statement is too long; leave it out of the file", s.startLine)
	}
	statement := Statement{Kind: kind, Text: s.text[s.start:s.at], Line: s.startLine}
	if kind == CreateView {
		statement.Name = viewName(s.head)
	}
	if kind != Other {
		s.found = append(s.found, statement)
	}
	if copiesRows(statement.Text) {
		s.skipRows()
	}
	return nil
}

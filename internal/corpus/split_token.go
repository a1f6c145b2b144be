package corpus

import (
	"fmt"
	"strings"
)

// token is the length of the token that begins here. Only what quotes is told
// apart: a name or number is a token, and so is each other character.
func (s *splitter) token() (int, error) {
	rest := s.text[s.at:]
	switch c := rest[0]; {
	case c == '\'':
		return s.quoted(0, false)
	case (c == 'e' || c == 'E') && len(rest) > 1 && rest[1] == '\'':
		return s.quoted(1, true)
	case c == '"':
		return s.quoted(0, false)
	case c == '$':
		return s.dollars()
	case inName(c):
		n := 1
		for n < len(rest) && (inName(rest[n]) || rest[n] == '$') {
			n++
		}
		return n, nil
	}
	return 1, nil
}

// inName knows the characters of names and numbers.
func inName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c >= 0x80
}

// quoted is the length of what begins with a quote after n characters. A
// doubled quote ends one text and begins the next, which comes to the same.
func (s *splitter) quoted(n int, backslashes bool) (int, error) {
	rest := s.text[s.at:]
	quote := rest[n]
	for i := n + 1; i < len(rest); i++ {
		switch {
		case rest[i] == '\\' && backslashes:
			i++
		case rest[i] == quote && i+1 < len(rest) && rest[i+1] == quote:
			i++
		case rest[i] == quote:
			return i + 1, nil
		}
	}
	return 0, fmt.Errorf("line %d: a quote that does not end", s.line)
}

// dollars is the length of $tag$…$tag$, or of a dollar that quotes nothing.
func (s *splitter) dollars() (int, error) {
	rest := s.text[s.at:]
	n := 1
	for n < len(rest) && inName(rest[n]) {
		n++
	}
	if n == len(rest) || rest[n] != '$' || n > 1 && rest[1] >= '0' && rest[1] <= '9' {
		return 1, nil
	}
	tag := rest[:n+1]
	length := strings.Index(rest[n+1:], tag)
	if length < 0 {
		return 0, fmt.Errorf("line %d: a quote that does not end", s.line)
	}
	return n + 1 + length + len(tag), nil
}

// kind tells by the first words of the statement what it makes.
func (s *splitter) kind() Kind {
	if len(s.head) == 0 || !strings.EqualFold(s.head[0], "CREATE") {
		return Other
	}
	materialized := false
	for _, word := range s.head[1:] {
		switch strings.ToUpper(word) {
		case "OR", "REPLACE", "TEMP", "TEMPORARY", "LOCAL", "GLOBAL", "UNLOGGED", "FOREIGN", "RECURSIVE", "PERSISTENT":
		case "MATERIALIZED":
			materialized = true
		case "TABLE":
			return CreateTable
		case "VIEW":
			return CreateView
		case "TYPE":
			return CreateType
		case "SCHEMA":
			return CreateSchema
		case "SEQUENCE":
			return CreateSequence
		case "MACRO", "FUNCTION":
			return CreateMacro
		default:
			return Other
		}
	}
	if materialized { // nothing but a view is
		return CreateView
	}
	return Other
}

// viewName reads the name after CREATE … VIEW [IF NOT EXISTS].
func viewName(head []string) []string {
	i := 0
	for i < len(head) && !strings.EqualFold(head[i], "VIEW") {
		i++
	}
	i++
	for i < len(head) && (strings.EqualFold(head[i], "IF") || strings.EqualFold(head[i], "NOT") || strings.EqualFold(head[i], "EXISTS")) {
		i++
	}
	var name []string
	for ; i < len(head); i += 2 {
		part := head[i]
		if len(part) > 1 && part[0] == '"' {
			part = strings.ReplaceAll(part[1:len(part)-1], `""`, `"`)
		}
		if name = append(name, part); i+1 == len(head) || head[i+1] != "." {
			break
		}
	}
	return name
}

// copiesRows reports whether the rows of COPY … FROM stdin follow.
func copiesRows(statement string) bool {
	const longest = 64 << 10 // of a list of columns
	words := strings.Fields(statement[:min(len(statement), longest)])
	if len(words) < 4 || !strings.EqualFold(words[0], "COPY") {
		return false
	}
	for i := 1; i+1 < len(words); i++ {
		if strings.EqualFold(words[i], "FROM") && strings.EqualFold(words[i+1], "stdin") {
			return true
		}
	}
	return false
}

// skipRows moves on to the line that ends the rows of COPY, or to the end.
// The semicolon of COPY, which stands here, is left for the caller.
func (s *splitter) skipRows() {
	first := strings.IndexByte(s.text[s.at:], '\n')
	if first < 0 {
		return
	}
	rows := s.text[s.at+first:]
	last := strings.Index(rows, "\n\\.")
	if last < 0 {
		last = len(rows) - 1
	}
	// What is left of the line is taken for a command of psql.
	s.skip(first + last + 1)
	s.at--
	s.lineStart = s.at + 1
}

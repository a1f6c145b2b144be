package scan

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// The reasons for which text is no SQL to us.
var (
	ErrEncoding     = errors.New("scan: not printable UTF-8 outside literals")
	ErrUnterminated = errors.New("scan: a quoted string or name has no end")
	ErrTooMany      = errors.New("scan: too many tokens, or one of them is too long")
	// ErrAmbiguous is text in which an engine's scanner may find other
	// tokens. A quote taken for the wrong end of a literal hides what follows.
	ErrAmbiguous = errors.New("scan: a number, literal or parameter runs into what follows it")
)

// Limits bounds what is scanned. All are required.
type Limits struct {
	Tokens int // tokens in the statement
	Word   int // bytes in a name, quoted or not
	Number int // bytes in a number
}

// Scan splits sql into tokens. Strings may hold any character but NUL;
// everything else must be printable.
func Scan(sql string, limits Limits) ([]Token, error) {
	if !utf8.ValidString(sql) || strings.IndexByte(sql, 0) >= 0 {
		return nil, ErrEncoding
	}
	s := scanner{sql: sql, limits: limits}
	s.tokens = make([]Token, 0, min(limits.Tokens, len(sql)/3+8))
	for {
		more, err := s.next()
		if err != nil {
			return nil, err
		}
		if !more {
			return s.tokens, nil
		}
		if len(s.tokens) > limits.Tokens {
			return nil, ErrTooMany
		}
	}
}

type scanner struct {
	sql    string
	at     int
	limits Limits
	tokens []Token
}

func (s *scanner) next() (bool, error) {
	for s.at < len(s.sql) && isSpace(s.sql[s.at]) {
		s.at++
	}
	if s.at >= len(s.sql) {
		return false, nil
	}
	c := s.sql[s.at]
	switch {
	case c == '\'':
		return true, s.literal(s.at, false)
	case c == '"':
		return true, s.name()
	case strings.HasPrefix(s.sql[s.at:], "--"), strings.HasPrefix(s.sql[s.at:], "/*"):
		s.comment()
		return true, nil
	case c == '$':
		return true, s.dollar()
	case isDigit(c) || c == '.' && s.at+1 < len(s.sql) && isDigit(s.sql[s.at+1]):
		return true, s.number()
	case isWordStart(c):
		return true, s.word()
	case c == '?':
		s.emit(Param, s.at, s.at+1)
		return true, nil
	case strings.IndexByte(operatorChars, c) >= 0:
		s.operator()
		return true, nil
	case c < ' ' || c == 0x7f:
		return false, ErrEncoding
	default:
		s.emit(Operator, s.at, s.at+1)
		return true, nil
	}
}

func (s *scanner) emit(kind Kind, from, to int) {
	s.tokens = append(s.tokens, Token{Kind: kind, Text: s.sql[from:to], At: from})
	s.at = to
}

// quoted scans a literal that opens at the quote at s.at; from is where the
// token begins (its prefix, such as E).
func (s *scanner) quoted(from int, quote byte, backslash bool) error {
	for i := s.at + 1; i < len(s.sql); i++ {
		switch {
		case backslash && s.sql[i] == '\\':
			i++
		case s.sql[i] != quote:
		case i+1 < len(s.sql) && s.sql[i+1] == quote:
			i++
		default:
			s.emit(String, from, i+1)
			return nil
		}
	}
	return ErrUnterminated
}

// literal scans a string. Engines join it with a literal before it if a line
// ends between them, and go on by the rules of the first: E'a' lends its
// backslashes to what follows. So no literal may follow another.
func (s *scanner) literal(from int, backslash bool) error {
	if n := len(s.tokens); n > 0 && s.tokens[n-1].Kind == String {
		return ErrAmbiguous
	}
	return s.quoted(from, '\'', backslash)
}

func (s *scanner) name() error {
	from := s.at
	if err := s.quoted(from, '"', false); err != nil {
		return err
	}
	last := &s.tokens[len(s.tokens)-1]
	last.Kind = Name
	if len(last.Text) > s.limits.Word {
		return ErrTooMany
	}
	return printable(last.Text)
}

// comment takes the rest of the text: a comment refuses the statement, so
// where it ends does not matter.
func (s *scanner) comment() { s.emit(Comment, s.at, len(s.sql)) }

// dollar scans $1, $name, $$…$$ and $tag$…$tag$.
func (s *scanner) dollar() error {
	end := s.at + 1
	// A tag does not begin with a digit: $1$ is a parameter and a stray $.
	numbered := end < len(s.sql) && isDigit(s.sql[end])
	for end < len(s.sql) && (isDigit(s.sql[end]) || !numbered && isWordStart(s.sql[end])) {
		end++
	}
	if numbered || end >= len(s.sql) || s.sql[end] != '$' {
		s.emit(Param, s.at, end)
		if err := printable(s.tokens[len(s.tokens)-1].Text); err != nil {
			return err
		}
		return s.apart()
	}
	tag := s.sql[s.at : end+1]
	length := strings.Index(s.sql[end+1:], tag)
	if length < 0 {
		return ErrUnterminated
	}
	s.emit(String, s.at, end+1+length+len(tag))
	return nil
}

// number scans digits with a point and an exponent. What engines make of a
// number that runs into a name differs: to DuckDB "1e-" is the number 1, a
// name and an operator, and 0x1 the number 0 with a name. Nothing may be such.
func (s *scanner) number() error {
	end := s.digits(s.at)
	if end < len(s.sql) && s.sql[end] == '.' {
		end = s.digits(end + 1)
	}
	if end < len(s.sql) && s.sql[end]|0x20 == 'e' {
		from := end + 1
		if from < len(s.sql) && (s.sql[from] == '+' || s.sql[from] == '-') {
			from++
		}
		if from < len(s.sql) && isDigit(s.sql[from]) {
			end = s.digits(from)
		}
	}
	if end-s.at > s.limits.Number {
		return ErrTooMany
	}
	s.emit(Number, s.at, end)
	return s.apart()
}

// digits is where the digits that begin at from end.
func (s *scanner) digits(from int) int {
	for from < len(s.sql) && (isDigit(s.sql[from]) || s.sql[from] == '_') {
		from++
	}
	return from
}

// apart refuses a name, literal with a prefix or quote with a tag directly
// after what has been scanned. What cannot be seen is refused for that.
func (s *scanner) apart() error {
	if s.at >= len(s.sql) || !isWordStart(s.sql[s.at]) && s.sql[s.at] != '$' {
		return nil
	}
	r, _ := utf8.DecodeRuneInString(s.sql[s.at:])
	if err := printable(string(r)); err != nil {
		return err
	}
	return ErrAmbiguous
}

func (s *scanner) word() error {
	end := s.at
	for end < len(s.sql) && (isWordStart(s.sql[end]) || isDigit(s.sql[end]) || s.sql[end] == '$') {
		end++
	}
	if end < len(s.sql) && s.sql[end] == '\'' {
		// A literal with a prefix: E'…' knows backslashes; X, B, N, U& do not.
		if prefix := s.sql[s.at:end]; len(prefix) == 1 && strings.Contains("eExXbBnN", prefix) {
			from := s.at
			s.at = end
			return s.literal(from, prefix == "e" || prefix == "E")
		}
	}
	if end-s.at > s.limits.Word {
		return ErrTooMany
	}
	kind := Word
	if n := len(s.tokens); n > 0 && (s.tokens[n-1].isDot() || s.tokens[n-1].Is("AS")) {
		kind = Name
	}
	s.emit(kind, s.at, end)
	return printable(s.tokens[len(s.tokens)-1].Text)
}

// operatorChars may stand together in one operator, as in PostgreSQL's
// lexical rules (section 4.1.3 of its manual), from which DuckDB's derive.
const operatorChars = "+-*/<>=~!@#%^&|`"

func (s *scanner) operator() {
	end := s.at
	for end < len(s.sql) && strings.IndexByte(operatorChars, s.sql[end]) >= 0 {
		// A comment ends an operator.
		if end > s.at && (strings.HasPrefix(s.sql[end:], "--") || strings.HasPrefix(s.sql[end:], "/*")) {
			break
		}
		end++
	}
	s.emit(Operator, s.at, end)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isWordStart takes every byte beyond ASCII for part of a name, as the
// engines do; printable then refuses what cannot be seen.
func isWordStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}

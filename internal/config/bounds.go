package config

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// MaxFile is the largest configuration, in bytes.
const MaxFile = 1 << 20

const (
	// maxTokens bounds what the parser sees. It takes quadratic time on some inputs (goccy/go-yaml 1.19.2: 2.3 s for
	// one mapping of 32,000 keys, 96,000 tokens); at this bound it stays near a tenth of a second.
	maxTokens = 20_000
	// maxDepth bounds mappings in mappings: the parser is recursive. The deepest setting stands at level five.
	maxDepth = 12
)

// Read reads a configuration from r, and gives up once it is longer than MaxFile.
func Read(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	if len(data) > MaxFile {
		return nil, tooLarge()
	}
	return data, nil
}

func tooLarge() *Error {
	return &Error{Problem: "the file is larger than " + Size(MaxFile).String(), Fix: "is it the right file?"}
}

// tokenize checks everything that can be checked before parsing, and returns the tokens.
func tokenize(data []byte) (token.Tokens, *Error) {
	if len(data) > MaxFile {
		return nil, tooLarge()
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // YAML 1.2.2, 5.2: a byte order mark may stand at the start.
	if e := checkCharacters(data); e != nil {
		return nil, e
	}
	// The lexer drops a tag that ends the text without a newline; with one it returns it, to be refused below.
	text := string(data)
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	tokens := lexer.Tokenize(text)
	if e := checkTokens(tokens); e != nil {
		return nil, e
	}
	return tokens, nil
}

// checkCharacters refuses what is not text: invalid UTF-8 and control characters (YAML 1.2.2, 5.1).
func checkCharacters(data []byte) *Error {
	line, column := 1, 1
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return &Error{Line: line, Column: column, Problem: "the file is not valid UTF-8", Fix: "save it as UTF-8"}
		case r == '\n':
			line, column = line+1, 0
		case r < ' ' && r != '\t' && r != '\r', r >= 0x7f && r < 0xa0, r == '\ufeff', r == '\u2028', r == '\u2029':
			return &Error{
				Line: line, Column: column,
				Problem: "the file has a control character, " + strconv.QuoteRuneToASCII(r), Fix: "remove it",
			}
		}
		i += size
		column++
	}
	return nil
}

// refusedTokens are the parts of YAML that a configuration does without. Aliases and merge keys can make a small file
// expand without bound, and a reader without YAML at hand cannot tell what they yield.
var refusedTokens = map[token.Type]Error{
	token.AnchorType:      {Problem: "anchors (&name) are not allowed", Fix: `write the value out; put text that begins with & in quotes`},
	token.AliasType:       {Problem: "aliases (*name) are not allowed", Fix: `write the value out; put a star in quotes, such as tables: ["*"]`},
	token.MergeKeyType:    {Problem: "merge keys (<<) are not allowed", Fix: "write the settings out"},
	token.TagType:         {Problem: "tags (!name) are not allowed", Fix: "remove it; put text that begins with ! in quotes"},
	token.DirectiveType:   {Problem: "directives (%NAME) are not allowed", Fix: "remove it; put text that begins with % in quotes"},
	token.MappingKeyType:  {Problem: "keys marked with ? are not allowed", Fix: "write `key: value`"},
	token.DocumentEndType: {Problem: "document ends (...) are not allowed", Fix: "remove it: a file is one document"},
}

// checkTokens bounds the number and the nesting of tokens and refuses those of refusedTokens.
func checkTokens(tokens token.Tokens) *Error {
	if len(tokens) > maxTokens {
		return &Error{
			Problem: "the file has more than " + grouped(maxTokens) + " words and signs", Fix: "is it the right file?",
		}
	}
	var depth nesting
	content := false
	for _, tk := range tokens {
		if refused, found := refusedTokens[tk.Type]; found {
			return at(tk, refused.Problem, refused.Fix)
		}
		if tk.Type == token.DocumentHeaderType && content {
			return at(tk, "a second document begins here", "a file is one document: remove the line")
		}
		if tk.Type != token.CommentType {
			content = true
		}
		if depth.enter(tk) > maxDepth {
			return at(tk, "the settings are nested too deeply", "no setting is deeper than five levels")
		}
	}
	return nil
}

// nesting follows how deep a token stands, in brackets and by indentation.
type nesting struct {
	brackets int
	columns  []int // of the block mappings and sequences around the token, ascending
}

func (n *nesting) enter(tk *token.Token) int {
	switch tk.Type {
	case token.MappingStartType, token.SequenceStartType:
		n.brackets++
	case token.MappingEndType, token.SequenceEndType:
		n.brackets = max(0, n.brackets-1)
	case token.CommentType:
	default:
		if n.brackets > 0 {
			break
		}
		isKey := tk.Next != nil && tk.Next.Type == token.MappingValueType
		if isKey || tk.Type == token.SequenceEntryType {
			column := tk.Position.Column
			for len(n.columns) > 0 && n.columns[len(n.columns)-1] >= column {
				n.columns = n.columns[:len(n.columns)-1]
			}
			n.columns = append(n.columns, column)
		}
	}
	return n.brackets + len(n.columns)
}

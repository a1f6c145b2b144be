package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// This is decodeStatement as it was over encoding/json, in four passes. What it
// takes and what it refuses is the standard that the one pass is held to.

// maxDepth is how deep a body nests: the object, and the list of parameters.
const maxDepth = 2

// referenceStatement reads exactly one JSON object with no member but those
// named, each at most once and by its exact name. encoding/json's own mapping
// to structs would ignore the case of names and let the last of two win, so
// that a body could mean one thing to a proxy and another to us.
func referenceStatement(body []byte, members ...string) (statement, error) {
	s := statement{format: encode.JSON}
	if err := checkText(body); err != nil {
		return s, err
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return s, errors.New("the body is not a JSON object")
	}
	seen := make(map[string]bool, len(members))
	for dec.More() {
		name, err := referenceString(dec)
		if err != nil {
			return s, err
		}
		if seen[name] {
			return s, errors.New("a member of the body is there twice")
		}
		seen[name] = true
		if err := s.referenceMember(dec, name, members); err != nil {
			return s, err
		}
	}
	if !seen["sql"] {
		return s, errors.New(`the body has no "sql"`)
	}
	if seen["csv_formulas"] && s.format != encode.CSV || seen["end_marker"] && s.format != encode.NDJSON {
		return s, errors.New("a member of another format")
	}
	return s, nil
}

// checkText proves that the body is one JSON value of bounded depth, and that
// decoding its strings loses nothing: encoding/json replaces what is not UTF-8.
func checkText(body []byte) error {
	switch {
	case !utf8.Valid(body):
		return errors.New("the body is not UTF-8")
	case !shallow(body):
		return fmt.Errorf("the body nests deeper than %d levels", maxDepth)
	case !json.Valid(body): // also finds data after the value
		return errors.New("the body is not one JSON value")
	case loneSurrogate(body):
		return errors.New("the body has half of a surrogate pair")
	default:
		return nil
	}
}

func (s *statement) referenceMember(dec *json.Decoder, name string, members []string) error {
	known := false
	for _, m := range members {
		known = known || m == name
	}
	if !known {
		return errors.New("the body has a member that is not known")
	}
	var err error
	switch name {
	case "sql":
		s.sql, err = referenceString(dec)
	case "source":
		s.source, err = referenceString(dec)
		if err == nil && s.source == "" {
			err = errors.New(`"source" is empty`) // left out means the only source; empty means a mistake
		}
	case "format":
		var format string
		if format, err = referenceString(dec); err == nil {
			s.format, err = encode.ParseFormat(format)
		}
	case "csv_formulas":
		var name string
		if name, err = referenceString(dec); err == nil {
			s.csvFormulas, err = ParseCSVFormulas(name)
		}
	case "end_marker":
		var token json.Token
		if token, err = dec.Token(); err == nil {
			var ok bool
			if s.endMarker, ok = token.(bool); !ok {
				err = errors.New("not a boolean")
			}
		}
	case "params":
		s.params, err = referenceParams(dec)
	default:
		err = fmt.Errorf("httpapi: no reader for the member %q", name) // unreachable: members are ours
	}
	return err
}

func referenceString(dec *json.Decoder) (string, error) {
	token, err := dec.Token()
	if err != nil {
		return "", err
	}
	text, ok := token.(string)
	if !ok {
		return "", errors.New("a member of the body has the wrong type")
	}
	return text, nil
}

func referenceParams(dec *json.Decoder) ([]any, error) {
	if token, err := dec.Token(); err != nil || token != json.Delim('[') {
		return nil, errors.New(`"params" is not a list`)
	}
	var params []any
	for dec.More() {
		if len(params) == maxParams {
			return nil, fmt.Errorf("more than %d parameters", maxParams)
		}
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		switch value := token.(type) {
		case nil, bool, string:
			params = append(params, value)
		case json.Number:
			number, err := exactNumber(value.String())
			if err != nil {
				return nil, err
			}
			params = append(params, number)
		default:
			return nil, errors.New("a parameter is neither null, boolean, number nor string")
		}
	}
	_, err := dec.Token() // the closing bracket
	return params, err
}

// shallow reports whether the text opens at most maxDepth brackets within one
// another. It need not be JSON: what it misjudges is refused by the parser.
func shallow(text []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return false
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return true
}

// loneSurrogate reports whether valid JSON has an escape for half a character
// (RFC 8259, section 8.2), which no string can hold.
func loneSurrogate(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++ // a backslash stands only in strings, and never last
		if text[i] != 'u' {
			continue
		}
		first := escapedUnit(text[i-1:])
		i += 4
		switch {
		case 0xDC00 <= first && first <= 0xDFFF:
			return true
		case 0xD800 <= first && first <= 0xDBFF:
			second := escapedUnit(text[i+1:])
			if second < 0xDC00 || second > 0xDFFF {
				return true
			}
			i += 6
		}
	}
	return false
}

// escapedUnit is the UTF-16 unit of an escape such as \u00e9 with which text
// begins, 0 if it does not.
func escapedUnit(text []byte) uint64 {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	return unit
}

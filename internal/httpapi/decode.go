package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// maxParams bounds the parameters of one query.
const maxParams = 100

// maxDepth is how deep a body nests: the object, and the list of parameters.
const maxDepth = 2

// statement is the body of a request about a statement.
type statement struct {
	sql    string
	source string
	params []any // nil, bool, int64, float64 or string
	format encode.Format
}

// decodeStatement reads exactly one JSON object with no member but those
// named, each at most once and by its exact name. encoding/json's own mapping
// to structs would ignore the case of names and let the last of two win, so
// that a body could mean one thing to a proxy and another to us.
func decodeStatement(body []byte, members ...string) (statement, error) {
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
		name, err := readString(dec)
		if err != nil {
			return s, err
		}
		if seen[name] {
			return s, errors.New("a member of the body is there twice")
		}
		seen[name] = true
		if err := s.member(dec, name, members); err != nil {
			return s, err
		}
	}
	if !seen["sql"] {
		return s, errors.New(`the body has no "sql"`)
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

func (s *statement) member(dec *json.Decoder, name string, members []string) error {
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
		s.sql, err = readString(dec)
	case "source":
		s.source, err = readString(dec)
		if err == nil && s.source == "" {
			err = errors.New(`"source" is empty`) // left out means the only source; empty means a mistake
		}
	case "format":
		var format string
		if format, err = readString(dec); err == nil {
			s.format, err = encode.ParseFormat(format)
		}
	case "params":
		s.params, err = readParams(dec)
	default:
		err = fmt.Errorf("httpapi: no reader for the member %q", name) // unreachable: members are ours
	}
	return err
}

func readString(dec *json.Decoder) (string, error) {
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

func readParams(dec *json.Decoder) ([]any, error) {
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

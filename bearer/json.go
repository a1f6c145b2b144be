package bearer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// maxDepth bounds how deep arrays and objects may nest.
const maxDepth = 16

var (
	errUTF8      = errors.New("not UTF-8")
	errObject    = errors.New("not a JSON object")
	errDepth     = errors.New("nested too deep")
	errDuplicate = errors.New("a member occurs twice")
)

// parseObject returns the members of a JSON object by their exact names. Names
// that occur twice, at any depth, are refused: readers differ in which of the two
// they take (RFC 8725, section 2.6; RFC 8259, section 4). So are, for the same
// reason, bytes that are not UTF-8. The input is bounded by the caller.
func parseObject(data []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(data) {
		return nil, errUTF8
	}
	// A map, because a struct would also take "ISS" for iss.
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, errObject // its error quotes the input
	}
	if members == nil {
		return nil, errObject // null
	}
	if err := checkNames(data); err != nil {
		return nil, err
	}
	return members, nil
}

// checkNames walks through valid JSON and finds names that occur twice.
func checkNames(data []byte) error {
	type level struct {
		names map[string]struct{} // nil for an array
		value bool                // the next string is a value, not a name
	}
	var stack []level
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errObject
		}
		top := len(stack) - 1
		if name, ok := token.(string); ok && top >= 0 && stack[top].names != nil && !stack[top].value {
			if _, twice := stack[top].names[name]; twice {
				return errDuplicate
			}
			stack[top].names[name] = struct{}{}
			stack[top].value = true
			continue
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			if len(stack) == maxDepth {
				return errDepth
			}
			next := level{}
			if token == json.Delim('{') {
				next.names = map[string]struct{}{}
			}
			stack = append(stack, next)
			continue // the value ends with its closing bracket
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:top]
			top--
		}
		if top >= 0 {
			stack[top].value = false
		}
	}
}

// asString returns a JSON string; null and all else is not one.
func asString(raw json.RawMessage) (string, bool) {
	var s *string
	if err := json.Unmarshal(raw, &s); err != nil || s == nil {
		return "", false
	}
	return *s, true
}

func stringMember(members map[string]json.RawMessage, name string) (string, bool) {
	raw, there := members[name]
	if !there {
		return "", false
	}
	return asString(raw)
}

// asStrings returns a JSON array of strings.
func asStrings(raw json.RawMessage) ([]string, bool) {
	var list []*string
	if err := json.Unmarshal(raw, &list); err != nil || list == nil {
		return nil, false
	}
	out := make([]string, len(list))
	for i, s := range list {
		if s == nil {
			return nil, false
		}
		out[i] = *s
	}
	return out, true
}

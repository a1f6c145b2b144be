package httpapi

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// maxParams bounds the parameters of one query.
const maxParams = 100

// statement is the body of a request about a statement.
type statement struct {
	sql    string
	source string
	params []any // nil, bool, int64, float64 or string
	format encode.Format
	// csvFormulas is zero unless the format is CSV and the request says it.
	csvFormulas CSVFormulas
	endMarker   bool // only with NDJSON
}

// member is a set of members that a body may have.
type member uint8

const (
	memberSQL member = 1 << iota
	memberSource
	memberParams
	memberFormat
	memberCSVFormulas
	memberEndMarker
)

// memberOf is the member of exactly this name; zero: there is none.
func memberOf(name []byte) member {
	switch string(name) {
	case "sql":
		return memberSQL
	case "source":
		return memberSource
	case "params":
		return memberParams
	case "format":
		return memberFormat
	case "csv_formulas":
		return memberCSVFormulas
	case "end_marker":
		return memberEndMarker
	default:
		return 0
	}
}

// decodeStatement reads exactly one JSON object with no member but those
// allowed, each at most once and by its exact name. encoding/json's own mapping
// to structs would ignore the case of names and let the last of two win, so
// that a body could mean one thing to a proxy and another to us. It reads the
// text once, never deeper than a list of parameters, and takes strings only
// whole: encoding/json would replace what is not UTF-8, and half characters.
func decodeStatement(body []byte, allowed member) (statement, error) {
	s := statement{format: encode.JSON}
	if !utf8.Valid(body) {
		return s, errors.New("the body is not UTF-8")
	}
	t := jsonText{text: body}
	if !t.take('{') {
		return s, errors.New("the body is not a JSON object")
	}
	var seen member
	if !t.take('}') {
		for {
			if err := s.member(&t, allowed, &seen); err != nil {
				return s, err
			}
			if t.take('}') {
				break
			}
			if !t.take(',') {
				return s, errNotJSON
			}
		}
	}
	if !t.atEnd() {
		return s, errNotJSON
	}
	if seen&memberSQL == 0 {
		return s, errors.New(`the body has no "sql"`)
	}
	err := s.applies(seen)
	return s, err
}

// member reads a name and its value.
func (s *statement) member(t *jsonText, allowed member, seen *member) error {
	m, err := t.member()
	if err != nil {
		return err
	}
	switch {
	case m&allowed == 0:
		return errors.New("the body has a member that is not known")
	case *seen&m != 0:
		return errors.New("a member of the body is there twice")
	case !t.take(':'):
		return errNotJSON
	}
	*seen |= m
	switch m {
	case memberSQL:
		s.sql, err = t.string()
	case memberSource:
		s.source, err = t.string()
		if err == nil && s.source == "" {
			err = errors.New(`"source" is empty`) // left out means the only source; empty means a mistake
		}
	case memberFormat:
		var format string
		if format, err = t.string(); err == nil {
			s.format, err = encode.ParseFormat(format)
		}
	case memberCSVFormulas:
		var formulas string
		if formulas, err = t.string(); err == nil {
			s.csvFormulas, err = ParseCSVFormulas(formulas)
		}
	case memberEndMarker:
		s.endMarker, err = t.boolean()
	case memberParams:
		s.params, err = readParams(t)
	default:
		err = fmt.Errorf("httpapi: no reader for the member %d", m) // unreachable: members are ours
	}
	return err
}

// applies refuses a member of one format beside another: whoever sends it expects what does
// not happen.
func (s *statement) applies(seen member) error {
	if seen&memberCSVFormulas != 0 && s.format != encode.CSV {
		return errors.New(`"csv_formulas" beside a format that is not csv`)
	}
	if seen&memberEndMarker != 0 && s.format != encode.NDJSON {
		return errors.New(`"end_marker" beside a format that is not ndjson`)
	}
	return nil
}

// readParams reads a list of values that are not lists or objects.
func readParams(t *jsonText) ([]any, error) {
	if !t.take('[') {
		return nil, errors.New(`"params" is not a list`)
	}
	var params []any
	if t.take(']') {
		return nil, nil
	}
	for {
		if len(params) == maxParams {
			return nil, fmt.Errorf("more than %d parameters", maxParams)
		}
		value, err := t.scalar()
		if err != nil {
			return nil, err
		}
		params = append(params, value)
		if t.take(']') {
			return params, nil
		}
		if !t.take(',') {
			return nil, errNotJSON
		}
	}
}

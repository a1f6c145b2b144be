package corpus

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// entry is one query of a corpus.
type entry struct {
	id      string
	dialect string // as the line says, also what is no dialect of ours
	sql     string
	// broken says that the bytes of sql are not UTF-8. What decoding JSON
	// makes of them is another query, which nobody asked.
	broken bool
}

// readEntry reads one line. Members are known by their exact names; others
// may be anything.
func readEntry(line []byte, number int64) (entry, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		return entry{}, fmt.Errorf("no JSON object: %w", err)
	}
	var e entry
	if !isString(members["sql"]) {
		return entry{}, errors.New(`"sql" is missing, or is no string`)
	}
	if err := json.Unmarshal(members["sql"], &e.sql); err != nil {
		return entry{}, err
	}
	e.broken = !utf8.Valid(members["sql"])
	switch id := members["id"]; {
	case isString(id):
		if err := json.Unmarshal(id, &e.id); err != nil {
			return entry{}, err
		}
	case len(id) > 0 && (id[0] == '-' || id[0] >= '0' && id[0] <= '9'):
		e.id = string(id)
	case len(id) == 0 || string(id) == "null":
		e.id = strconv.FormatInt(number, 10)
	default:
		return entry{}, errors.New(`"id" is neither a string nor a number`)
	}
	if isString(members["dialect"]) {
		if err := json.Unmarshal(members["dialect"], &e.dialect); err != nil {
			return entry{}, err
		}
	}
	return e, nil
}

func isString(v json.RawMessage) bool { return len(v) > 0 && v[0] == '"' }

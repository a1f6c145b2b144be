package httpapi

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Both decoders take and refuse the same. What is accepted means the same to
// another parser: the same members, none left over, and strings without
// replaced characters.
func FuzzDecodeStatement(f *testing.F) {
	for _, seed := range []string{
		`{"sql":"SELECT 1"}`, `{"sql":"SELECT $1","params":[1,2.5,null,true,"x"],"source":"a","format":"csv"}`, `{"sql":"\ud83d\ude00\\u0041"}`,
		`{"sql":"a","format":"csv","csv_formulas":"escape"}`, `{"end_marker":true,"sql":"a","format":"ndjson"}`, `{"sql":"a","end_marker":true}`,
		`{"sql":"\ud83d"}`, `{"sql":"a","sql":"b"}`, `{"sql":"a","params":[[]]}`, `{"sql":"[[[\"[["}`, `{"sql":"a"} `, `{"sql":"\\ud83d"}`, `\u`, `{"`, `{"sql":"\ud83d\ud83d\ude00"}`,
	} {
		f.Add([]byte(seed))
	}
	for _, seed := range bodies() {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		sameAsReference(t, body)
		s, err := decodeStatement(body, allMembers)
		if err != nil {
			return
		}
		var other map[string]any
		if err := json.Unmarshal(body, &other); err != nil {
			t.Fatalf("accepted %q: %v", body, err)
		}
		if other["sql"] != s.sql || !utf8.ValidString(s.sql) {
			t.Errorf("sql %q and %q", s.sql, other["sql"])
		}
		if strings.ContainsRune(s.sql, utf8.RuneError) && !strings.Contains(string(body), "\ufffd") && !strings.Contains(strings.ToLower(string(body)), `\ufffd`) {
			t.Errorf("a character of %q was replaced", body)
		}
		if source, ok := other["source"]; ok && source != s.source {
			t.Errorf("source %q and %q", s.source, source)
		}
		if params, _ := other["params"].([]any); len(params) != len(s.params) {
			t.Errorf("%d parameters and %d", len(s.params), len(params))
		}
		for name := range other {
			if !slices.Contains([]string{"sql", "source", "params", "format", "csv_formulas", "end_marker"}, name) {
				t.Errorf("accepted the member %q", name)
			}
		}
	})
}

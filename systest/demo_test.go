//go:build linux

package systest

import (
	"encoding/json"
	"os/exec"
	"regexp"
	"testing"
)

var curlLine = regexp.MustCompile(`(?m)^  (curl .*)$`)

// The lines that the demo prints are what a newcomer pastes: they must work as
// they stand, in a shell, and give what the text before them says.
func TestDemo(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{"its own key": "", "the key of the environment": testKey} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, key, "demo", "--listen", "127.0.0.1:0")
			eventually(t, "two curl lines", func() bool { return len(curlLine.FindAllString(s.banner.String(), -1)) == 2 })
			lines := curlLine.FindAllStringSubmatch(s.banner.String(), -1)
			var answered struct {
				Columns  []struct{ Name string }
				Rows     [][]any
				RowCount int `json:"row_count"`
			}
			shell(t, s, lines[0][1], &answered)
			if answered.RowCount != 5 || len(answered.Rows) != 5 || len(answered.Columns) != 3 || answered.Columns[0].Name != "origin" {
				t.Fatalf("not five airports: %+v", answered)
			}
			last := 1e9
			for _, row := range answered.Rows {
				airport, isText := row[0].(string)
				flights, isNumber := row[1].(float64)
				if !isText || len(airport) != 3 || !isNumber || flights < 1000 || flights > last {
					t.Errorf("not real data in order: %v", row)
				}
				last = flights
			}
			var refused struct {
				Status int
				Rule   string
				Detail string
			}
			shell(t, s, lines[1][1], &refused)
			if refused.Status != 400 || refused.Rule != "sql.multiple_sources" || refused.Detail == "" {
				t.Errorf("the second line is answered with %+v", refused)
			}
		})
	}
}

// shell runs a line in the environment of the server and decodes what it
// prints.
func shell(t *testing.T, s *server, line string, into any) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-c", line)
	cmd.Env = s.cmd.Env
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("%s: %v: %s", line, err, out)
	}
}

//go:build linux

package systest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// The log has one line for each request, under the id that the client got, and
// nothing of what the client asked.
func TestLog(t *testing.T) {
	t.Parallel()
	const canary = "K4n4ry"
	s := swept(t, "log: {format: json, level: info}")
	type sent struct {
		answer answer
		status int
	}
	var all []sent
	ask := func(status int, sql string, params ...any) {
		t.Helper()
		a := s.query(t, sql, params...)
		if a.status != status {
			t.Errorf("%s: %d %s, want %d", sql, a.status, a.body, status)
		}
		all = append(all, sent{a, status})
	}
	ask(http.StatusOK, "SELECT '"+canary+"' AS "+canary)
	ask(http.StatusOK, "SELECT $1", canary)
	// DuckDB's own messages quote what could not be converted, found or parsed.
	ask(http.StatusBadRequest, "SELECT CAST('"+canary+"' AS INTEGER)")
	ask(http.StatusBadRequest, "SELECT CAST($1 AS INTEGER)", canary)
	ask(http.StatusBadRequest, "SELECT "+canary+" FROM data")
	ask(http.StatusBadRequest, "SELECT * FROM "+canary)
	ask(http.StatusBadRequest, "SELECT "+canary+"(1)")
	ask(http.StatusBadRequest, "SELECT '"+canary)
	ask(http.StatusBadRequest, "SELECT error('"+canary+"')")
	ask(http.StatusBadRequest, "SELECT * FROM '"+canary+".csv'")
	for _, r := range []struct{ method, path string }{{http.MethodGet, "/" + canary}, {canary, "/"}, {http.MethodGet, "/healthz?" + canary}} {
		a, err := s.send(t.Context(), r.method, r.path, canary, canary)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sent{a, http.StatusForbidden})
	}
	s.stop(t)
	if strings.Contains(strings.ToLower(s.log.String()), strings.ToLower(canary)) {
		t.Errorf("the log has what clients asked:\n%s", s.log)
	}
	logged := map[string]int{}
	for line := range strings.Lines(s.log.String()) {
		var record struct {
			Msg       string
			RequestID string `json:"request_id"`
			Status    int
		}
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Errorf("not a JSON line: %s", line)
		}
		if record.Msg == "request" {
			logged[record.RequestID] = record.Status
		}
	}
	if len(logged) != len(all) {
		t.Errorf("%d requests in the log, want %d", len(logged), len(all))
	}
	for _, a := range all {
		if id := a.answer.header.Get("X-Request-Id"); id == "" || logged[id] != a.status {
			t.Errorf("request %q: logged with %d, want %d", id, logged[id], a.status)
		}
	}
}

package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestClient holds the client against net/http's own server: lengths, chunks
// and failures on one connection.
func TestClient(t *testing.T) {
	t.Parallel()
	rows := `{"rows":[[1]],"row_count":1}`
	big := `{"rows":[["` + strings.Repeat("x", 200_000) + `"]],"row_count":1}`
	answers := map[string]string{"fixed": rows, "chunked": rows, "big": big, "few": `{"rows":[],"row_count":0}`, "liar": `{"rows":[[1]],"row_count":2}`, "text": "hello"}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "chunked" {
			_ = http.NewResponseController(w).Flush()
		}
		if name == "refused" {
			http.Error(w, "go away", http.StatusForbidden)
			return
		}
		_, _ = w.Write([]byte(answers[name]))
	}))
	defer s.Close()
	c, err := dial(t.Context(), s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.conn.Close() }()
	one := load{name: "one", rows: 1}
	for _, test := range []struct{ path, askError, checkError string }{
		{"fixed", "", ""},
		{"chunked", "", ""},
		{"big", "", ""},
		{"refused", "status 403: go away", ""},
		{"few", "", "0 rows, said to be 0, where 1 were asked for"},
		{"liar", "", "1 rows, said to be 2"},
		{"text", "", "invalid character"},
		{"fixed", "", ""},
	} {
		request := (&contender{process: &process{address: "127.0.0.1"}, path: "/" + test.path}).request("SELECT 1")
		if err := c.ask(request); !says(err, test.askError) {
			t.Errorf("%s: got %v, want %q", test.path, err, test.askError)
		}
		if test.askError != "" {
			continue
		}
		if err := c.checkAnswer(one); !says(err, test.checkError) {
			t.Errorf("%s: got %v, want %q", test.path, err, test.checkError)
		}
	}
}

// says reports whether an error has a text in it; no text means no error.
func says(err error, text string) bool {
	if text == "" || err == nil {
		return text == "" && err == nil
	}
	return strings.Contains(err.Error(), text)
}

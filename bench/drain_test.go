package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/httpapi"
)

// TestDrain holds the reader of streams against net/http's own server.
func TestDrain(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 200_000)
	stream := func(w http.ResponseWriter, body, status, truncated string) {
		w.Header().Set("Trailer", httpapi.TrailerStatus+", "+httpapi.TrailerTruncated+", "+httpapi.TrailerRows)
		for piece := range 3 {
			_, _ = w.Write([]byte(body[:piece]))
			_ = http.NewResponseController(w).Flush()
		}
		_, _ = w.Write([]byte(body))
		w.Header().Set(httpapi.TrailerStatus, status)
		w.Header().Set(httpapi.TrailerTruncated, truncated)
		w.Header().Set(httpapi.TrailerRows, "7")
	}
	answers := map[string]func(w http.ResponseWriter){
		"whole":     func(w http.ResponseWriter) { stream(w, long, "complete", "false") },
		"truncated": func(w http.ResponseWriter) { stream(w, long, "complete", "true") },
		"failed":    func(w http.ResponseWriter) { stream(w, long, "failed", "false") },
		"json":      func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"rows":"` + long + `","row_count":7}` + "\n")) },
		"held": func(w http.ResponseWriter) {
			w.Header().Set(httpapi.TrailerStatus, "complete")
			w.Header().Set(httpapi.TrailerTruncated, "false")
			w.Header().Set(httpapi.TrailerRows, "7")
			_, _ = w.Write([]byte("seven"))
		},
		"short":   func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"row_count":7}`)) },
		"silent":  func(w http.ResponseWriter) { _, _ = w.Write([]byte(long)) },
		"refused": func(w http.ResponseWriter) { http.Error(w, "go away", http.StatusForbidden) },
		"cut": func(w http.ResponseWriter) {
			_, _ = w.Write([]byte(long))
			panic(http.ErrAbortHandler)
		},
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answers[strings.TrimPrefix(r.URL.Path, "/")](w) }))
	defer s.Close()
	for _, test := range []struct {
		path, problem string
		bytes         int64
	}{
		{"whole", "", 200_003},
		{"json", "", 200_026},
		{"short", "", 15},
		{"held", "", 5},
		{"truncated", "not whole", 0},
		{"failed", "not whole", 0},
		{"silent", "does not say how many rows", 0},
		{"refused", "status 403: go away", 0},
		{"cut", "EOF", 0},
	} {
		c, err := dial(t.Context(), s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		request := (&contender{process: &process{address: "127.0.0.1"}, path: "/" + test.path}).requestAs("SELECT 1", "tsv")
		got, err := c.drain(request)
		if !says(err, test.problem) {
			t.Errorf("%s: got %v, want %q", test.path, err, test.problem)
		}
		if err == nil && (got.rows != 7 || got.bytes != test.bytes || got.took <= 0) {
			t.Errorf("%s: got %d rows, %d bytes in %v", test.path, got.rows, got.bytes, got.took)
		}
		if err == nil && test.path == "whole" { // the connection can be used again
			if _, err := c.drain(request); err != nil {
				t.Errorf("%s, once more: %v", test.path, err)
			}
		}
		_ = c.conn.Close()
	}
}

func TestSip(t *testing.T) {
	t.Parallel()
	gone := make(chan error, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/short" {
			return
		}
		piece := make([]byte, 64<<10)
		for sent := 0; ; sent += len(piece) {
			if _, err := w.Write(piece); err != nil {
				gone <- errors.Join(err, nil)
				return
			}
			if sent > 64<<20 {
				gone <- errors.New("the client reads faster than it should")
				return
			}
		}
	}))
	defer s.Close()
	for path, problem := range map[string]string{"/endless": "", "/short": "EOF"} {
		c, err := dial(t.Context(), s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.conn.SetDeadline(time.Now().Add(answerTime)); err != nil {
			t.Fatal(err)
		}
		request := (&contender{process: &process{address: "127.0.0.1"}, path: path}).request("SELECT 1")
		err = c.sip(t.Context(), request, sipsPerSecond, 200*time.Millisecond)
		if path == "/short" {
			if err == nil {
				t.Error("an answer that ends at once is not a slow stream")
			}
			continue
		}
		if !says(err, problem) {
			t.Errorf("%s: %v", path, err)
		}
		if err := <-gone; err == nil || strings.Contains(err.Error(), "faster") {
			t.Errorf("the server found %v", err)
		}
	}
}

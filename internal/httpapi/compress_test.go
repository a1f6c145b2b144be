package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/httpapi"
)

// decode undoes a content coding. The text comes back also where the end is missing.
func decode(t *testing.T, encoding string, raw io.Reader) (string, error) {
	t.Helper()
	switch encoding {
	case "":
		text, err := io.ReadAll(raw)
		return string(text), err
	case "gzip":
		in, err := gzip.NewReader(raw)
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(in)
		return string(text), err
	case "zstd":
		// RFC 9659: a window of 8 MB is the most that HTTP clients need to have.
		in, err := zstd.NewReader(raw, zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return "", err
		}
		defer in.Close()
		text, err := io.ReadAll(in)
		return string(text), err
	default:
		t.Fatalf("unknown coding %q", encoding)
		return "", nil
	}
}

// Every way out gives the very bytes that are sent to a client which accepts no
// coding, and says the right length.
func TestCompressedAnswers(t *testing.T) {
	t.Parallel()
	const heldBack = 2 << 20
	for _, http2 := range []bool{false, true} {
		for _, n := range []int{200, 60_000, 300_000} { // compressed at once; on the way; JSON too
			for _, format := range []string{"json", "ndjson", "csv"} {
				for _, encoding := range []string{"gzip", "zstd"} {
					t.Run(fmt.Sprintf("http2 %v/%d/%s/%s", http2, n, format, encoding), func(t *testing.T) {
						t.Parallel()
						handler, _, records := newHandler(t, options{run: respond(n), bytes: 64 << 20, config: httpapi.Config{HoldBack: heldBack}})
						srv := serve(t, handler, http2)
						query := `{"sql":"SELECT 1","format":"` + format + `"}`
						plain, want, err := askWith(t, srv, query, "")
						if err != nil || plain.Header["Content-Encoding"] != nil || plain.Header.Get("Vary") != "Accept-Encoding" {
							t.Fatalf("uncompressed: %v %v", plain.Header, err)
						}
						resp, raw, err := askWith(t, srv, query, encoding)
						if err != nil || resp.Header.Get("Content-Encoding") != encoding || resp.Header.Get("Vary") != "Accept-Encoding" {
							t.Fatalf("%v %v", resp.Header, err)
						}
						if got, err := decode(t, encoding, strings.NewReader(raw)); got != want || err != nil {
							t.Errorf("%d bytes became %d: %v", len(want), len(got), err)
						}
						if len(raw)*2 > len(want) {
							t.Errorf("%d bytes of %d", len(raw), len(want))
						}
						length := int64(len(raw))
						if len(want) > 1<<20 {
							length = -1 // on the way
						}
						if resp.ContentLength != length {
							t.Errorf("length %d, want %d", resp.ContentLength, length)
						}
						status := resp.Header
						if len(want) > heldBack && format != "json" {
							status = resp.Trailer
						}
						if format != "json" && (status.Get("Sallyport-Status") != "complete" || status.Get("Sallyport-Rows") != strconv.Itoa(n)) {
							t.Errorf("headers %v, trailers %v", resp.Header, resp.Trailer)
						}
						srv.Close()
						if record := records.last(t); record.BytesOut != int64(len(raw)) || record.Err != nil {
							t.Errorf("record %+v", record)
						}
					})
				}
			}
		}
	}
}

func TestWhatIsNotCompressed(t *testing.T) {
	t.Parallel()
	accept := func(encoding string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Accept-Encoding", encoding) }
	}
	tests := []struct {
		name   string
		bytes  string
		config httpapi.Config
		mutate func(*http.Request)
		want   string
		vary   []string
	}{
		{"without the header", string(sample(5000)), httpapi.Config{}, func(*http.Request) {}, "", []string{"Accept-Encoding"}},
		{"identity only", string(sample(5000)), httpapi.Config{}, accept("identity"), "", []string{"Accept-Encoding"}},
		{"another coding", string(sample(5000)), httpapi.Config{}, accept("br"), "", []string{"Accept-Encoding"}},
		{"another coding, and nothing else", string(sample(5000)), httpapi.Config{}, accept("br, identity;q=0"), "", []string{"Accept-Encoding"}},
		{"too short", string(sample(1399)), httpapi.Config{}, accept("gzip, zstd"), "", []string{"Accept-Encoding"}},
		{"long enough", string(sample(1400)), httpapi.Config{}, accept("gzip, zstd"), "zstd", []string{"Accept-Encoding"}},
		{"too short, but identity is refused", string(sample(10)), httpapi.Config{}, accept("gzip, identity;q=0"), "gzip", []string{"Accept-Encoding"}},
		{"empty, but identity is refused", "", httpapi.Config{}, accept("zstd, *;q=0"), "zstd", []string{"Accept-Encoding"}},
		{"random", random(5000), httpapi.Config{}, accept("gzip"), "", []string{"Accept-Encoding"}},
		{"HTTP/1.0", string(sample(5000)), httpapi.Config{}, func(r *http.Request) {
			accept("gzip")(r)
			r.ProtoMajor, r.ProtoMinor = 1, 0
		}, "", []string{"Accept-Encoding"}},
		{"switched off", string(sample(5000)), httpapi.Config{DisableCompression: true}, accept("gzip"), "", nil},
	}
	for _, tt := range tests {
		for _, format := range []string{"json", "csv"} {
			t.Run(tt.name+"/"+format, func(t *testing.T) {
				t.Parallel()
				handler, _, _ := newHandler(t, options{run: write(tt.bytes), config: tt.config})
				r := post(t, "/v1/query", `{"sql":"SELECT 1","format":"`+format+`"}`)
				tt.mutate(r)
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				h := w.Header()
				if h.Get("Content-Encoding") != tt.want || !slices.Equal(h["Vary"], tt.vary) || h.Get("Content-Length") != strconv.Itoa(w.Body.Len()) {
					t.Errorf("%d, headers %v for %d bytes", w.Code, h, w.Body.Len())
				}
				if got, err := decode(t, tt.want, w.Body); got != tt.bytes || err != nil {
					t.Errorf("%d bytes, want %d: %v", len(got), len(tt.bytes), err)
				}
			})
		}
	}
}

// What is there of Vary stays, and is not written to: all answers may share it.
func TestVaryIsAdded(t *testing.T) {
	t.Parallel()
	handler, _, _ := newHandler(t, options{})
	shared := make([]string, 1, 4)
	shared[0] = "Origin"
	for _, r := range []*http.Request{post(t, "/v1/query", `{"sql":"SELECT 1"}`), get(t, "/openapi.json")} {
		w := httptest.NewRecorder()
		w.Header()["Vary"] = shared
		handler.ServeHTTP(w, r)
		if got := w.Header()["Vary"]; !slices.Equal(got, []string{"Origin", "Accept-Encoding"}) || shared[:2][1] != "" {
			t.Errorf("Vary %v, shared %v", got, shared[:2])
		}
	}
}

func TestCompressedDocuments(t *testing.T) {
	t.Parallel()
	handler, _, _ := newHandler(t, options{sources: slices.Collect(names(40))})
	for path, always := range map[string]bool{
		"/openapi.json": false, "/v1/sources": false, "/v1/sources/s0/tables/airports": true, "/healthz": true,
	} {
		plain := httptest.NewRecorder()
		handler.ServeHTTP(plain, get(t, path))
		for _, encoding := range []string{"gzip", "zstd"} {
			accept := encoding
			if always { // they are short
				accept += ", identity;q=0"
			}
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				r := get(t, path)
				r.Method = method
				r.Header.Set("Accept-Encoding", accept)
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				h := w.Header()
				if h.Get("Content-Encoding") != encoding || h.Get("Vary") != "Accept-Encoding" || h.Get("Content-Length") != strconv.Itoa(w.Body.Len()) {
					t.Errorf("%s %s in %s: %d, headers %v for %d bytes", method, path, encoding, w.Code, h, w.Body.Len())
				}
				if got, err := decode(t, encoding, w.Body); got != plain.Body.String() || err != nil {
					t.Errorf("%s in %s: %v %s", path, encoding, err, got)
				}
			}
			r := get(t, path)
			r.Header.Set("Accept-Encoding", encoding)
			w := httptest.NewRecorder()
			if handler.ServeHTTP(w, r); always && w.Header().Get("Content-Encoding") != "" {
				t.Errorf("%s of %d bytes is compressed", path, plain.Body.Len())
			}
		}
	}
}

// A refusal is not compressed and does not depend on what the client accepts;
// nor does it show on which path it was.
func TestRefusalsAreNotCompressed(t *testing.T) {
	t.Parallel()
	handler, _, _ := newHandler(t, options{run: fail(10_000, errDriver)})
	var first http.Header
	for _, r := range []*http.Request{get(t, "/nothing"), get(t, "/v1/sources/nothing/tables"), post(t, "/v1/query", "")} {
		r.Header.Set("Accept-Encoding", "gzip, identity;q=0")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if first == nil {
			first = w.Header()
		}
		if w.Body.String() != body403 || fmt.Sprint(w.Header()) != fmt.Sprint(first) || first["Vary"] != nil {
			t.Errorf("%s: %s %v", r.URL.Path, w.Body, w.Header())
		}
	}
}

// A query that fails when a part of its answer is out must not look whole,
// neither to HTTP nor to the one who decodes.
func TestCompressedFailureMidway(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		for _, encoding := range []string{"gzip", "zstd"} {
			t.Run(fmt.Sprintf("http2 %v/%s", http2, encoding), func(t *testing.T) {
				t.Parallel()
				handler, _, records := newHandler(t, options{run: func(ctx context.Context, r engine.Request, w io.Writer) (engine.Summary, error) {
					_, err := write(random(300<<10))(ctx, r, w)
					return engine.Summary{}, errors.Join(err, errDriver)
				}})
				srv := serve(t, handler, http2)
				// Repeated: each takes a compressor's place, and gives it back.
				for range 20 {
					resp, raw, err := askWith(t, srv, `{"sql":"SELECT 1","format":"csv"}`, encoding)
					if err == nil {
						t.Errorf("a clean end after %d bytes", len(raw))
					}
					if resp != nil && (resp.Trailer.Get("Sallyport-Status") != "" || resp.Header.Get("Sallyport-Status") != "") {
						t.Errorf("headers %v, trailers %v", resp.Header, resp.Trailer)
					}
					if resp == nil { // HTTP/2 may be told of the reset before the header is read
						continue
					}
					if resp.Header.Get("Content-Encoding") != encoding {
						t.Fatalf("headers %v", resp.Header)
					}
					if text, err := decode(t, encoding, strings.NewReader(raw)); err == nil {
						t.Errorf("the %s has a clean end after %d bytes", encoding, len(text))
					}
				}
				srv.Close()
				if record := records.last(t); !record.Aborted || record.Err == nil {
					t.Errorf("record %+v", record)
				}
			})
		}
	}
}

// names are n names of sources.
func names(n int) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for i := range n {
			if !yield("s" + strconv.Itoa(i)) {
				return
			}
		}
	}
}

// random is n bytes that no coding makes smaller.
func random(n int) string {
	var text bytes.Buffer
	state := uint64(88172645463325252)
	for text.Len() < n {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		text.WriteByte(byte(state >> 24))
	}
	return text.String()
}

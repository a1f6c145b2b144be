package httpapi_test

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/httpapi"
)

// Not parallel: it looks at the memory of the whole process. Answers that are
// compressed at once are counted; what comes beyond is sent as it is, and nobody waits.
func TestCompressorsAreBounded(t *testing.T) {
	const streams, compressors = 64, 16
	for _, encoding := range []string{"gzip", "zstd"} {
		release := make(chan struct{})
		handler, _, _ := newHandler(t, options{config: httpapi.Config{HoldBack: 1}, run: func(_ context.Context, _ engine.Request, w io.Writer) (engine.Summary, error) {
			_, err := w.Write(noise)
			<-release
			return engine.Summary{}, err
		}})
		srv := serve(t, handler, false)
		client := srv.Client()
		before := heap()
		var answers []*http.Response
		compressed := 0
		for range streams {
			resp := open(t, client, srv.URL, encoding)
			answers = append(answers, resp)
			switch resp.Header.Get("Content-Encoding") {
			case encoding:
				compressed++
			case "":
			default:
				t.Errorf("headers %v", resp.Header)
			}
			if _, err := io.CopyN(io.Discard, resp.Body, 512<<10); err != nil {
				t.Error(err)
			}
		}
		if compressed != compressors {
			t.Errorf("%d answers are compressed, want %d", compressed, compressors)
		}
		// Client and connections take a part of it, 64 times as well.
		used := heap() - before
		t.Logf("%s: %d KiB for %d streams", encoding, used>>10, streams)
		if used > 32<<20 {
			t.Errorf("%s: %d bytes", encoding, used)
		}
		close(release)
		for _, resp := range answers {
			if _, err := io.Copy(io.Discard, resp.Body); err != nil {
				t.Error(err)
			}
			if err := resp.Body.Close(); err != nil {
				t.Error(err)
			}
		}
		// All places are free again.
		resp := open(t, client, srv.URL, encoding)
		if resp.Header.Get("Content-Encoding") != encoding {
			t.Errorf("headers %v", resp.Header)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		srv.Close()
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC() // also what pools kept
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Failures and panics on the way give the compressor's place back too.
func TestCompressorsAreGivenBack(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func() error{
		"failure": func() error { return errDriver },
		"panic":   func() error { panic("midway") },
		"success": func() error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handler, _, _ := newHandler(t, options{run: func(_ context.Context, _ engine.Request, w io.Writer) (engine.Summary, error) {
				if _, err := w.Write(noise[:256<<10]); err != nil {
					return engine.Summary{}, err
				}
				return engine.Summary{}, end()
			}})
			srv := serve(t, handler, false)
			for range 40 {
				resp := open(t, srv.Client(), srv.URL, "zstd")
				if resp.Header.Get("Content-Encoding") != "zstd" {
					t.Fatalf("headers %v", resp.Header)
				}
				if _, err := io.Copy(io.Discard, resp.Body); (err == nil) != (name == "success") {
					t.Errorf("ended with %v", err)
				}
				if err := resp.Body.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

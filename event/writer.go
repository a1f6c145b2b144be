package event

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// Writer passes a response through and notes whether it has begun, with which
// status, and how many bytes it has. It buffers nothing and hides nothing:
// what the server's writer can do (Flush, Hijack, ReadFrom, the deadlines of
// [http.ResponseController]) the tracked one can do, and it does not claim
// what the server's cannot. Get one from [Track].
type Writer struct {
	inner  http.ResponseWriter
	status int
	bytes  int64
	head   bool // the answer to HEAD: what is written is not sent
}

// Track returns w as a tracked response writer, to be passed on in its place,
// and its tracker. If w is tracked already, both are those it has.
func Track(w http.ResponseWriter, r *http.Request) (http.ResponseWriter, *Writer) {
	if t, ok := w.(interface{ Tracker() *Writer }); ok {
		return w, t.Tracker()
	}
	t := new(Writer)
	tracked := t.open(w, r)
	return tracked, t
}

// Begun reports whether any part of the response has been handed to the
// server, so that status and headers can no longer be changed. It asks every
// tracker between w and the server; without any it is false.
func Begun(w http.ResponseWriter) bool {
	for {
		if t, ok := w.(interface{ Tracker() *Writer }); ok && t.Tracker().Begun() {
			return true
		}
		u, ok := w.(unwrapper)
		if !ok {
			return false
		}
		w = u.Unwrap()
	}
}

// Begun reports whether the response has begun at this writer.
func (w *Writer) Begun() bool { return w.status != 0 }

// Status is the response's status code, 0 before it has begun.
func (w *Writer) Status() int { return w.status }

// Bytes counts the bytes of the body so far.
func (w *Writer) Bytes() int64 { return w.bytes }

// Tracker returns w itself; it is how a tracked writer is recognised.
func (w *Writer) Tracker() *Writer { return w }

// Unwrap returns the writer beneath, for [http.ResponseController].
func (w *Writer) Unwrap() http.ResponseWriter { return w.inner }

// Header implements [http.ResponseWriter].
func (w *Writer) Header() http.Header { return w.inner.Header() }

// WriteHeader implements [http.ResponseWriter]. An informational status
// (1xx other than 101) does not begin the response: RFC 9110, section 15.2.
func (w *Writer) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.begin(status)
	}
	w.inner.WriteHeader(status)
}

// Write implements [io.Writer].
func (w *Writer) Write(p []byte) (int, error) {
	w.begin(http.StatusOK)
	n, err := w.inner.Write(p)
	w.count(int64(n))
	return n, err
}

// WriteString implements [io.StringWriter].
func (w *Writer) WriteString(s string) (int, error) {
	w.begin(http.StatusOK)
	n, err := io.WriteString(w.inner, s)
	w.count(int64(n))
	return n, err
}

// ReadFrom implements [io.ReaderFrom], so that files keep going out by
// sendfile where the server can do that.
func (w *Writer) ReadFrom(src io.Reader) (int64, error) {
	// Begun before the first byte is read: the server may send the headers
	// even when src then fails, and too careful is the right way to err.
	w.begin(http.StatusOK)
	if rf, ok := w.inner.(io.ReaderFrom); ok {
		n, err := rf.ReadFrom(src)
		w.count(n)
		return n, err
	}
	// Only the Write method, lest io.Copy come back here.
	return io.Copy(struct{ io.Writer }{w}, src)
}

func (w *Writer) begin(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *Writer) count(n int64) {
	if !w.head {
		w.bytes += n
	}
}

// open makes w the tracker of inner and returns it with the optional
// interfaces that inner has, and no others: a handler that asks for an
// http.Flusher before it streams must get the truth.
func (w *Writer) open(inner http.ResponseWriter, r *http.Request) http.ResponseWriter {
	w.inner = inner
	w.head = r.Method == http.MethodHead
	flush := offers[http.Flusher](inner) || offers[interface{ FlushError() error }](inner)
	hijack := offers[http.Hijacker](inner)
	switch {
	case flush && hijack:
		return flushHijackWriter{w}
	case flush:
		return flushWriter{w}
	case hijack:
		return hijackWriter{w}
	default:
		return w
	}
}

func (w *Writer) flush() error {
	w.begin(http.StatusOK)
	return http.NewResponseController(w.inner).Flush()
}

func (w *Writer) hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.inner).Hijack()
	if err == nil {
		w.begin(http.StatusSwitchingProtocols)
	}
	return conn, rw, err
}

// The variants hold one pointer, so that making one allocates nothing.
type (
	flushWriter       struct{ *Writer }
	hijackWriter      struct{ *Writer }
	flushHijackWriter struct{ *Writer }
)

func (w flushWriter) Flush()            { _ = w.flush() }
func (w flushWriter) FlushError() error { return w.flush() }

func (w hijackWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.hijack() }

func (w flushHijackWriter) Flush()            { _ = w.flush() }
func (w flushHijackWriter) FlushError() error { return w.flush() }

func (w flushHijackWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.hijack() }

type unwrapper interface{ Unwrap() http.ResponseWriter }

// offers reports whether w, or a writer it unwraps to, implements T.
func offers[T any](w http.ResponseWriter) bool {
	for {
		if _, ok := w.(T); ok {
			return true
		}
		u, ok := w.(unwrapper)
		if !ok {
			return false
		}
		w = u.Unwrap()
	}
}

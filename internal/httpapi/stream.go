package httpapi

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/query"
)

// The trailers of a streamed answer (RFC 9110, section 6.5): formats without
// a closing mark have no other place to say that nothing is missing. They are
// sent only with a complete answer; an answer that fails has no end at all.
const (
	// TrailerStatus is "complete", or missing.
	TrailerStatus = "Sallyport-Status"
	// TrailerTruncated is "true" if the query had more rows than the limit.
	TrailerTruncated = "Sallyport-Truncated"
	// TrailerRows is the number of rows, in decimal.
	TrailerRows = "Sallyport-Rows"
)

var trailers = strings.Join([]string{TrailerStatus, TrailerTruncated, TrailerRows}, ", ")

// stream sends an answer on its way while it is made.
type stream struct {
	w      http.ResponseWriter
	pace   *pacer
	format encode.Format
	held   *buffer // nil once the response has begun
	err    error   // of the client's connection
}

// answerStream sends an answer in a format that has no end of its own.
func (a *API) answerStream(w http.ResponseWriter, r *http.Request, pace *pacer, q query.Request) error {
	s := &stream{w: w, pace: pace, format: q.Format, held: takeBuffer(a.holdBack)}
	summary, err := a.service.Run(r.Context(), q, s)
	if err == nil {
		n := s.waiting()
		a.finished(r.Context(), n)
		err = s.finish(summary)
		a.written(n)
	}
	switch {
	case s.err != nil:
		return clientGone(r, s.err)
	case err != nil:
		s.drop()
		return refuse(r.Context(), err) // cuts the connection if the response has begun
	default:
		return nil
	}
}

// Write holds p back or passes it on.
func (s *stream) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.held != nil {
		if int64(len(s.held.bytes)+len(p)) <= s.held.limit {
			return s.held.Write(p)
		}
		if err := s.begin(); err != nil {
			return 0, err
		}
	}
	n, err := s.pace.Write(p)
	s.err = err
	return n, err
}

// begin sends the status and what was held back.
func (s *stream) begin() error {
	h := s.w.Header()
	describe(h, s.format)
	h.Set("Trailer", trailers)
	s.w.WriteHeader(http.StatusOK)
	_, s.err = s.pace.Write(s.held.bytes)
	s.drop()
	return s.err
}

// finish ends a complete answer.
func (s *stream) finish(summary engine.Summary) error {
	if s.held != nil {
		if err := s.begin(); err != nil {
			return err
		}
	}
	setSummary(s.w.Header(), summary)
	s.pace.resume() // net/http sends the last chunk after us
	return nil
}

// waiting is how many bytes are held back.
func (s *stream) waiting() int {
	if s.held == nil {
		return 0
	}
	return len(s.held.bytes)
}

func (s *stream) drop() {
	if s.held != nil {
		s.held.release()
		s.held = nil
	}
}

func setSummary(h http.Header, summary engine.Summary) {
	h.Set(TrailerStatus, "complete")
	h.Set(TrailerTruncated, strconv.FormatBool(summary.Truncated))
	h.Set(TrailerRows, strconv.FormatInt(summary.Rows, 10))
}

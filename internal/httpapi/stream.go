package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/query"
	"github.com/sallyport-dev/sallyport/problem"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// What is said of a complete answer in a format without a summary of its own:
// in headers where the answer is complete before it is sent, in trailers
// (RFC 9110, section 6.5) where it is not. An answer that fails has none of them.
const (
	// TrailerStatus is "complete", or missing.
	TrailerStatus = "Sallyport-Status"
	// TrailerTruncated is "true" if the query had more rows than the limit.
	TrailerTruncated = "Sallyport-Truncated"
	// TrailerRows is the number of rows, in decimal.
	TrailerRows = "Sallyport-Rows"
)

// Values shared by all answers. Their capacity is their length, so that
// Header.Add copies them.
var (
	trailers = []string{strings.Join([]string{TrailerStatus, TrailerTruncated, TrailerRows}, ", ")}
	complete = []string{"complete"}
	boolean  = map[bool][]string{false: {"false"}, true: {"true"}}
)

// stream sends an answer on its way while it is made, once it is too long to be held back.
type stream struct {
	api    *API
	w      http.ResponseWriter
	choice choice
	format encode.Format
	held   *buffer // nil once the response has begun
	out    outlet
	last   byte  // of what was sent
	err    error // of the client's connection
}

// answerStream sends an answer in a format that can be read from its beginning on.
func (a *API) answerStream(w http.ResponseWriter, r *http.Request, way *passage, q query.Request) error {
	s := &stream{api: a, w: w, choice: a.choose(r), format: q.Format, held: takeBuffer(a.holdBack, &way.account), out: outlet{passage: way}}
	defer s.out.abandon() // a panic must not keep the compressor's place
	summary, err := a.service.Run(r.Context(), q, s)
	s.out.pace.until = time.Time{} // the engine is free of the rest
	if err == nil && s.err == nil {
		if s.held != nil {
			return a.deliver(w, r, way, q.Format, summary, s.held)
		}
		a.finished(r.Context(), 0)
		err = s.finish(summary)
	}
	switch {
	case s.err != nil:
		return clientGone(r, s.err)
	case err != nil:
		s.fail(r.Context(), q.Encoding.EndMarker, err)
		return refuse(r.Context(), err) // cuts the connection if the response has begun
	default:
		return nil
	}
}

// Until implements [engine.Hurried]: a client that is slow does not hold the
// engine beyond the query's deadline.
func (s *stream) Until(deadline time.Time) { s.out.pace.until = deadline }

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
	n, err := s.send(p)
	if err == nil {
		err = s.out.flushSlow()
		s.err = err
	}
	s.out.pace.suspend() // until the engine has more
	return n, err
}

// begin sends the status and what was held back.
func (s *stream) begin() error {
	h := s.w.Header()
	describe(h, s.format)
	s.api.vary(h)
	if c := s.out.open(s.api, s.choice); c != identity {
		h["Content-Encoding"] = []string{c.String()}
	}
	h["Trailer"] = trailers
	s.w.WriteHeader(http.StatusOK)
	held := s.held
	s.held = nil
	_, err := s.send(held.bytes)
	held.release()
	return err
}

func (s *stream) send(p []byte) (int, error) {
	if len(p) > 0 {
		s.last = p[len(p)-1]
	}
	n, err := s.out.Write(p)
	s.err = err
	return n, err
}

// finish ends a complete answer.
func (s *stream) finish(summary engine.Summary) error {
	if s.err = s.out.finish(); s.err != nil {
		return s.err
	}
	setSummary(s.w.Header(), summary)
	s.out.pace.resume() // net/http sends the last chunk after us
	return nil
}

// fail tells a client that asked for a marker that the answer breaks off. The connection is
// cut all the same: who does not look at the marker must not take this for the end.
func (s *stream) fail(ctx context.Context, marker bool, err error) {
	if s.held != nil {
		s.held.release() // the refusal is the whole answer
		return
	}
	if !marker || ctx.Err() != nil {
		return
	}
	var line []byte
	if s.last != '\n' {
		line = append(line, '\n')
	}
	if _, err := s.send(encode.AppendFailure(line, failedRule(ctx, err))); err == nil {
		s.err = s.out.flush() // net/http drops what it holds when the connection is cut
	}
}

// failedRule is the rule that a refusal would name to this client; empty: none.
func failedRule(ctx context.Context, err error) string {
	if refusal, ok := errors.AsType[*sqlguard.Refusal](err); ok && problem.DetailAllowed(ctx) {
		return string(refusal.Rule)
	}
	return ""
}

func setSummary(h http.Header, summary engine.Summary) {
	h[TrailerStatus] = complete
	h[TrailerTruncated] = boolean[summary.Truncated]
	h[TrailerRows] = []string{strconv.FormatInt(summary.Rows, 10)}
}

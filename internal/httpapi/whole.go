package httpapi

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/query"
)

// answerWhole sends an answer that is known to be complete.
func (a *API) answerWhole(w http.ResponseWriter, r *http.Request, pace *pacer, q query.Request) error {
	whole := takeBuffer(a.maxAnswer)
	summary, err := a.service.Run(r.Context(), q, whole)
	if err != nil {
		whole.release()
		return refuse(r.Context(), err)
	}
	h := w.Header()
	describe(h, q.Format)
	h["Content-Length"] = []string{strconv.Itoa(len(whole.bytes))}
	if q.Format != encode.JSON { // whose document has a summary of its own
		setSummary(h, summary)
	}
	a.finished(r.Context(), len(whole.bytes))
	w.WriteHeader(http.StatusOK)
	_, err = pace.Write(whole.bytes)
	a.written(len(whole.bytes))
	whole.release()
	if err != nil {
		return clientGone(r, err)
	}
	return nil
}

// describe sets the headers that every answer to a query has.
func describe(h http.Header, f encode.Format) {
	h["Content-Type"] = contentTypes[f]
	h["Cache-Control"] = noStore
}

// Values shared by all answers. Their capacity is their length, so that
// Header.Add copies them.
var (
	contentTypes = map[encode.Format][]string{
		encode.JSON: {encode.JSON.ContentType()}, encode.NDJSON: {encode.NDJSON.ContentType()},
		encode.CSV: {encode.CSV.ContentType()}, encode.TSV: {encode.TSV.ContentType()},
	}
	noStore = []string{"no-store"}
)

// clientGone is the failure of a write: the client has left, or takes nothing
// of its answer any more. There is nobody to tell; the connection is cut.
func clientGone(r *http.Request, err error) error {
	event.FromContext(r.Context()).Canceled = true
	return fmt.Errorf("httpapi: writing the answer: %w: %w", http.ErrAbortHandler, err)
}

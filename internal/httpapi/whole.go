package httpapi

import (
	"fmt"
	"net/http"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/query"
)

// maxWhole is the longest answer that is collected before it is sent, whatever a
// source's limit and Config.Held: many may be at once, and all of them are in memory. Longer
// ones are for the formats that stream.
const maxWhole = 64 << 20

// answerWhole sends an answer that is known to be complete, or an error.
func (a *API) answerWhole(w http.ResponseWriter, r *http.Request, way *passage, q query.Request) error {
	q.MaxBytes = a.maxWhole
	whole := takeBuffer(a.maxWhole, &way.account)
	summary, err := a.service.Run(r.Context(), q, whole)
	if err != nil {
		whole.release()
		return refuse(r.Context(), err)
	}
	return a.deliver(w, r, way, q.Format, summary, whole)
}

// deliver sends a complete answer and releases it. Its summary is in the headers:
// most clients, and all web pages, see no trailers.
func (a *API) deliver(w http.ResponseWriter, r *http.Request, way *passage, f encode.Format, summary engine.Summary, whole *buffer) error {
	h := w.Header()
	describe(h, f)
	a.vary(h)
	if f != encode.JSON { // whose document has a summary of its own
		setSummary(h, summary)
	}
	n := len(whole.bytes)
	a.finished(r.Context(), n)
	defer a.written(n) // also if the writer panics
	if err := a.write(w, way, a.choose(r), whole); err != nil {
		return clientGone(r, err)
	}
	return nil
}

// write sends the answer with its length. One that is too long to be compressed first is
// compressed on its way.
func (a *API) write(w http.ResponseWriter, way *passage, c choice, whole *buffer) error {
	if len(whole.bytes) > mostAtOnce {
		out := outlet{passage: way}
		defer out.abandon()
		if kind := out.open(a, c); kind != identity {
			w.Header()["Content-Encoding"] = []string{kind.String()}
			w.WriteHeader(http.StatusOK)
			_, err := out.Write(whole.bytes)
			whole.release()
			if err == nil {
				err = out.finish()
			}
			return err
		}
	}
	kind := identity
	if packed := a.compress(c, whole.bytes, &way.account); packed != nil {
		whole.release()
		whole, kind = packed, c.coding
	}
	sendLength(w.Header(), len(whole.bytes), kind)
	w.WriteHeader(http.StatusOK)
	_, err := way.pace.Write(whole.bytes)
	whole.release()
	return err
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
		encode.CSV: {encode.CSV.ContentType()}, encode.TSV: {encode.TSV.ContentType()}, encode.Arrow: {encode.Arrow.ContentType()},
	}
	noStore = []string{"no-store"}
)

// clientGone is the failure of a write: the client has left, or takes nothing
// of its answer any more. There is nobody to tell; the connection is cut.
func clientGone(r *http.Request, err error) error {
	event.FromContext(r.Context()).Canceled = true
	return fmt.Errorf("httpapi: writing the answer: %w: %w", http.ErrAbortHandler, err)
}

package httpapi

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/sallyport-dev/sallyport/problem"
)

// readStatement reads the whole body of a request that says it is JSON, and the
// statement in it. The body's memory is used again: a statement has none of it.
func (a *API) readStatement(w http.ResponseWriter, r *http.Request, allowed member) (statement, error) {
	if err := isJSON(r.Header); err != nil {
		return statement{}, malformed("request.content_type", err)
	}
	if r.ContentLength > a.maxBody {
		return statement{}, tooLarge(fmt.Errorf("a body of %d bytes, where %d are allowed", r.ContentLength, a.maxBody))
	}
	var s statement
	body := takeBuffer(a.maxBody, nil)
	err := body.readAll(http.MaxBytesReader(w, r.Body, a.maxBody))
	if err == nil {
		s, err = decodeStatement(body.bytes, allowed)
	}
	body.release()
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return s, tooLarge(err)
	}
	if err != nil {
		return s, malformed("request.body", err)
	}
	return s, nil
}

func tooLarge(cause error) error {
	const rule = "request.too_large" // the same as problem's own for such a body
	return problem.TooLarge(rule, "Send a smaller request body.", cause).By("httpapi", rule)
}

// isJSON wants one Content-Type of application/json. RFC 8259, section 11,
// knows no charset; UTF-8, the only encoding there is, may be named all the same.
func isJSON(h http.Header) error {
	values := h["Content-Type"]
	if len(values) != 1 {
		return fmt.Errorf("%d headers of type Content-Type, where 1 is needed", len(values))
	}
	if len(h["Content-Encoding"]) != 0 {
		return errors.New("a body with a Content-Encoding")
	}
	if values[0] == "application/json" { // as nearly all say it
		return nil
	}
	kind, params, err := mime.ParseMediaType(values[0])
	if err != nil {
		return fmt.Errorf("Content-Type: %w", err)
	}
	if kind != "application/json" {
		return errors.New("the Content-Type is not application/json")
	}
	for name, value := range params {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return errors.New("the Content-Type has a parameter other than charset=utf-8")
		}
	}
	return nil
}

package httpapi

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/sallyport-dev/sallyport/problem"
)

// readBody reads the whole body of a request that says it is JSON.
func (a *API) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if err := isJSON(r.Header); err != nil {
		return nil, malformed("request.content_type", err)
	}
	if r.ContentLength > a.maxBody {
		return nil, tooLarge(fmt.Errorf("a body of %d bytes, where %d are allowed", r.ContentLength, a.maxBody))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, a.maxBody))
	if err != nil {
		if _, over := errors.AsType[*http.MaxBytesError](err); over {
			return nil, tooLarge(err)
		}
		return nil, malformed("request.body", err)
	}
	return body, nil
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

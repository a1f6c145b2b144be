package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/sallyport-dev/sallyport/problem"
)

// toJSON encodes an answer of ours. "<" stays "<": the answer is never HTML.
func toJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, problem.Internal(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// reply sends a short JSON document.
func reply(w http.ResponseWriter, v any) error {
	body, err := toJSON(v)
	if err != nil {
		return err
	}
	return send(w, body, "no-store")
}

// send sends a document with its length, so that HEAD says it as well.
func send(w http.ResponseWriter, body []byte, caching string) error {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", caching)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // a client that left has nobody to tell
	return nil
}

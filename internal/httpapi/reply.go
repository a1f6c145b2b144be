package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"

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
func (a *API) reply(w http.ResponseWriter, r *http.Request, v any) error {
	body, err := toJSON(v)
	if err != nil {
		return err
	}
	c := a.choose(r)
	packed := a.compress(c, body, nil)
	if packed == nil {
		return a.sendJSON(w, body, identity, "no-store")
	}
	err = a.sendJSON(w, packed.bytes, c.coding, "no-store")
	packed.release()
	return err
}

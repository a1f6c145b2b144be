package httpapi

import (
	"net/http"
	"slices"
	"strconv"
)

const (
	// leastCompressed is the size from which compressing pays, in bytes: what is
	// smaller goes out in one packet with its headers either way.
	leastCompressed = 1400
	// mostAtOnce is the longest answer that is compressed before it is sent, so that
	// its length can be said. A longer one is compressed on the way.
	mostAtOnce = 1 << 20
	// mostPacked bounds what a compressor puts out at once, which may be
	// somewhat more than it was given.
	mostPacked = 2 << 20
)

// acceptEncoding is what Vary says. Its capacity is its length.
var acceptEncoding = []string{"Accept-Encoding"}

// choose is what the client would have its answer in. HTTP/1.0 gets all
// answers with their length and as they are.
func (a *API) choose(r *http.Request) choice {
	if a.compressors == nil || !r.ProtoAtLeast(1, 1) {
		return choice{}
	}
	return negotiate(r.Header["Accept-Encoding"])
}

// vary says that the answer depends on Accept-Encoding, also when it is not
// compressed (RFC 9110, section 12.5.5). A refusal does not depend on it.
func (a *API) vary(h http.Header) {
	if a.compressors == nil {
		return
	}
	if old := h["Vary"]; len(old) > 0 {
		h["Vary"] = slices.Concat(old, acceptEncoding) // a copy: the values may be shared
		return
	}
	h["Vary"] = acceptEncoding
}

// compress is body in the coding that the client would have it in, to be
// released by the caller; nil where that is not possible, does not pay or has no room.
func (a *API) compress(c choice, body []byte, counted *account) *buffer {
	if c.coding == identity || len(body) > mostAtOnce || len(body) < leastCompressed && !c.always {
		return nil
	}
	packed := takeBuffer(mostPacked, counted)
	e := a.compressors.take(c.coding, packed)
	if e == nil {
		packed.release()
		return nil
	}
	_, err := e.Write(body)
	if err == nil {
		err = e.Close()
	}
	e.release()
	if err != nil || len(packed.bytes) >= len(body) && !c.always {
		packed.release()
		return nil
	}
	return packed
}

// document is an answer that never changes, in each coding.
type document map[coding][]byte

func (a *API) prepare(body []byte) document {
	d := document{identity: body}
	for _, kind := range []coding{gzipped, zstandard} {
		if a.compressors == nil {
			break
		}
		if packed := a.compress(choice{coding: kind, always: true}, body, nil); packed != nil {
			d[kind] = slices.Clone(packed.bytes)
			packed.release()
		}
	}
	return d
}

// sendDocument sends the document in the coding that the client would have it in.
func (a *API) sendDocument(w http.ResponseWriter, r *http.Request, d document, caching string) error {
	c, body := a.choose(r), d[identity]
	packed, ok := d[c.coding]
	if !ok || !c.always && (len(body) < leastCompressed || len(packed) >= len(body)) {
		return a.sendJSON(w, body, identity, caching)
	}
	return a.sendJSON(w, packed, c.coding, caching)
}

// sendJSON sends a document with its length, so that HEAD says it as well.
func (a *API) sendJSON(w http.ResponseWriter, body []byte, c coding, caching string) error {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", caching)
	a.vary(h)
	sendLength(h, len(body), c)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // a client that left has nobody to tell
	return nil
}

// sendLength says the length of what is sent, and its coding.
func sendLength(h http.Header, n int, c coding) {
	if c != identity {
		h["Content-Encoding"] = []string{c.String()}
	}
	h["Content-Length"] = []string{strconv.Itoa(n)}
}

package httpapi

import "net/http"

// health answers GET /healthz: that the process serves requests, and nothing else.
func health(w http.ResponseWriter, _ *http.Request) error {
	return send(w, []byte(`{"status":"ok"}`), "no-store")
}

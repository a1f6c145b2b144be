package httpapi

import "net/http"

var healthy = []byte(`{"status":"ok"}`)

// health answers GET /healthz: that the process serves requests, and nothing else.
func (a *API) health(w http.ResponseWriter, r *http.Request) error {
	return a.sendDocument(w, r, a.healthy, "no-store")
}

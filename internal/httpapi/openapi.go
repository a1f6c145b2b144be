package httpapi

import (
	_ "embed" // for the document
	"net/http"
)

// openAPIDocument is the OpenAPI 3.1 document of the routes. It is written by
// hand; the tests hold every route and every answer against it.
//
//go:embed openapi.json
var openAPIDocument []byte

// openAPI answers GET /openapi.json. The document is the same for every
// client and names no version but the API's own.
func (a *API) openAPI(w http.ResponseWriter, r *http.Request) error {
	return a.sendDocument(w, r, a.description, "public, max-age=300")
}

// Package secheaders sets the response headers that tell browsers to do as
// little as possible with a JSON API's answers: do not guess their type, do
// not run, frame, embed, cache or share them.
//
// Place in the chain: inside requestid, outside everything that may refuse, so
// that refusals carry the headers as well.
//
// Limits: the headers bind browsers only; they are no access control, and curl
// ignores them. They are set before the handler runs, so that a handler that
// serves something else (an HTML page, a download that may be cached) can
// replace what it must; nothing checks what it makes of that. Cross-origin
// reading is CORS's business (package cors): Cross-Origin-Resource-Policy does
// not apply to requests made with CORS, so the strict value is no obstacle.
//
// net/http sends no Server header. Server and X-Powered-By set before this
// middleware are removed; those that a handler copies from an upstream are not.
package secheaders

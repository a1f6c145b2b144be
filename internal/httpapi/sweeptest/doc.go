// Package sweeptest sends every kind of bad request to every route and proves
// that the refusals give nothing away: the same status, the same headers and
// the same bytes, whatever was wrong, and nothing of what was sent.
//
// It is for tests: internal/httpapi runs it on its own handlers, internal/server on
// the whole chain. Before it looks at refusals it makes sure that good requests
// are answered, so a handler that refuses everything does not pass.
//
// Limits: it hands requests to a handler, without a connection. Requests that
// net/http refuses before any handler runs (malformed HTTP, headers that are
// too large) are not part of it.
package sweeptest

package problem

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
)

// ContentType is the media type of every refusal: RFC 9457, section 6.1.
const ContentType = "application/problem+json"

// document is what is sent for one status, computed once.
type document struct {
	title  string
	detail string // the generic text; only 400 has one
	body   []byte
	length []string // value of Content-Length
}

// documents has an entry for each status that may be answered, and for no
// other. With about:blank the title is the status phrase (RFC 9457, section
// 4.2.1), as RFC 9110 spells it; net/http still has the old name of 413.
var documents = map[int]*document{
	http.StatusBadRequest:            newDocument(http.StatusBadRequest, "Bad Request", "The query was rejected or failed."),
	http.StatusUnauthorized:          newDocument(http.StatusUnauthorized, "Unauthorized", ""),
	http.StatusForbidden:             newDocument(http.StatusForbidden, "Forbidden", ""),
	http.StatusRequestEntityTooLarge: newDocument(http.StatusRequestEntityTooLarge, "Content Too Large", ""),
	http.StatusTooManyRequests:       newDocument(http.StatusTooManyRequests, "Too Many Requests", ""),
	http.StatusInternalServerError:   newDocument(http.StatusInternalServerError, "Internal Server Error", ""),
	http.StatusBadGateway:            newDocument(http.StatusBadGateway, "Bad Gateway", ""),
	http.StatusServiceUnavailable:    newDocument(http.StatusServiceUnavailable, "Service Unavailable", ""),
}

// members are the members of a document, in the order they are sent.
type members struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Rule   string `json:"rule,omitempty"`
	Detail string `json:"detail,omitempty"`
}

func newDocument(status int, title, detail string) *document {
	body := encode(members{Status: status, Title: title, Detail: detail})
	return &document{title: title, detail: detail, body: body, length: []string{strconv.Itoa(len(body))}}
}

func encode(m members) []byte {
	m.Type = "about:blank"
	body, err := json.Marshal(m)
	if err != nil { // strings and an int: cannot fail
		panic("problem: " + err.Error())
	}
	return body
}

// render returns the body for e and its Content-Length.
func render(e *Error, detailed bool) (body []byte, length []string) {
	d := documents[e.Status]
	repairable := e.Status == http.StatusBadRequest || e.Status == http.StatusRequestEntityTooLarge
	if !detailed || !repairable || e.Rule == "" && e.Hint == "" {
		return d.body, d.length
	}
	m := members{Title: d.title, Status: e.Status, Rule: e.Rule, Detail: e.Hint}
	if m.Detail == "" {
		m.Detail = d.detail
	}
	body = encode(m)
	return body, []string{strconv.Itoa(len(body))}
}

type detailKey struct{}

// WithDetail returns a context under which 400 and 413 carry the members
// "rule" and "detail": the stable id of the rule, and the fixed sentence on how
// to repair the request. Without it they do not. The server sets it on
// authenticated requests if its configuration says errors.detail: rule.
func WithDetail(ctx context.Context) context.Context {
	return context.WithValue(ctx, detailKey{}, true)
}

// DetailAllowed reports whether ctx comes from [WithDetail]. It is for answers
// other than refusals that name a rule: they must hide it where refusals do.
func DetailAllowed(ctx context.Context) bool { return hasDetail(ctx) }

func hasDetail(ctx context.Context) bool {
	allowed, ok := ctx.Value(detailKey{}).(bool)
	return ok && allowed
}

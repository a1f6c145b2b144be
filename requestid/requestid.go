package requestid

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"

	"github.com/sallyport-dev/sallyport/event"
)

// Header is the header that carries the id, in the spelling of net/http.
const Header = "X-Request-Id"

// maxInbound bounds an id taken over from a proxy, in bytes.
const maxInbound = 64

// Config configures an [Assigner]. The zero value is right for a server that
// is reached directly.
type Config struct {
	// TrustInbound says whether the sender of r is a proxy whose X-Request-ID
	// is to be kept. Decide by the peer's address or certificate, never by a
	// header. Even then only one value of 1 to 64 characters of A-Z a-z 0-9
	// . _ - is kept; anything else is replaced. Nil trusts nobody.
	TrustInbound func(r *http.Request) bool
}

// Assigner is the middleware that assigns ids. It is safe for concurrent use.
type Assigner struct {
	trust func(*http.Request) bool
}

// New returns an Assigner. No configuration is wrong, so there is no error.
func New(c Config) *Assigner {
	return &Assigner{trust: c.TrustInbound}
}

// newID returns 128 random bits as 32 lower-case hexadecimal digits, the form of a
// W3C trace id. crypto/rand.Read never fails; it ends the program instead.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// Wrap returns next with an id on every request: in the response header, and
// on the event record or, where there is none, in the context.
func (a *Assigner) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, ok := a.inbound(r)
		if !ok {
			id = newID()
		}
		w.Header()[Header] = []string{id}
		if record, ok := event.Lookup(r.Context()); ok {
			record.RequestID = id
		} else {
			r = r.WithContext(context.WithValue(r.Context(), contextKey{}, id))
		}
		next.ServeHTTP(w, r)
	})
}

// inbound returns the id that came with r, if its sender may choose one.
func (a *Assigner) inbound(r *http.Request) (string, bool) {
	if a.trust == nil {
		return "", false
	}
	values := r.Header[Header]
	if len(values) != 1 || !isID(values[0]) || !a.trust(r) {
		return "", false
	}
	return values[0], true
}

func isID(s string) bool {
	if s == "" || len(s) > maxInbound {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

// FromContext returns the id of the request that ctx belongs to, or "" where
// no Assigner has been.
func FromContext(ctx context.Context) string {
	if id, ok := ctx.Value(contextKey{}).(string); ok {
		return id
	}
	if record, ok := event.Lookup(ctx); ok {
		return record.RequestID
	}
	return ""
}

type contextKey struct{}

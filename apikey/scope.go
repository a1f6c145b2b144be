package apikey

import (
	"fmt"
	"slices"
	"strings"
)

// Scope is one thing that a key may be used for. Scopes do not contain each
// other: a key for admin writes cannot query unless it also has Query. The
// zero value is no scope and is refused everywhere.
type Scope string

// The scopes.
const (
	Query   Scope = "query"   // ask questions of the sources
	Admin   Scope = "admin"   // write to the tables of the write allowlist; operator's views
	Upload  Scope = "upload"  // upload, list and delete files
	Logs    Scope = "logs"    // ship records to a collector
	Webhook Scope = "webhook" // see and repeat webhook deliveries
)

// maxScopes bounds the scopes of a key; it is the number there are.
const maxScopes = 5

// Scopes lists all scopes.
func Scopes() []Scope {
	return []Scope{Query, Admin, Upload, Logs, Webhook}
}

// ParseScope returns the scope with the given name. There is no case folding.
func ParseScope(name string) (Scope, error) {
	s := Scope(name)
	if !s.valid() {
		return "", fmt.Errorf("apikey: %q is no scope; there are %s", clip(name), scopeList())
	}
	return s, nil
}

func (s Scope) valid() bool { return slices.Contains(Scopes(), s) }

func scopeList() string {
	names := make([]string, 0, maxScopes)
	for _, s := range Scopes() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// clip bounds a string that is quoted in an error.
func clip(s string) string {
	const most = 64
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

package cors

import "fmt"

// Mode says how browsers authenticate to the API. The zero value is no mode
// and is refused.
type Mode uint8

const (
	// Header is for APIs whose clients show a key or token in a header.
	// Browsers add none by themselves, so any page may be let call.
	Header Mode = iota + 1
	// Cookies is for APIs whose users are known by a cookie (or by another
	// thing that browsers send by themselves: HTTP authentication, TLS client
	// certificates). Only listed pages may be let call.
	Cookies
)

// ParseMode returns the mode with the name "header" or "cookies".
func ParseMode(name string) (Mode, error) {
	for _, m := range []Mode{Header, Cookies} {
		if name == m.String() {
			return m, nil
		}
	}
	return 0, fmt.Errorf("cors: %.100q is no mode; use header (keys and tokens) or cookies", name)
}

// String returns the mode's name as [ParseMode] reads it.
func (m Mode) String() string {
	switch m {
	case Header:
		return "header"
	case Cookies:
		return "cookies"
	default:
		return "unknown"
	}
}

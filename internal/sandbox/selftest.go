package sandbox

// Finding is one attempt of SelfTest.
type Finding struct {
	// Attempt is what was tried: "read /etc/passwd".
	Attempt string `json:"attempt"`
	// Refused reports that the sandbox, and not something else, said no.
	Refused bool `json:"refused"`
	// Error is what the attempt ended with; empty: it succeeded.
	Error string `json:"error,omitempty"`
}

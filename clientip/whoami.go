package clientip

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Bounds of what Whoami shows of a header: lines, and bytes of a line.
const (
	maxShownLines = 4
	maxShownBytes = 256
)

// notShown stands for a secret.
const notShown = "(not shown)"

type whoami struct {
	Topology string        `json:"topology"`
	Peer     string        `json:"peer"`
	Client   string        `json:"client"`
	Network  string        `json:"network"`
	Source   string        `json:"source"`
	Reason   string        `json:"reason"`
	Spoofed  string        `json:"spoofed"`
	Headers  []shownHeader `json:"headers"`
	Advice   string        `json:"advice"`
}

type shownHeader struct {
	Name   string   `json:"name"`
	Lines  int      `json:"lines"`
	Values []string `json:"values"`
	Used   bool     `json:"used"`
}

// Whoami returns a handler that explains to operators, in JSON, whom their own
// request is attributed to and why:
//
//	topology  the word of the configuration
//	peer      the other end of the connection; "" if it has no IP address
//	client    the address the request is attributed to; network its /24 or /48
//	source    where it was found: "peer" or a header
//	reason    a sentence that says why
//	spoofed   a header whose claim this peer may not make, or ""
//	headers   those of the known headers that came: at most 4 of their lines,
//	          256 bytes of each; secrets are not shown
//	advice    a sentence that says what to look at
//
// It shows what proxies say about a network to whoever may call it: put access
// control before it.
func (rs *Resolver) Whoami() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		_ = json.NewEncoder(w).Encode(rs.explain(r))
	})
}

func (rs *Resolver) explain(r *http.Request) whoami {
	v := rs.resolve(r)
	d := rs.decision(v)
	answer := whoami{
		Topology: rs.kind.String(),
		Source:   d.Source,
		Reason:   d.Reason,
		Spoofed:  d.Spoofed,
		Headers:  []shownHeader{},
		Advice:   outcomes[v.outcome].advice,
	}
	if d.Addr.IsValid() {
		answer.Peer, answer.Client, answer.Network = d.Peer.String(), d.Addr.String(), network(d.Addr).String()
	}
	for i, known := range rs.headers {
		lines := r.Header[known.key]
		if len(lines) == 0 {
			continue
		}
		shown := shownHeader{Name: known.name, Lines: len(lines), Used: known.name == d.Source}
		for _, line := range lines[:min(len(lines), maxShownLines)] {
			if i == hForwarder {
				line = notShown
			}
			shown.Values = append(shown.Values, showable(line))
		}
		answer.Headers = append(answer.Headers, shown)
	}
	return answer
}

// showable returns the start of s, as valid UTF-8. Control characters are
// escaped by JSON.
func showable(s string) string {
	if len(s) > maxShownBytes {
		s = s[:maxShownBytes] + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

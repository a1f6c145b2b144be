package httpapi

import (
	"net/http"
	"time"
)

// maxPiece is how much is written under one deadline, in bytes: a slow client
// has the whole of Config.WriteStall for each piece, not for the answer.
const maxPiece = 64 << 10

// paces are how long a client may take: for a piece, and for the whole answer.
type paces struct{ stall, total time.Duration }

// pacer writes to a client and gives up when the client takes too long. It
// replaces http.Server.WriteTimeout, which counts from the end of the request's
// header: the time that a query waits and runs is not the client's.
type pacer struct {
	w       http.ResponseWriter
	control http.ResponseController
	paces
	left time.Duration // of total
}

func newPacer(w http.ResponseWriter, p paces) *pacer {
	return &pacer{w: w, control: *http.NewResponseController(w), paces: p, left: p.total}
}

// suspend lifts the deadline while there is nothing to write. A writer that
// knows no deadlines (http.ErrNotSupported) has none to lift either.
func (p *pacer) suspend() { _ = p.control.SetWriteDeadline(time.Time{}) }

// resume sets the deadline for the next piece, and returns the time.
func (p *pacer) resume() time.Time {
	now := time.Now()
	_ = p.control.SetWriteDeadline(now.Add(min(p.stall, max(p.left, 0))))
	return now
}

// Write passes b on, piece by piece.
func (p *pacer) Write(b []byte) (int, error) {
	written := 0
	for len(b) > 0 {
		piece := b[:min(len(b), maxPiece)]
		start := p.resume()
		n, err := p.w.Write(piece)
		p.left -= time.Since(start) // not what the engine takes in between
		written += n
		if err != nil {
			return written, err
		}
		b = b[len(piece):]
	}
	return written, nil
}

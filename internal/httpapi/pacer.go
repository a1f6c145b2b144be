package httpapi

import (
	"net/http"
	"time"
)

// maxPiece is how much is written under one deadline, in bytes: a slow client
// has the whole of Config.WriteStall for each piece, not for the answer.
const maxPiece = 64 << 10

// pacer writes to a client and gives up when the client takes too long. It
// replaces http.Server.WriteTimeout, which counts from the request's first
// byte and so would cut a long answer that is well on its way.
type pacer struct {
	w       http.ResponseWriter
	control *http.ResponseController
	stall   time.Duration
}

func newPacer(w http.ResponseWriter, stall time.Duration) *pacer {
	return &pacer{w: w, control: http.NewResponseController(w), stall: stall}
}

// suspend lifts the deadline while there is nothing to write. A writer that
// knows no deadlines (http.ErrNotSupported) has none to lift either.
func (p *pacer) suspend() { _ = p.control.SetWriteDeadline(time.Time{}) }

// resume sets the deadline for the next piece.
func (p *pacer) resume() { _ = p.control.SetWriteDeadline(time.Now().Add(p.stall)) }

// Write passes b on, piece by piece.
func (p *pacer) Write(b []byte) (int, error) {
	written := 0
	for len(b) > 0 {
		piece := b[:min(len(b), maxPiece)]
		p.resume()
		n, err := p.w.Write(piece)
		written += n
		if err != nil {
			return written, err
		}
		b = b[len(piece):]
	}
	return written, nil
}

package httpapi

import (
	"errors"
	"net/http"
	"time"
)

// maxPiece is how much is written under one deadline, in bytes: a slow client
// has the whole of Config.WriteStall for each piece, not for the answer.
const maxPiece = 64 << 10

// mostPiece is the same for a client that has just taken the last piece at once:
// fewer pieces are fewer system calls.
const mostPiece = 1 << 20

// atOnce is the part of Config.WriteStall in which such a client takes a piece.
const atOnce = 64

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
	// until is when the engine must be free of the answer; zero: it is already.
	until time.Time
	most  int // bytes of the next piece
	// strict: a deadline that passes may end the response although nothing is being
	// written (HTTP/2, TLS). Otherwise it only matters to a write.
	strict bool
}

func newPacer(w http.ResponseWriter, r *http.Request, p paces) pacer {
	return pacer{w: w, control: *http.NewResponseController(w), paces: p, left: p.total, most: maxPiece, strict: r.ProtoMajor >= 2 || r.TLS != nil}
}

// suspend lifts the deadline while there is nothing to write. A writer that
// knows no deadlines (http.ErrNotSupported) has none to lift either.
func (p *pacer) suspend() {
	if p.strict {
		_ = p.control.SetWriteDeadline(time.Time{})
	}
}

// resume sets the deadline for the next piece, and returns the time.
func (p *pacer) resume() time.Time {
	now := time.Now()
	deadline := now.Add(min(p.stall, max(p.left, 0)))
	if !p.until.IsZero() && p.until.Before(deadline) {
		deadline = p.until
	}
	_ = p.control.SetWriteDeadline(deadline)
	return now
}

// Write passes b on, piece by piece.
func (p *pacer) Write(b []byte) (int, error) {
	written := 0
	for len(b) > 0 {
		piece := b[:min(len(b), p.most)]
		start := p.resume()
		n, err := p.w.Write(piece)
		took := time.Since(start)
		p.left -= took // not what the engine takes in between
		if p.most = maxPiece; took < p.stall/atOnce {
			p.most = min(2*len(piece), mostPiece)
		}
		p.most = max(p.most, maxPiece)
		written += n
		if err != nil {
			return written, err
		}
		b = b[len(piece):]
	}
	return written, nil
}

// flush sends what net/http has collected. A writer that cannot flush
// (http.ErrNotSupported) holds nothing back either.
func (p *pacer) flush() error {
	start := p.resume()
	err := p.control.Flush()
	p.left -= time.Since(start)
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

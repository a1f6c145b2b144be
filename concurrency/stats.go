package concurrency

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/sallyport-dev/sallyport/problem"
)

// Stats is what a [Limiter] has at one moment, and has done since it was made.
type Stats struct {
	// InFlight counts the slots that are taken. With Leases it includes
	// requests that are asking for a lease.
	InFlight int
	// Held counts those of them whose handler has returned (or whose Release
	// was called) and that a [Hold] keeps. A number that only grows is a
	// release that somebody forgot.
	Held int
	// Waiting counts the requests in the queue.
	Waiting int
	// Clients counts the clients that are tracked: those with something in
	// flight or waiting.
	Clients int

	// Acquired and Released count slots.
	Acquired, Released uint64
	// DeniedClient counts refusals by the rule concurrency.client, and
	// DeniedGlobal by concurrency.global.
	DeniedClient, DeniedGlobal uint64
	// Canceled counts those who left the queue by themselves: the client hung
	// up, or the context's deadline passed.
	Canceled uint64

	// Leases is zero without Config.Leases.
	Leases LeaseStats
}

// Stats returns the numbers of this moment.
func (l *Limiter) Stats() Stats {
	l.mu.Lock()
	s := Stats{
		InFlight: l.inFlight, Held: l.held, Waiting: l.waiting, Clients: len(l.clients),
		Acquired: l.acquired, Released: l.released,
		DeniedClient: l.deniedClient, DeniedGlobal: l.deniedGlobal, Canceled: l.canceled,
	}
	l.mu.Unlock()
	if l.leases != nil {
		s.Leases = l.leases.stats()
	}
	return s
}

// admit counts and logs a slot that was taken. It unlocks.
func (l *Limiter) admit(ctx context.Context, key netip.Addr, waited time.Duration) {
	l.acquired++
	inFlight, waiting := l.inFlight, l.waiting
	l.mu.Unlock()
	if l.logger.Enabled(ctx, slog.LevelDebug) {
		l.logger.LogAttrs(ctx, slog.LevelDebug, "ACQUIRED", clientAttr(key),
			slog.Int("in_flight", inFlight), slog.Int("waiting", waiting), slog.Duration("waited", waited))
	}
}

// deny counts and logs a refusal. It unlocks.
func (l *Limiter) deny(ctx context.Context, key netip.Addr, refusal *problem.Error, waited time.Duration) {
	switch refusal.Rule {
	case "concurrency.client":
		l.deniedClient++
	case "concurrency.global":
		l.deniedGlobal++
	default:
		l.canceled++
	}
	inFlight, waiting := l.inFlight, l.waiting
	l.mu.Unlock()
	if l.logger.Enabled(ctx, slog.LevelDebug) {
		l.logger.LogAttrs(ctx, slog.LevelDebug, "DENIED", clientAttr(key), slog.String("rule", refusal.Rule),
			slog.Int("in_flight", inFlight), slog.Int("waiting", waiting), slog.Duration("waited", waited))
	}
}

func (l *Limiter) logReleased(key netip.Addr, inFlight, waiting int) {
	ctx := context.Background() // the request's may be long over
	if l.logger.Enabled(ctx, slog.LevelDebug) {
		l.logger.LogAttrs(ctx, slog.LevelDebug, "RELEASED", clientAttr(key),
			slog.Int("in_flight", inFlight), slog.Int("waiting", waiting))
	}
}

func clientAttr(key netip.Addr) slog.Attr {
	return slog.String("client", clientName(key))
}

// clientName is key as text; the zero address has a name of its own.
func clientName(key netip.Addr) string {
	if !key.IsValid() {
		return "none"
	}
	return key.String()
}

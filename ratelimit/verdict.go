package ratelimit

import (
	"errors"
	"time"

	"github.com/sallyport-dev/sallyport/problem"
)

// Verdict is what became of one event. The zero Verdict is a refusal.
type Verdict struct {
	// Allowed says whether the event may happen. It is then counted; otherwise
	// it is not.
	Allowed bool
	// Policy is the name of the policy that refused, or, where the limiter only
	// reports, of that which would have. Empty: none did.
	Policy string
	// Wait is the time until all policies would allow one event. Zero where
	// none refused.
	Wait time.Duration

	refusal *problem.Error // without the time to wait
}

var errNoLimiter = problem.Internal(errors.New("ratelimit: a verdict that no limiter gave; was the error of New ignored?"))

// Err is the refusal for [problem.Write], and nil where the event is allowed:
// 429 for the limit of a client, 503 for that of the server, with Retry-After.
func (v Verdict) Err() error {
	switch {
	case v.Allowed:
		return nil
	case v.refusal == nil:
		return errNoLimiter
	}
	refusal := *v.refusal
	refusal.RetryAfter = v.Wait
	return &refusal
}

package ratelimit

import (
	"net/http"
	"strconv"
	"time"

	"github.com/sallyport-dev/sallyport/internal/gcra"
)

// The header fields in the spelling of net/http.
const (
	headerPolicy = "Ratelimit-Policy"
	headerLimit  = "Ratelimit"
)

// policyItem writes a Quota Policy Item: draft-10, section 3.1. A burst other
// than the quota has no parameter of the draft; it says to put a vendor's name
// before one of one's own. w is in whole seconds and not zero; a period that is
// not is rounded up, which promises less than is allowed.
func policyItem(p Policy) string {
	window := max(1, seconds(p.Limit.Period))
	item := strconv.Quote(p.Name) + ";q=" + strconv.Itoa(p.Limit.Events) + ";w=" + strconv.FormatInt(window, 10)
	if p.Limit.Burst != 0 && p.Limit.Burst != p.Limit.Events {
		item += ";sallyport-burst=" + strconv.Itoa(p.Limit.Burst)
	}
	return item
}

// setHeaders tells the caller about the policies that he may know of. What an
// outer limiter said stays; lists may be split over lines (RFC 9651, section
// 3.1).
func (l *Limiter) setHeaders(h http.Header, d *decision, allowed bool) {
	if l.header == nil {
		return
	}
	if outer := h[headerPolicy]; outer == nil {
		h[headerPolicy] = l.header // its capacity is one: appending copies
	} else {
		h[headerPolicy] = append(outer, l.header[0])
	}
	b := d.header[:0]
	for i := range l.policies {
		p, s := &l.policies[i], &d.states[i]
		if p.visibility == hidden || p.visibility == shared && (allowed || s.Allowed) {
			continue
		}
		if len(b) > 0 {
			b = append(b, ", "...)
		}
		b = append(b, p.item...)
		b = strconv.AppendInt(b, s.Remaining, 10)
		// Retry-After must not be earlier than a t (draft-10, section 6): a
		// refusal gives it for the policies that refuse only.
		if wait := more(&d.cells[i], s); wait > 0 && (allowed || !s.Allowed) {
			b = append(b, ";t="...)
			b = strconv.AppendInt(b, seconds(wait), 10)
		}
	}
	d.header = b
	if len(b) > 0 {
		h[headerLimit] = append(h[headerLimit], string(b))
	}
}

// more is the time until a key has one event more; zero if it has them all.
func more(c *gcra.Cell, s *gcra.State) time.Duration {
	if s.Reset == 0 {
		return 0
	}
	return s.Reset - c.Span + time.Duration(s.Remaining+1)*c.Interval
}

// seconds rounds up to whole seconds.
func seconds(d time.Duration) int64 {
	return int64((d + time.Second - 1) / time.Second)
}

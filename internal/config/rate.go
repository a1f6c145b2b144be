package config

import (
	"strings"

	"github.com/sallyport-dev/sallyport/ratelimit"
)

// Rate is a limit as it stands in the file: "30/minute", "30/minute burst 10", or Unlimited. Empty: not given.
type Rate string

// Unlimited is the rate that is no limit. It is named so that it looks wrong in a review.
const Unlimited Rate = "dangerously_unlimited"

// ratePattern is the form in the JSON Schema.
const ratePattern = `^([1-9][0-9]{0,8}/(second|minute|hour|day)( burst [1-9][0-9]{0,8})?|dangerously_unlimited)$`

// Limited says whether r is a limit.
func (r Rate) Limited() bool { return r != "" && r != Unlimited }

// Limit returns r for use with package ratelimit; the zero Limit, which denies, where r is none.
func (r Rate) Limit() ratelimit.Limit {
	l, err := ratelimit.ParseLimit(string(r))
	if err != nil {
		return ratelimit.Limit{}
	}
	return l
}

// rateProblem says what is wrong with a rate; empty: nothing.
func rateProblem(text string) string {
	if Rate(text) == Unlimited {
		return ""
	}
	if _, err := ratelimit.ParseLimit(text); err != nil {
		return strings.TrimPrefix(err.Error(), "ratelimit: ")
	}
	return ""
}

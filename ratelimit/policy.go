package ratelimit

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/sallyport-dev/sallyport/internal/gcra"
)

// Policy is one limit, and what is counted together against it.
type Policy struct {
	// Name says what is limited ("client", "network", "asn", "key", "global"):
	// a lower-case word of at most 32 letters, digits and underscores. It is
	// the policy's name in the headers, and the rule of its refusals is
	// "rate.<name>". Unique within a Limiter. Required.
	Name string
	// Limit is the limit. The zero Limit is refused.
	Limit Limit
	// By says which requests share a count. The zero By is refused.
	By By
}

// maxPolicies is how many policies one decision can be about.
const maxPolicies = gcra.MaxCells

var word = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// validatePolicies says everything that is wrong with a list of policies.
func validatePolicies(policies []Policy) (errs []error) {
	if len(policies) == 0 {
		return []error{errors.New("ratelimit: no limit is configured, which would let everything through; " +
			"set Config.Limit and Config.Key, or Config.Policies")}
	}
	if len(policies) > maxPolicies {
		errs = append(errs, fmt.Errorf("ratelimit: Policies has %d entries; at most %d can be decided at once", len(policies), maxPolicies))
	}
	seen := make(map[string]bool)
	for i, p := range policies {
		at := fmt.Sprintf("ratelimit: Policies[%d] (%q)", i, p.Name)
		if !word.MatchString(p.Name) {
			errs = append(errs, fmt.Errorf("%s: Name is not a lower-case word of letters, digits and underscores", at))
		}
		if seen[p.Name] {
			errs = append(errs, fmt.Errorf("%s: Name is taken by a policy before it", at))
		}
		seen[p.Name] = true
		if err := p.Limit.validate(); err != nil {
			errs = append(errs, fmt.Errorf("%s: Limit %v: %w", at, p.Limit, err))
		}
		if err := p.By.validate(); err != nil {
			errs = append(errs, fmt.Errorf("%s: By: %w", at, err))
		}
	}
	return errs
}

package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/query"
	"github.com/sallyport-dev/sallyport/problem"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// retryAfter is what a client is told when no engine has a place for it.
const retryAfter = time.Second

// malformed refuses a request that is not one of ours. Rule and cause are for
// the log: the client sees the uniform refusal.
func malformed(rule string, cause error) error {
	return problem.Forbidden(cause).By("httpapi", rule)
}

// refuse gives a failure of internal/query its status.
func refuse(ctx context.Context, err error) error {
	if refusal, ok := errors.AsType[*sqlguard.Refusal](err); ok {
		e := problem.Rejected(string(refusal.Rule), refusal.Rule.Hint(), err)
		if refusal.Rule == sqlguard.RuleBytes {
			e = problem.TooLarge(string(refusal.Rule), refusal.Rule.Hint(), err)
		}
		return e.By(refuser(refusal.Rule), string(refusal.Rule))
	}
	switch {
	case errors.Is(err, query.ErrNoSource):
		return malformed("request.source", err)
	case errors.Is(err, query.ErrNoTable):
		return malformed("request.table", err)
	case errors.Is(err, engine.ErrUnavailable):
		return problem.Unavailable(retryAfter, err).By("engine", "engine.unavailable")
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		// The client has left: there is nobody to write a refusal for.
		return fmt.Errorf("httpapi: %w: %w", http.ErrAbortHandler, err)
	default:
		return err // problem decides
	}
}

// refuser tells which of the two raised a rule, for the log.
func refuser(rule sqlguard.Rule) string {
	switch rule {
	case sqlguard.RuleCost, sqlguard.RuleBytes, sqlguard.RuleTimeout, sqlguard.RuleMemory, sqlguard.RuleFailed:
		return "engine"
	default:
		return "sqlguard"
	}
}

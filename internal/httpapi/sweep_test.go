package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/httpapi"
	"github.com/sallyport-dev/sallyport/internal/httpapi/sweeptest"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// quoting is an engine that fails as engines do: with the client's words in
// its error.
func quoting(ctx context.Context, r engine.Request, w io.Writer) (engine.Summary, error) {
	if strings.Contains(r.Query.SQL(), sweeptest.Canary) {
		return engine.Summary{}, sqlguard.Refuse(sqlguard.RuleFailed, errors.New("Binder Error: "+r.Query.SQL()))
	}
	return respond(1)(ctx, r, w)
}

func TestSweep(t *testing.T) {
	t.Parallel()
	for _, detail := range []bool{false, true} {
		t.Run(fmt.Sprintf("detail %v", detail), func(t *testing.T) {
			t.Parallel()
			handler, api, _ := newHandler(t, options{run: quoting, detail: detail})
			var patterns []string
			for _, route := range api.Routes() {
				patterns = append(patterns, route.Pattern)
			}
			sweeptest.Sweep(t, handler, sweeptest.Options{
				Patterns: patterns, Source: "flights", Table: "airports", MaxBody: httpapi.DefaultMaxBody, Detail: detail,
			})
		})
	}
}

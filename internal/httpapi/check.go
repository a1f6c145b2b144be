package httpapi

import (
	"net/http"

	"github.com/sallyport-dev/sallyport/problem"
)

// verdict is the answer of POST /v1/check.
type verdict struct {
	Allowed bool   `json:"allowed"`
	SQL     string `json:"sql,omitempty"`
	Rule    string `json:"rule,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

// check answers POST /v1/check. Rule and hint are shown where a refusal of
// POST /v1/query would show them, and nowhere else.
func (a *API) check(w http.ResponseWriter, r *http.Request) error {
	s, err := a.readStatement(w, r, memberSQL|memberSource)
	if err != nil {
		return err
	}
	ctx := r.Context()
	judged, err := a.service.Check(ctx, s.source, s.sql)
	if err != nil {
		return refuse(ctx, err)
	}
	answer := verdict{Allowed: judged.Allowed, SQL: judged.SQL}
	if !judged.Allowed && problem.DetailAllowed(ctx) {
		answer.Rule, answer.Hint = string(judged.Rule), judged.Rule.Hint()
	}
	return a.reply(w, r, answer)
}

package httpapi

import (
	"net/http"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/query"
)

// query answers POST /v1/query.
func (a *API) query(w http.ResponseWriter, r *http.Request) error {
	s, err := a.readStatement(w, r, memberSQL|memberSource|memberParams|memberFormat|memberCSVFormulas|memberEndMarker)
	if err != nil {
		return err
	}
	// From here on it is the engine's deadline that bounds the wait for the
	// answer, and the pace of the client that bounds its way out.
	way := &passage{pace: newPacer(w, r, a.pace), account: account{ledger: &a.ledger}}
	defer way.account.close()
	way.pace.suspend()
	request := query.Request{Source: s.source, SQL: s.sql, Params: s.params, Format: s.format, Encoding: a.encoding(&s)}
	if s.format == encode.JSON || !r.ProtoAtLeast(1, 1) {
		err = a.answerWhole(w, r, way, request)
	} else {
		err = a.answerStream(w, r, way, request)
	}
	if err != nil {
		way.pace.resume() // for the refusal
	}
	return err
}

// passage is what an answer needs on its way out: its pace, and its part of the memory.
type passage struct {
	pace    pacer
	account account
}

// encoding is what the request, or else the operator, chose of the format.
func (a *API) encoding(s *statement) encode.Options {
	formulas := s.csvFormulas
	if formulas == 0 {
		formulas = a.csvFormulas
	}
	return encode.Options{
		CSVFormulaGuard: s.format == encode.CSV && formulas == EscapeFormulas,
		EndMarker:       s.endMarker,
	}
}

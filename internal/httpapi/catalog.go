package httpapi

import (
	"net/http"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/query"
)

type sourceAnswer struct {
	Name   string       `json:"name"`
	Notes  string       `json:"notes,omitempty"`
	Limits limitsAnswer `json:"limits"`
}

type limitsAnswer struct {
	Rows       int64 `json:"rows"`
	Bytes      int64 `json:"bytes"`
	DeadlineMS int64 `json:"deadline_ms"`
}

// tableAnswer is a table: in a list it has a number of columns, alone the columns.
type tableAnswer[C int | []columnAnswer] struct {
	Name        string `json:"name"`
	Kind        string `json:"kind"`
	Comment     string `json:"comment,omitempty"`
	RowEstimate *int64 `json:"row_estimate,omitempty"`
	Columns     C      `json:"columns"`
}

type columnAnswer struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Nullable bool   `json:"nullable"`
	Comment  string `json:"comment,omitempty"`
}

func encodeSources(list []query.SourceInfo) ([]byte, error) {
	answer := struct {
		Sources []sourceAnswer `json:"sources"`
	}{Sources: make([]sourceAnswer, len(list))}
	for i, s := range list {
		answer.Sources[i] = sourceAnswer{
			Name: s.Name, Notes: s.Notes,
			Limits: limitsAnswer{Rows: s.Limits.Rows, Bytes: s.Limits.Bytes, DeadlineMS: int64(s.Limits.Deadline / time.Millisecond)},
		}
	}
	return toJSON(answer)
}

// listSources answers GET /v1/sources.
func (a *API) listSources(w http.ResponseWriter, r *http.Request) error {
	return a.sendDocument(w, r, a.sources, "no-store")
}

// listTables answers GET /v1/sources/{source}/tables.
func (a *API) listTables(w http.ResponseWriter, r *http.Request) error {
	tables, err := a.service.Tables(r.PathValue("source"))
	if err != nil {
		return refuse(r.Context(), err)
	}
	answer := struct {
		Tables []tableAnswer[int] `json:"tables"`
	}{Tables: make([]tableAnswer[int], len(tables))}
	for i, t := range tables {
		answer.Tables[i] = show(t, len(t.Columns))
	}
	return a.reply(w, r, answer)
}

// describeTable answers GET /v1/sources/{source}/tables/{table}.
func (a *API) describeTable(w http.ResponseWriter, r *http.Request) error {
	t, err := a.service.Table(r.PathValue("source"), r.PathValue("table"))
	if err != nil {
		return refuse(r.Context(), err)
	}
	columns := make([]columnAnswer, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = columnAnswer{Name: c.Name, Type: c.Type, Nullable: c.Nullable, Comment: c.Comment}
	}
	return a.reply(w, r, show(t, columns))
}

func show[C int | []columnAnswer](t engine.Table, columns C) tableAnswer[C] {
	answer := tableAnswer[C]{Name: t.Name, Kind: "table", Comment: t.Comment, Columns: columns}
	if t.View {
		answer.Kind = "view"
	}
	if t.Rows >= 0 {
		answer.RowEstimate = &t.Rows
	}
	return answer
}

package corpus

import (
	"encoding/json"
	"io"
	"math"
	"time"
)

// JSON writes each verdict as one line of JSON.
type JSON struct{ W io.Writer }

// jsonVerdict is a line of JSON.
type jsonVerdict struct {
	ID      string `json:"id"`
	Dialect string `json:"dialect"`
	Allowed bool   `json:"allowed"`
	Rule    string `json:"rule"`   // empty if allowed
	Micros  int64  `json:"micros"` // of the guard alone, rounded
	SQL     string `json:"sql"`    // what would run, or the query as sent if it is refused
}

// Add writes one line.
func (j JSON) Add(v Verdict) error {
	line := jsonVerdict{
		ID: v.ID, Dialect: v.Dialect, Allowed: v.Allowed, Rule: string(v.Rule), SQL: v.SQL,
		Micros: int64(math.Round(float64(v.Time) / float64(time.Microsecond))),
	}
	if !v.Allowed {
		line.SQL = v.Sent
	}
	e := json.NewEncoder(j.W)
	e.SetEscapeHTML(false)
	return e.Encode(line)
}

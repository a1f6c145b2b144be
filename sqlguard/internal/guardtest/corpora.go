package guardtest

import (
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/sqlgen"
)

// Generated runs the first statements of a generator, which also mutates those
// of the corpora; only is the number of the single one to run, if it is not
// negative.
func (d Differential) Generated(t testing.TB, c sqlgen.Config, corpora []Entry, count uint64, only int64) {
	t.Helper()
	for _, e := range corpora {
		c.Corpus = append(c.Corpus, e.SQL)
	}
	d.seed, d.statement = c.Seed, sqlgen.New(c).Statement
	if only < 0 {
		d.run(t, 0, count)
		return
	}
	number := uint64(only)
	t.Log(d.statement(number, number%2 == 1).SQL)
	d.run(t, number, 1)
}

// Corpora runs real statements in the same way, each under both presets.
func (d Differential) Corpora(t testing.TB, list []Entry) {
	t.Helper()
	d.Catalog = nil // they read tables that are not there, too
	d.statement = func(number uint64, _ bool) sqlgen.Statement { return sqlgen.Statement{SQL: list[number/2].SQL} }
	d.run(t, 0, uint64(2*len(list)))
}

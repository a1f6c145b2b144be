package corpus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// Verdict is what the guard says of one query of a corpus.
type Verdict struct {
	ID      string // of the line, its number where it has none
	Dialect string // as which it was judged
	Allowed bool
	Rule    sqlguard.Rule // why not; empty if allowed
	// Time is that of the guard alone; zero for what was refused before it,
	// because the line is too long or no UTF-8.
	Time time.Duration
	Sent string // the query as the corpus has it; empty if its line is too long
	SQL  string // what would run; empty if refused
}

// Run judges every query of a corpus in its order, those of no dialect of ours
// as of the given one, and tells each of every verdict. It ends early, with
// the report so far, when a line is no query (the error says which), when each
// fails, or when the context ends. A read that is waiting then is not ended:
// that is for who made the reader.
func Run(ctx context.Context, judge *Judge, corpus io.Reader, dialect string, each func(Verdict) error) (*Report, error) {
	report := newReport()
	if !isDialect(dialect) {
		return report, fmt.Errorf("corpus: there is no dialect %q", dialect)
	}
	in := newLines(corpus)
	for {
		if err := ctx.Err(); err != nil {
			return report, err
		}
		line, tooLong, err := in.next()
		switch {
		case errors.Is(err, io.EOF):
			return report, nil
		case err != nil:
			return report, fmt.Errorf("after line %d: %w", in.number, err)
		case len(line) == 0 && !tooLong:
			continue
		}
		v := Verdict{ID: strconv.FormatInt(in.number, 10), Dialect: dialect, Rule: sqlguard.RuleTooLong}
		if !tooLong {
			e, err := readEntry(line, in.number)
			if err != nil {
				return report, fmt.Errorf("line %d: %w", in.number, err)
			}
			if v, err = judge.verdict(ctx, e, dialect); err != nil {
				return report, fmt.Errorf("line %d: %w", in.number, err)
			}
		}
		report.count(v)
		if err := each(v); err != nil {
			return report, err
		}
	}
}

func (j *Judge) verdict(ctx context.Context, e entry, dialect string) (Verdict, error) {
	v := Verdict{ID: e.id, Dialect: dialect, Sent: e.sql}
	if isDialect(e.dialect) {
		v.Dialect = e.dialect
	}
	if e.broken {
		v.Rule = sqlguard.RuleEncoding
		return v, nil
	}
	query, took, err := j.Check(ctx, v.Dialect, e.sql)
	var refusal *sqlguard.Refusal
	switch {
	case err == nil:
		v.Allowed, v.SQL = true, query.SQL()
	case errors.As(err, &refusal):
		v.Rule = refusal.Rule
	default:
		return v, err
	}
	v.Time = took
	return v, nil
}

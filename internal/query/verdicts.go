package query

import (
	"context"
	"errors"

	"github.com/maypok86/otter/v2"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// cacheBytes bounds the verdicts kept for one source.
const cacheBytes = 4 << 20

// verdicts remembers what a guard said of a statement. A verdict depends on
// nothing but the text, because a guard's policy never changes.
type verdicts struct {
	cache *otter.Cache[string, verdict]
}

type verdict struct {
	query   sqlguard.Query
	refusal *sqlguard.Refusal
}

func newVerdicts() *verdicts {
	return &verdicts{cache: otter.Must(&otter.Options[string, verdict]{
		MaximumWeight: cacheBytes,
		// What an entry holds beside the two texts is small and bounded.
		Weigher: func(sql string, v verdict) uint32 {
			return uint32(512 + len(sql) + len(v.query.SQL())) //nolint:gosec // a statement is at most some 100 kB
		},
	})}
}

func (v *verdicts) check(ctx context.Context, guard *sqlguard.Guard, sql string) (sqlguard.Query, error) {
	if known, ok := v.cache.GetIfPresent(sql); ok {
		return known.result()
	}
	query, err := guard.Check(ctx, sql)
	fresh := verdict{query: query}
	if err != nil && !errors.As(err, &fresh.refusal) {
		return sqlguard.Query{}, err // the guard failed: that is no verdict
	}
	if len(sql) <= sqlguard.MaxMaxLength {
		v.cache.Set(sql, fresh)
	}
	return fresh.result()
}

func (v verdict) result() (sqlguard.Query, error) {
	if v.refusal != nil {
		return sqlguard.Query{}, v.refusal
	}
	return v.query, nil
}

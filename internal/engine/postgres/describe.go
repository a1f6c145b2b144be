package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// describe asks what columns a query has and chooses their formats, at the
// price of a round trip. It is for queries with columns that have no binary
// format here, which a first attempt or the catalog has shown.
func (e *Engine) describe(ctx context.Context, c *conn, q *work, left time.Duration) ([]int16, error) {
	s, fresh := c.statements.get(q.sql)
	if !fresh && s.formats != nil {
		return s.formats, nil
	}
	short, cancel := context.WithTimeout(ctx, max(left, time.Millisecond)+slack)
	defer cancel()
	if fresh {
		if name, ok := c.statements.surplus(); ok {
			if err := c.pg.Deallocate(short, name); err != nil {
				return nil, e.describeFailed(ctx, c, err)
			}
		}
		description, err := c.pg.Prepare(short, s.name, q.sql, nil)
		if err != nil {
			return nil, e.describeFailed(ctx, c, err)
		}
		c.statements.keep(q.sql, s)
		for _, f := range description.Fields {
			s.fields = append(s.fields, field{name: f.Name, oid: f.DataTypeOID, mod: f.TypeModifier})
		}
	}
	formats := make([]int16, len(s.fields))
	for i, f := range s.fields {
		if err := e.types.learn(short, c, f.oid); err != nil {
			return nil, e.describeFailed(ctx, c, err)
		}
		if e.types.decoder(f.oid, f.mod) != nil {
			formats[i] = pgproto3.BinaryFormat
		}
	}
	if len(formats) == 0 {
		formats = allBinary
	}
	s.formats = formats
	return formats, nil
}

func (e *Engine) describeFailed(ctx context.Context, c *conn, err error) error {
	var failure *pgconn.PgError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case c.pg.IsClosed() && c.served:
		return errStale
	case errors.As(err, &failure):
		return refusal(failure)
	}
	return unavailable(err)
}

// maxTextQueries bounds what is remembered of queries.
const maxTextQueries = 1024

// textQueries remembers queries whose columns must be described first.
type textQueries struct {
	mu    sync.Mutex
	known map[string]struct{}
}

func (t *textQueries) add(sql string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil || len(t.known) >= maxTextQueries {
		t.known = map[string]struct{}{} // at worst they are tried in vain once more
	}
	t.known[sql] = struct{}{}
}

func (t *textQueries) has(sql string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.known[sql]
	return ok
}

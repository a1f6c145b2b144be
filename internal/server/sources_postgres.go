package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/sallyport-dev/sallyport/internal/config"
	"github.com/sallyport-dev/sallyport/internal/engine/postgres"
	"github.com/sallyport-dev/sallyport/sqlguard"
	guardpg "github.com/sallyport-dev/sallyport/sqlguard/postgres"
)

// openPostgres opens a database. Its role is inspected first: one that may do
// more than read does not start.
func (s *Server) openPostgres(ctx context.Context, c config.Source) (opened, error) {
	adapter, err := guardpg.Open()
	if err != nil {
		return opened{}, err
	}
	db, err := postgres.Open(ctx, postgres.Config{
		Name: c.Name, URL: c.Location, InternalHosts: s.options.Config.InternalHosts, Logger: s.options.Logger,
		Schemas: c.Schemas, MinConns: c.Pool.Min, MaxConns: c.Pool.Max, AcquireTimeout: c.Pool.Wait.Std(),
		StatementTimeout: c.Limits.Deadline.Std(), TempFileLimit: c.Limits.Temp.Bytes(), ParallelWorkers: c.Limits.Threads - 1,
	})
	var role *postgres.RoleError
	if errors.As(err, &role) {
		return opened{}, role // it says what is wrong, and how to make a right one
	}
	if err != nil {
		return opened{}, fmt.Errorf("the database cannot be served: %w", err)
	}
	withheld := s.withholdPostgres(ctx, c.Name, adapter, db.Definitions())
	catalog := guarded(db.Catalog(), withheld)
	return opened{engine: db, guard: sqlguard.Config{Adapter: adapter, Catalog: catalog}, withheld: withheld}, nil
}

// withholdPostgres returns the views that are not served, each with the reason. A
// view runs with the rights of its owner, and what it runs no client sent: its
// definition, and those of the views beneath it, may call nothing that no client
// may call.
func (s *Server) withholdPostgres(ctx context.Context, source string, adapter *guardpg.Adapter, definitions map[string][]string) map[string]error {
	withheld := map[string]error{}
	for name, texts := range definitions {
		for _, text := range texts {
			if err := sqlguard.CheckView(ctx, adapter, text); err != nil {
				withheld[name] = reasonOf(err)
				s.options.Logger.LogAttrs(ctx, slog.LevelWarn, "not served: this view may do what no query may",
					slog.String("source", source), slog.String("name", name), slog.Any("reason", withheld[name]))
				break
			}
		}
	}
	return withheld
}

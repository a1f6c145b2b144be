package server

import (
	"context"
	"errors"
	"fmt"

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
		StatementTimeout: c.Limits.Deadline.Std(), TempFileLimit: c.Limits.Temp.Bytes(), ParallelWorkers: c.Limits.Threads - 1,
	})
	var role *postgres.RoleError
	if errors.As(err, &role) {
		return opened{}, role // it says what is wrong, and how to make a right one
	}
	if err != nil {
		return opened{}, fmt.Errorf("the database cannot be served: %w", err)
	}
	held := db.Catalog()
	catalog := &sqlguard.Catalog{Macros: held.Macros}
	for _, t := range held.Tables {
		catalog.Tables = append(catalog.Tables, t.Name)
		if t.View {
			catalog.Views = append(catalog.Views, t.Name)
		}
	}
	return opened{engine: db, guard: sqlguard.Config{Adapter: adapter, Catalog: catalog}}, nil
}

package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/internal/config"
	"github.com/sallyport-dev/sallyport/internal/engine/duckdb"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// openDuckDB opens a file or a folder of files.
func (s *Server) openDuckDB(ctx context.Context, c config.Source) (opened, error) {
	if _, err := os.Stat(c.Location); errors.Is(err, fs.ErrNotExist) {
		return opened{}, fmt.Errorf("there is no file or folder %s; correct its location", c.Location)
	}
	slow := time.AfterFunc(openingNotice, func() {
		s.options.Logger.LogAttrs(ctx, slog.LevelInfo, "still opening a source; CSV files are converted once, and the copy is kept in the cache",
			slog.String("source", c.Name), slog.String("cache", s.options.Cache))
	})
	defer slow.Stop()
	db, err := duckdb.Open(ctx, duckdb.Config{
		Name: c.Name, Location: c.Location, Cache: s.options.Cache,
		Command: s.options.Worker, Env: s.options.WorkerEnv, Logger: s.options.Logger,
		Workers: c.Limits.Workers, Memory: c.Limits.Memory.Bytes(), Threads: c.Limits.Threads, Temp: c.Limits.Temp.Bytes(),
		Spares: c.Limits.Spares, Data: s.shares[c.Name], Budget: s.budget, Cgroups: s.cgroups, RequireSandbox: s.options.Config.Sandbox.Required,
		Wait: queueWait, Queue: queueLength,
	})
	if err != nil {
		return opened{}, err
	}
	s.engines[c.Name] = db
	held, definitions := db.Catalog(), db.Definitions()
	withheld := s.withhold(ctx, c.Name, held, definitions)
	catalog := guarded(held, withheld)
	for _, t := range held.Tables {
		// Of a table with generated columns EXPLAIN would show what they compute.
		if !t.View && withheld[t.Name] == nil && definitions[t.Name] != "" {
			catalog.Views = append(catalog.Views, t.Name)
		}
	}
	report, tried := db.Sandbox()
	if missing := report.Missing(); len(missing) > 0 {
		s.options.Logger.LogAttrs(ctx, slog.LevelWarn, "the sandbox of the workers is not complete on this system; sandbox.required or --require-sandbox would refuse to serve",
			slog.String("source", c.Name), slog.String("missing", strings.Join(missing, "; ")))
	}
	return opened{sandbox: report, tried: tried, engine: db, guard: sqlguard.Config{Adapter: s.adapter, Catalog: catalog}, withheld: withheld}, nil
}

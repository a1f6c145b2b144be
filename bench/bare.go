package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // registers the "duckdb" driver
)

// querier is a database as the bare handler asks it.
type querier func(ctx context.Context, query string) (bareAnswer, error)

// runBare serves the bare handler over a Parquet file until a signal comes,
// and prints its address.
func runBare(ctx context.Context, parquet string, stdout io.Writer) (err error) {
	db, err := openBare(ctx, parquet)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return serveBare(ctx, func(ctx context.Context, query string) (bareAnswer, error) { return bareQuery(ctx, db, query) }, stdout)
}

func serveBare(ctx context.Context, ask querier, stdout io.Writer) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /query", bareHandler(ask))
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	if _, err := fmt.Fprintf(stdout, "http://%s\n", listener.Addr()); err != nil {
		return errors.Join(err, server.Close())
	}
	select {
	case err = <-ended:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}

// openBare is DuckDB in this process, with the file as a view. It keeps a
// connection for every client, without which database/sql would open most
// requests a new one.
func openBare(ctx context.Context, parquet string) (*sql.DB, error) {
	db, err := sql.Open("duckdb", "?threads="+strconv.Itoa(threads)+"&memory_limit="+bareMemory)
	if err != nil {
		return nil, err
	}
	db.SetMaxIdleConns(connections)
	view := "CREATE VIEW flights AS SELECT * FROM read_parquet('" + strings.ReplaceAll(parquet, "'", "''") + "')" //nolint:gosec // escaped, and DuckDB binds no parameters in a view
	if _, err := db.ExecContext(ctx, view); err != nil {                                                          //nolint:gosec // likewise
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// bareAnswer has the members that Sallyport's answer has at least.
type bareAnswer struct {
	Columns  []string `json:"columns"`
	Rows     [][]any  `json:"rows"`
	RowCount int      `json:"row_count"`
}

// bareHandler is what one writes in five minutes: it runs whatever it is sent.
func bareHandler(ask querier) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var request struct {
			SQL string `json:"sql"`
		}
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer, err := ask(r.Context(), request.SQL)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer) // the client has gone; there is nobody to tell
	}
}

func bareQuery(ctx context.Context, db *sql.DB, query string) (answer bareAnswer, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return answer, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if answer.Columns, err = rows.Columns(); err != nil {
		return answer, err
	}
	for rows.Next() {
		row := make([]any, len(answer.Columns))
		cells := make([]any, len(row))
		for i := range row {
			cells[i] = &row[i]
		}
		if err := rows.Scan(cells...); err != nil {
			return answer, err
		}
		answer.Rows = append(answer.Rows, row)
	}
	answer.RowCount = len(answer.Rows)
	return answer, rows.Err()
}

package main

import (
	"context"
	"errors"
	"io"
	"strconv"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
)

// runScan serves the engine by itself until a signal comes, and prints its
// address: a query is streamed, every chunk fetched and none looked at. The
// answer says how many rows there were.
func runScan(ctx context.Context, parquet string, stdout io.Writer) error {
	conn, closeDatabase, err := openScan(parquet)
	if err != nil {
		return err
	}
	defer closeDatabase()
	return serveBare(ctx, func(_ context.Context, query string) (bareAnswer, error) {
		rows, err := scan(conn, query)
		return bareAnswer{RowCount: rows}, err
	}, stdout)
}

// openScan is DuckDB as one of Sallyport's workers has it.
func openScan(parquet string) (*duckdblib.Conn, func(), error) {
	db, err := duckdblib.Open("", map[string]string{"threads": strconv.Itoa(threads), "memory_limit": workerMemory})
	if err != nil {
		return nil, nil, err
	}
	conn, err := db.Connect()
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	closeAll := func() {
		conn.Close()
		db.Close()
	}
	if err := conn.Exec("CREATE VIEW " + streamTable + " AS SELECT * FROM read_parquet(" + quoteText(parquet) + ")"); err != nil {
		closeAll()
		return nil, nil, err
	}
	return conn, closeAll, nil
}

func scan(conn *duckdblib.Conn, query string) (rows int, err error) {
	stmt, err := conn.Prepare(query)
	if err != nil {
		return 0, err
	}
	defer stmt.Close()
	result, err := stmt.Stream()
	if err != nil {
		return 0, err
	}
	defer result.Close()
	for {
		chunk, err := result.Next()
		if err != nil {
			return rows, err
		}
		if chunk == nil {
			return rows, nil
		}
		if chunk.Rows() == 0 {
			chunk.Close()
			return rows, errors.New("an empty chunk")
		}
		rows += chunk.Rows()
		chunk.Close()
	}
}

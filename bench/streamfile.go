package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// streamTable is the table of many rows, and the name of its file.
const streamTable = "flights5m"

// makeStreamFile repeats the flights until there are so many rows, in a Parquet
// file like theirs.
func makeStreamFile(ctx context.Context, flights, dir string, rows int64) (path string, size int64, err error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	path = filepath.Join(dir, streamTable+".parquet")
	var once int64
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM read_parquet("+quoteText(flights)+")").Scan(&once); err != nil {
		return "", 0, err
	}
	if once == 0 {
		return "", 0, errors.New("there are no flights to repeat")
	}
	_, err = db.ExecContext(ctx, fmt.Sprintf("COPY (SELECT f.* FROM range(%d), read_parquet(%s) f LIMIT %d) TO %s (FORMAT parquet, COMPRESSION zstd)",
		(rows+once-1)/once, quoteText(flights), rows, quoteText(path)))
	if err != nil {
		return "", 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", 0, err
	}
	return path, info.Size(), nil
}

// quoteText is a text as SQL: no parameter can stand where a file is named.
func quoteText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

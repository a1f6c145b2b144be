// Command cut makes examples/flights/flights.parquet, the demo's slice of the
// flights in the npm package vega-datasets.
//
// It refuses an original whose SHA-256 it does not know, so that the same
// command gives the same slice, byte for byte, with the same version of DuckDB.
// README.md in the folder above says where the original comes from.
//
//	go run ./examples/flights/cut -in flights-3m.parquet -airports examples/flights/airports.csv -out examples/flights/flights.parquet
package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // registers the "duckdb" driver
)

// originalSum is the SHA-256 of data/flights-3m.parquet in vega-datasets 3.2.1.
const originalSum = "dbeb920c90f59b6ccaff823dcc3d08f25a97fa1ce128d93f40be4e931f5900b0"

// cutSQL keeps whole months, so that counts and averages per day, week, month
// and route mean what they say.
//
// The order is total (all five columns), which makes the file reproducible;
// sorting each day by route, not by minute, makes it 20% smaller and still lets
// a reader skip row groups by date.
const cutSQL = `COPY (
  SELECT date::TIMESTAMP AS date, delay::INTEGER AS delay, distance::INTEGER AS distance, origin, destination
  FROM read_parquet(%s)
  WHERE date >= TIMESTAMP '2001-01-01' AND date < TIMESTAMP '2001-03-01'
  ORDER BY date::DATE, origin, destination, date, delay, distance
) TO %s (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 19, ROW_GROUP_SIZE 122880)`

// factsSQL is what README.md states about the slice.
const factsSQL = `WITH used AS (
  SELECT origin AS iata FROM read_parquet(%[1]s) UNION SELECT destination FROM read_parquet(%[1]s)
)
SELECT count(*), min(date)::VARCHAR, max(date)::VARCHAR, count(DISTINCT date::DATE),
       count(*) FILTER (date IS NULL OR delay IS NULL OR distance IS NULL OR origin IS NULL OR destination IS NULL),
       (SELECT count(*) FROM used),
       (SELECT count(*) FROM used ANTI JOIN read_csv(%[2]s, header = true, all_varchar = true) USING (iata))
FROM read_parquet(%[1]s)`

func main() {
	in := flag.String("in", "", "data/flights-3m.parquet of vega-datasets 3.2.1")
	airports := flag.String("airports", "examples/flights/airports.csv", "the airports that origins and destinations are looked up in")
	out := flag.String("out", "examples/flights/flights.parquet", "the file to write")
	flag.Parse()
	if err := run(context.Background(), *in, *airports, *out); err != nil {
		fmt.Fprintln(os.Stderr, "cut:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, in, airports, out string) error {
	if in == "" {
		return errors.New("-in is missing: the path of flights-3m.parquet")
	}
	sum, err := sha256File(in)
	if err != nil {
		return err
	}
	if sum != originalSum {
		return fmt.Errorf("%s is not the file of vega-datasets 3.2.1: SHA-256 %s, want %s", in, sum, originalSum)
	}

	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // in memory: nothing to lose
	db.SetMaxOpenConns(1)             // SET below must hold for what follows it

	// One thread: with more, the rows of a file keep their order but its row
	// groups need not have the same bounds twice.
	for _, statement := range []string{
		"SET threads = 1",
		fmt.Sprintf(cutSQL, literal(in), literal(out)),
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return report(ctx, db, airports, out)
}

// report prints the facts that README.md states, and fails if a flight's airport is unknown.
func report(ctx context.Context, db *sql.DB, airports, out string) error {
	var rows, days, nulls, used, unknown int64
	var first, last string
	query := fmt.Sprintf(factsSQL, literal(out), literal(airports)) //nolint:gosec // the operator's own paths, quoted; table functions in a subquery take no parameters
	if err := db.QueryRowContext(ctx, query).Scan(&rows, &first, &last, &days, &nulls, &used, &unknown); err != nil {
		return err
	}
	sum, err := sha256File(out)
	if err != nil {
		return err
	}
	info, err := os.Stat(out)
	if err != nil {
		return err
	}
	fmt.Printf("%s\n  sha256    %s\n  bytes     %d\n  rows      %d (%d with a NULL)\n  dates     %s to %s (%d days)\n  airports  %d, of which %d are not in %s\n",
		out, sum, info.Size(), rows, nulls, first, last, days, used, unknown, airports)
	if unknown > 0 {
		return fmt.Errorf("%d airports of the slice are not in %s", unknown, airports)
	}
	return nil
}

// literal quotes a path as an SQL string: COPY takes no parameters.
func literal(path string) string {
	return "'" + strings.ReplaceAll(path, "'", "''") + "'"
}

func sha256File(path string) (string, error) {
	file, err := os.Open(path) //nolint:gosec // a path that the person who runs this gave
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // opened for reading only
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

package main

import (
	"context"
	"io"

	"github.com/jackc/pgx/v5/pgxpool"
)

// poolSize is how many connections to PostgreSQL each server has at most:
// Sallyport's default.
const poolSize = 6

// runBarePostgres serves the bare handler over PostgreSQL until a signal
// comes, and prints its address.
func runBarePostgres(ctx context.Context, url string, stdout io.Writer) error {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return err
	}
	config.MaxConns = poolSize
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := pool.Ping(ctx); err != nil {
		return err
	}
	return serveBare(ctx, func(ctx context.Context, query string) (bareAnswer, error) { return poolQuery(ctx, pool, query) }, stdout)
}

// poolQuery is what one writes: pgx keeps the statement prepared by itself.
func poolQuery(ctx context.Context, pool *pgxpool.Pool, query string) (bareAnswer, error) {
	var answer bareAnswer
	rows, err := pool.Query(ctx, query)
	if err != nil {
		return answer, err
	}
	defer rows.Close()
	for _, f := range rows.FieldDescriptions() {
		answer.Columns = append(answer.Columns, f.Name)
	}
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return answer, err
		}
		answer.Rows = append(answer.Rows, values)
	}
	answer.RowCount = len(answer.Rows)
	return answer, rows.Err()
}

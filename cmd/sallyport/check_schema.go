package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/sallyport-dev/sallyport/internal/corpus"
)

// readSchema reads the files of DDL, as that of the given dialect first; nil
// if there are none.
func (c *checkCommand) readSchema(ctx context.Context) (*corpus.Schema, error) {
	if len(c.Schema) == 0 {
		return nil, nil
	}
	readers := []corpus.Reader{corpus.ReadDuckDB(), readPostgresDDL()}
	if c.Dialect == corpus.Postgres {
		slices.Reverse(readers)
	}
	schema := &corpus.Schema{}
	for _, name := range c.Schema {
		text, err := readBounded(name)
		if err != nil {
			return nil, fmt.Errorf("--schema: %w", err)
		}
		if err := schema.Add(ctx, text, readers...); err != nil {
			return nil, fmt.Errorf("--schema %s: %w", name, err)
		}
	}
	return schema, nil
}

// readBounded reads a file, and one byte more than a schema may have at most.
func readBounded(name string) (string, error) {
	file, err := os.Open(name) //nolint:gosec // the user names it
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, corpus.MaxSchema+1))
	return string(text), err
}

package main

import (
	"fmt"
	"runtime"

	"github.com/sallyport-dev/sallyport/internal/engine/duckdb"
)

// release is the version; a release build sets it with -ldflags.
var release = "0.1.0-dev"

func version() string { return release }

type versionCommand struct{}

// Run prints the version and those of what is linked in.
func (versionCommand) Run(w *world) error {
	_, err := fmt.Fprintln(w.stdout, versions())
	return err
}

func versions() string {
	return fmt.Sprintf("sallyport %s (DuckDB %s, %s, %s/%s)", version(), duckdb.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

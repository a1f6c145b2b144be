package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine/duckdb"
)

// The words with which this program starts itself as another process.
const (
	bareWord         = "bare-handler"
	barePostgresWord = "bare-postgres-handler"
	workerWord       = "duckdb-worker"
)

// wholeTime bounds a run, the build of cmd/sallyport not included.
const wholeTime = 6 * time.Minute

func main() {
	if isChild(os.Args) {
		os.Exit(child(os.Args))
	}
	root := flag.String("root", ".", "root of the checkout")
	out := flag.String("o", "", "file to write; default bench/RESULTS.md in the checkout")
	flag.Parse()
	if *out == "" {
		*out = filepath.Join(*root, "bench", "RESULTS.md")
	}
	if err := start(*root, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// isChild reports whether this process is one that a run has started.
func isChild(args []string) bool {
	return len(args) == 3 && (args[1] == bareWord || args[1] == barePostgresWord) || len(args) == 2 && args[1] == workerWord
}

// child is the whole life of such a process.
func child(args []string) int {
	var err error
	switch args[1] {
	case bareWord:
		err = runBare(context.Background(), args[2], os.Stdout)
	case barePostgresWord:
		err = runBarePostgres(context.Background(), args[2], os.Stdout)
	default:
		err = duckdb.RunWorker()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

func start(root, out string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r, err := run(ctx, root, wholePlan, os.Stderr)
	if err != nil {
		return err
	}
	if err := os.WriteFile(out, r.markdown(), 0o644); err != nil { //nolint:gosec // a page of the documentation
		return err
	}
	fmt.Fprintln(os.Stderr, "bench: wrote", out)
	return nil
}

// run measures everything that the plan asks for.
func run(ctx context.Context, root string, p plan, progress io.Writer) (_ *results, err error) {
	dir, err := os.MkdirTemp("", "sallyport-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	say := func(what string) { _, _ = fmt.Fprintln(progress, "bench:", what) }

	say("building cmd/sallyport")
	w, err := newWorkshop(ctx, root, dir)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, wholeTime)
	defer cancel()
	r := &results{plan: p, machine: describeMachine(ctx), started: time.Now()}
	say("the guard")
	if r.guard, err = measureGuards(ctx, p); err != nil {
		return nil, fmt.Errorf("guard: %w", err)
	}
	say("the perimeter")
	if r.perimeter, err = measurePerimeter(ctx, w, p); err != nil {
		return nil, fmt.Errorf("perimeter: %w", err)
	}
	say("the protections in one chain")
	if r.chains, err = measureChains(ctx, p); err != nil {
		return nil, fmt.Errorf("chains: %w", err)
	}
	say("a flood of addresses")
	if r.addresses, err = measureAddresses(ctx, p.millions); err != nil {
		return nil, fmt.Errorf("addresses: %w", err)
	}
	if err := r.measureServers(ctx, w, say); err != nil {
		return nil, err
	}
	if err := r.measurePostgres(ctx, w, say); err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	r.took = time.Since(r.started)
	return r, nil
}

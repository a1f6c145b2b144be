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
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine/duckdb"
)

// The words with which this program starts itself as another process.
const (
	bareWord         = "bare-handler"
	barePostgresWord = "bare-postgres-handler"
	scanWord         = "engine-scan"
	guardWord        = "guard-loop"
	workerWord       = "duckdb-worker"
)

// wholeTime bounds a run, the build of cmd/sallyport not included.
const wholeTime = 8 * time.Minute

func main() {
	if isChild(os.Args) {
		os.Exit(child(os.Args))
	}
	root := flag.String("root", ".", "root of the checkout")
	out := flag.String("o", "", "file to write; default bench/RESULTS.md in the checkout, or standard output with any of the flags below")
	p := wholePlan
	flag.StringVar(&p.only, "only", "", "measure only what has this in its name: "+strings.Join(parts(), "; "))
	flag.IntVar(&p.rounds, "rounds", p.rounds, "rounds under each load")
	flag.IntVar(&p.streams, "streams", p.streams, "streams of many rows in each format")
	flag.DurationVar(&p.profile, "profile", p.profile, "how long perf watches each load; 0: never")
	flag.Parse()
	whole := p == wholePlan
	if *out == "" && whole {
		*out = filepath.Join(*root, "bench", "RESULTS.md")
	}
	if err := start(*root, *out, p); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// isChild reports whether this process is one that a run has started.
func isChild(args []string) bool {
	if len(args) == 2 {
		return args[1] == workerWord
	}
	return len(args) == 3 && slices.Contains([]string{bareWord, barePostgresWord, scanWord, guardWord}, args[1])
}

// child is the whole life of such a process.
func child(args []string) int {
	var err error
	switch args[1] {
	case bareWord:
		err = runBare(context.Background(), args[2], os.Stdout)
	case barePostgresWord:
		err = runBarePostgres(context.Background(), args[2], os.Stdout)
	case scanWord:
		err = runScan(context.Background(), args[2], os.Stdout)
	case guardWord:
		err = runGuard(context.Background(), args[2], os.Stdout)
	default:
		err = duckdb.RunWorker()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

// start measures and writes the page: to standard output if out is empty, which
// is the case unless all of it was measured.
func start(root, out string, p plan) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := p.check(); err != nil {
		return err
	}
	r, err := run(ctx, root, p, os.Stderr)
	if err != nil {
		return err
	}
	if out == "" {
		_, err := os.Stdout.Write(r.markdown())
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
	r := &results{
		plan: p, machine: describeMachine(ctx), started: time.Now(),
		yaml: strings.NewReplacer(w.dir, "$DIR", w.data, "examples/flights/flights.parquet").Replace(w.yaml),
	}
	if _, err := newRecorder(w, p); err != nil {
		r.noProfile = err.Error()
	}
	for _, step := range r.steps(ctx, w, say) {
		if !step.wanted {
			continue
		}
		say(step.name)
		if err := step.measure(); err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	r.took = time.Since(r.started)
	return r, nil
}

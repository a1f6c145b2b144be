package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// guardLoad is the name of the profile of the guard by itself.
const guardLoad = "guard, typical query, cold"

// profileGuard watches a process that does nothing but judge. It is built for
// this: what `go run` and `go test` start has no symbols, so that perf could
// not say where in it the time goes.
func profileGuard(ctx context.Context, w *workshop, p plan) (_ profile, err error) {
	r, err := newRecorder(w, p)
	if err != nil {
		return profile{}, err
	}
	binary := filepath.Join(w.dir, "bench")
	if err := goBuild(ctx, w.root, binary, "./bench"); err != nil {
		return profile{}, err
	}
	cmd := exec.CommandContext(ctx, binary, guardWord, r.longer().String()) //nolint:gosec // the binary was built for this run
	dieWithParent(cmd, syscall.SIGKILL)
	said, err := cmd.StdoutPipe()
	if err != nil {
		return profile{}, err
	}
	if err := cmd.Start(); err != nil {
		return profile{}, err
	}
	_, err = bufio.NewReader(said).ReadString('\n') // it is ready
	if err != nil {
		return profile{}, fmt.Errorf("the guard does not begin: %w", errors.Join(err, cmd.Wait()))
	}
	stacks, err := r.record(ctx, []int{cmd.Process.Pid}, cmd.Wait)
	return summarise(guardLoad, stacks, cmd.Process.Pid, r.time), err
}

// runGuard judges the typical query for a while, again and again.
func runGuard(ctx context.Context, length string, stdout io.Writer) (err error) {
	limit, err := time.ParseDuration(length)
	if err != nil {
		return err
	}
	guard, closeGuard, err := openGuard(duckDialect)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeGuard()) }()
	i := slices.IndexFunc(guarded, func(q guardedQuery) bool { return q.name == typical })
	if _, err := fmt.Fprintln(stdout, "ready"); err != nil {
		return err
	}
	_, _, err = loopFor(limit, func() error {
		_, err := guard.Check(ctx, guarded[i].sql)
		return err
	})
	return err
}

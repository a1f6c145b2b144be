package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/sallyport-dev/sallyport/internal/engine/duckdb"
)

// workerWord is the argument with which the program starts itself as a DuckDB
// worker. It is no command: nobody but the server can talk to a worker.
const workerWord = "duckdb-worker"

func isWorker(args []string) bool { return len(args) == 2 && args[1] == workerWord }

// work is the life of a worker process.
func work() int {
	// Ctrl-C reaches every process of the terminal's group, and systemd signals
	// every one of the unit. A worker that ended by them would take a query
	// with it that the server means to let finish. The server ends its workers
	// itself, and when it dies they see their channel closed.
	signal.Ignore(stopSignals()...)
	signal.Ignore(syscall.SIGHUP)
	if err := duckdb.RunWorker(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitNo
	}
	return exitOK
}

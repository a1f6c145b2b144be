package duckdb_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/sallyport-dev/sallyport/internal/engine/duckdb"
)

// asWorker makes the test binary a worker, as the command does with an
// argument.
const asWorker = "SALLYPORT_TEST_WORKER"

func TestMain(m *testing.M) {
	if os.Getenv(asWorker) != "" {
		if err := duckdb.RunWorker(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

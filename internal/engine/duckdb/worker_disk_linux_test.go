package duckdb_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// A worker whose directory takes more of the disk than it may is ended, also
// where the sizes of its files do not tell, and nothing of it is left.
func TestAWorkerThatFillsTheDiskIsEnded(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	c := config(t, database(t, "CREATE TABLE t AS SELECT 42 AS answer"))
	c.Workers, c.Temp = 1, 1<<20
	b := open(t, c, "range")
	long := b.request(t, "SELECT count(*) FROM range(100000000000)")
	long.Limits.Deadline = 30 * time.Second
	ended := make(chan error, 1)
	go func() {
		_, err := b.engine.Run(context.WithoutCancel(t.Context()), long, io.Discard)
		ended <- err
	}()
	for b.engine.Running() == 0 {
		runtime.Gosched() // it is on its way
	}
	dirs, err := filepath.Glob(temp + "/sallyport-*/1")
	if err != nil || len(dirs) != 1 {
		t.Fatalf("%v, %v", dirs, err)
	}
	f, err := os.Create(dirs[0] + "/unseen")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, 32<<20), f.Close()); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, "the query", <-ended, sqlguard.RuleMemory)
	if _, err := os.Stat(dirs[0]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its directory is there: %v", err)
	}
}

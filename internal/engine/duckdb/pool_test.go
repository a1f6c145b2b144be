package duckdb_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// A worker that dies while nobody uses it costs no query anything.
func TestAnIdleWorkerThatDiesIsReplaced(t *testing.T) {
	a := openAlone(t, "CREATE TABLE t AS SELECT 42 AS answer")
	before := a.worker()
	if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if got := fmt.Sprint(a.rows(t, "SELECT answer FROM t")); got != "[[42]]" {
			t.Fatal(got)
		}
	}
	if a.worker() == before {
		t.Error("the dead worker is still there")
	}
	if text := a.log.String(); !strings.Contains(text, "worker killed") {
		t.Errorf("the log has %s", text)
	}
}

// While long queries hold every place, a short one of somebody else runs in the
// spare worker.
func TestAShortQueryDoesNotWaitBehindLongOnes(t *testing.T) {
	c := config(t, database(t, "CREATE TABLE t AS SELECT 42 AS answer"))
	c.Workers, c.Spares, c.Wait = 1, 1, time.Minute
	b := open(t, c, "range")
	long := b.request(t, "SELECT count(*) FROM range(100000000000)")
	long.Client, long.Limits.Deadline = "slow", 4*time.Second
	ended := make(chan error, 1)
	go func() {
		_, err := b.engine.Run(context.WithoutCancel(t.Context()), long, io.Discard)
		ended <- err
	}()
	for b.engine.Running() == 0 || b.engine.Idle() == 0 {
		runtime.Gosched() // it is on its way to the only place, and the spare is starting
	}
	quick := b.request(t, "SELECT answer FROM t")
	quick.Client = "quick"
	start := time.Now()
	var out bytes.Buffer
	if _, err := b.engine.Run(t.Context(), quick, &out); err != nil || !strings.Contains(out.String(), "42") {
		t.Errorf("%s, %v", &out, err)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("the short query took %v", took)
	}
	wantRefusal(t, "the long query", <-ended, sqlguard.RuleTimeout)
}

// What does not fit into the temporary directory is out of memory, not wrong.
func TestAFullTemporaryDirectoryIsOutOfMemory(t *testing.T) {
	c := config(t, database(t, "CREATE TABLE t AS SELECT i, md5(i::VARCHAR) AS s FROM range(2000000) r(i)"))
	c.Memory, c.Temp, c.Spares = 64<<20, 4<<20, 1
	b := open(t, c)
	for _, sql := range []string{
		"SELECT s, i FROM t ORDER BY s DESC, i LIMIT 1000 OFFSET 1900000",
		"SELECT count(*) FROM (SELECT s, min(i) AS m FROM t GROUP BY s)",
	} {
		r := b.request(t, sql)
		r.Limits.Deadline = 30 * time.Second
		_, err := b.engine.Run(t.Context(), r, io.Discard)
		wantRefusal(t, sql, err, sqlguard.RuleMemory)
		if got := fmt.Sprint(b.rows(t, "SELECT min(i) FROM t")); got != "[[0]]" {
			t.Errorf("afterwards: %s", got)
		}
	}
}

// A statement that was prepared for one Parquet file sees the one that takes
// its place, soon and without an error.
func TestAParquetFileMayBeReplaced(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t.parquet")
	writeParquet(t, path, "SELECT 1 AS i, 'old' AS s")
	c := config(t, path)
	c.Workers = 1
	b := open(t, c)
	const sql = "SELECT i, s FROM t"
	for range 2 { // the second time from a statement that is kept
		if got := fmt.Sprint(b.rows(t, sql)); got != "[[1 old]]" {
			t.Fatal(got)
		}
	}
	next := filepath.Join(dir, "next")
	writeParquet(t, next, "SELECT 2 AS i, 'new' AS s FROM range(3)")
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(b.rows(t, sql)); got != "[[2 new] [2 new] [2 new]]" {
		t.Errorf("after the file was replaced: %s", got)
	}
}

// A file that is written over under the same name has other types all of a
// sudden: what is kept of a statement must not be used to read it.
func TestAParquetFileMayBeWrittenOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.parquet")
	writeParquet(t, path, "SELECT 1::INTEGER AS a, 'x' AS b")
	c := config(t, path)
	c.Workers = 1
	b := open(t, c)
	const sql = "SELECT a, b FROM t"
	for range 2 {
		if got := fmt.Sprint(b.rows(t, sql)); got != "[[1 x]]" {
			t.Fatal(got)
		}
	}
	for _, next := range []struct{ query, want string }{
		{"SELECT 5000000000::BIGINT + range AS a, 'y' AS b FROM range(2)", "[[5000000000 y] [5000000001 y]]"},
		{"SELECT 'a text of more than twelve bytes' AS a, 7::INTEGER AS b", "[[a text of more than twelve bytes 7]]"},
		{"SELECT 'b first' AS b, 3::INTEGER AS a", "[[3 b first]]"},
	} {
		other := filepath.Join(t.TempDir(), "other")
		writeParquet(t, other, next.query)
		data, err := os.ReadFile(other)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(b.rows(t, sql)); got != next.want {
			t.Errorf("%s: %s", next.query, got)
		}
	}
}

// Whoever takes the answer may panic, and net/http recovers it: the place and
// the worker must not be lost with it.
func TestAPanicKeepsNoPlace(t *testing.T) {
	c := config(t, database(t, "CREATE TABLE t AS SELECT 42 AS answer"))
	c.Workers = 1
	b := open(t, c)
	for range 3 {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			_, _ = b.engine.Run(t.Context(), b.request(t, "SELECT answer FROM t"), panicking{})
		}()
		if got := fmt.Sprint(b.rows(t, "SELECT answer FROM t")); got != "[[42]]" {
			t.Fatal(got)
		}
	}
}

type panicking struct{}

func (panicking) Write([]byte) (int, error) { panic("as it was told") }

func writeParquet(t *testing.T, path, query string) {
	t.Helper()
	db, err := duckdblib.Open("", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Exec(fmt.Sprintf("COPY (%s) TO '%s' (FORMAT parquet)", query, path)); err != nil {
		t.Fatal(err)
	}
}

// A worker that has been answering for long is replaced, and so is one whose
// place is needed no more: closing an engine leaves no process.
func TestClosingLeavesNoProcess(t *testing.T) {
	a := openAlone(t, "CREATE TABLE t AS SELECT 42 AS answer")
	pid := a.worker()
	if err := a.engine.Close(); err != nil {
		t.Error(err)
	}
	if err := syscall.Kill(pid, 0); err == nil {
		t.Error("the worker lives")
	}
}

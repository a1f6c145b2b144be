//go:build cgo

package sandbox

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
)

// The statements each fail where the answer is not the expected one.
var duckdbWork = []string{
	// More than the memory limit spills to the temporary directory.
	"SET preserve_insertion_order = false",
	"CREATE TEMP TABLE wide AS SELECT i, md5(i::VARCHAR) || md5((i + 1)::VARCHAR) AS s FROM range(800000) t(i)",
	must("(SELECT sum(length(s)) FROM wide) = 51200000"),
	must("(SELECT count(*) FROM (SELECT i % 1000 AS k, max(s) FROM wide GROUP BY k)) = 1000"),
	must("(SELECT count(*) FROM (SELECT i, s FROM wide ORDER BY reverse(s) LIMIT 1000)) = 1000"),
	must("(SELECT max(size) > 0 FROM duckdb_temporary_files())"),
	// The file that is opened, and a Parquet file.
	must("(SELECT sum(i) FROM t) = 4999950000"),
	must("(SELECT count(*) FROM read_parquet('%[1]s/t.parquet') WHERE s LIKE '%%7%%') > 0"),
	must("(SELECT count(*) FROM read_parquet('%[1]s/*.parquet')) = 100000"),
	// Time zones are ICU's.
	"SET TimeZone = 'Asia/Kathmandu'",
	must("'2024-07-01 12:00:00+02'::TIMESTAMPTZ::VARCHAR = '2024-07-01 15:45:00+05:45'"),
	must("timezone('America/New_York', '2024-01-01 12:00:00+00'::TIMESTAMPTZ) = '2024-01-01 07:00:00'::TIMESTAMP"),
	must("date_trunc('month', '2024-07-15 12:00:00+00'::TIMESTAMPTZ) < now()"),
	must("(SELECT count(*) FROM pg_timezone_names()) > 400"),
	must("'ä' COLLATE de < 'z' COLLATE de"),
	must("random() < 1 AND uuid()::VARCHAR <> ''"),
	// A database is made, as from CSV files, and its threads are pinned.
	must("(SELECT count(*) FROM read_csv('%[1]s/file', header = false)) = 1"),
	"ATTACH '%[2]s/made.duckdb' AS made (READ_WRITE)",
	"CREATE TABLE made.t AS SELECT * FROM t",
	"CHECKPOINT made", "INSERT INTO made.t SELECT * FROM t", "DETACH made",
	"ATTACH '%[2]s/made.duckdb' AS made (READ_ONLY)",
	must("(SELECT count(*) FROM made.t) = 200000"),
	"SET pin_threads = 'on'", "SET threads = 1", "SET threads = 4", "PRAGMA database_size", "CHECKPOINT",
}

// Each of these must fail by the kernel: DuckDB itself would allow it.
var duckdbForbidden = []string{
	"SELECT * FROM read_text('/etc/passwd')",
	"COPY (SELECT 1) TO '%[1]s/out.csv'",
	"COPY (SELECT 1) TO '%[2]s/out.csv'",
	"ATTACH '%[2]s/new.duckdb'",
	"SELECT * FROM read_csv('%[2]s/file')",
}

func must(condition string) string {
	return "SELECT CASE WHEN " + condition + " THEN 1 ELSE error('not so') END"
}

func init() {
	activities["duckdb"] = func(j job) (answer, error) {
		report, err := enter(j)
		if err != nil {
			return answer{}, err
		}
		var busy sync.WaitGroup
		stop := make(chan struct{})
		for range 50 {
			busy.Go(func() { // garbage, timers and locks beside the queries
				for {
					select {
					case <-stop:
						return
					case <-time.After(time.Millisecond):
						_ = make([]byte, 10_000)
						runtime.Gosched()
					}
				}
			})
		}
		block(100)
		err = queryAll(j.Place)
		close(stop)
		busy.Wait()
		runtime.GC()
		return answer{Report: report, Finding: SelfTest()}, err
	}
}

func queryAll(p place) error {
	handle, err := duckdblib.Open(p.Data+"/data.duckdb", map[string]string{
		"access_mode": "READ_ONLY", "memory_limit": "50MB", "threads": "4", "temp_directory": p.Temp,
		"max_temp_directory_size": "4GB", "autoload_known_extensions": "false",
	})
	if err != nil {
		return err
	}
	defer handle.Close()
	conn, err := handle.Connect()
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, sql := range duckdbWork {
		if strings.Contains(sql, "%[") {
			sql = strings.NewReplacer("%[1]s", p.Data, "%[2]s", p.Temp, "%%", "%").Replace(sql)
		}
		if err := conn.Exec(sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	for _, sql := range duckdbForbidden {
		sql = strings.NewReplacer("%[1]s", p.Data, "%[2]s", p.Outside).Replace(sql)
		if conn.Exec(sql) == nil {
			return errors.New("it works: " + sql)
		}
	}
	return nil
}

// DuckDB does all of its work inside: the lists lack nothing that it needs.
func TestDuckDBWorks(t *testing.T) {
	t.Parallel()
	for user, credential := range users() {
		t.Run(user, func(t *testing.T) {
			place := newPlace(t)
			makeDatabase(t, place.Data)
			policy := place.policy()
			policy.Limits.FileSize = 4 << 30
			c := run(t, job{Do: "duckdb", Policy: policy, Place: place}, credential, "GOGC=1", memoryIsKnown)
			if !c.answer.Report.Complete() {
				t.Error(c.answer.Report)
			}
			for _, f := range c.answer.Finding {
				if !f.Refused {
					t.Errorf("%s: %q", f.Attempt, f.Error)
				}
			}
		})
	}
}

func makeDatabase(t *testing.T, dir string) {
	t.Helper()
	handle, err := duckdblib.Open(dir+"/data.duckdb", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer handle.Close()
	conn, err := handle.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, sql := range []string{
		"CREATE TABLE t AS SELECT i, i::VARCHAR AS s FROM range(100000) t(i)",
		"COPY t TO '" + dir + "/t.parquet'",
	} {
		if err := conn.Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"/data.duckdb", "/t.parquet"} {
		if err := os.Chmod(dir+name, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// memoryIsKnown keeps DuckDB from looking for its cgroup, in MB. It can see,
// by access, that /proc/self/cgroup exists, and does not survive that it cannot
// be opened.
const memoryIsKnown = "SLURM_MEM_PER_NODE=1024"

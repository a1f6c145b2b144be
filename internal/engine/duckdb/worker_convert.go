package duckdb

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
)

// convert reads CSV files into a new database file. It runs in a process of
// its own, enclosed as those that answer queries: a file may be made to harm
// whoever reads it.
func convert(s setup) (err error) {
	partial := s.Database + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(partial) // what is left is overwritten next time
		}
	}()
	unix.Umask(0o077) // what is made is for this account only; chmod is out of reach
	if err := fill(s, partial); err != nil {
		return err
	}
	return os.Rename(partial, s.Database)
}

func fill(s setup, path string) error {
	db, err := duckdblib.Open(path, map[string]string{
		"autoinstall_known_extensions": "false",
		"autoload_known_extensions":    "false",
		"threads":                      strconv.Itoa(s.Threads),
		"memory_limit":                 strconv.FormatInt(s.Memory, 10) + "B",
		"temp_directory":               s.Temp,
	})
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Connect()
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, v := range s.Convert {
		if v.Path == "" {
			continue // an empty database, to which Parquet views are added
		}
		if err := conn.Exec(fmt.Sprintf("CREATE TABLE %s AS SELECT * FROM read_csv(%s)", quoteName(v.Name), quoteText(v.Path))); err != nil {
			return fmt.Errorf("%s: %w", v.Path, err)
		}
	}
	return conn.Exec("CHECKPOINT")
}

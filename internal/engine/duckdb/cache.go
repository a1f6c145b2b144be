package duckdb

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
)

// cached is the path of the database made from a layout's CSV files (none of
// them: an empty one, since temporary views need a database to be open). The
// name follows from what the files are, so that a changed file makes a new
// database and an unchanged one none. The file itself is always called data,
// because EXPLAIN shows its name.
func (l *layout) cached(dir string) (string, error) {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "v1 %s\n", duckdblib.Version()) // a hash takes everything
	for _, v := range l.csv {
		info, err := os.Stat(v.Path)
		if err != nil {
			return "", err
		}
		_, _ = fmt.Fprintf(h, "%q %q %d %d\n", v.Name, v.Path, info.Size(), info.ModTime().UnixNano())
	}
	return filepath.Join(dir, "csv-"+hex.EncodeToString(h.Sum(nil)[:12]), "data.duckdb"), nil
}

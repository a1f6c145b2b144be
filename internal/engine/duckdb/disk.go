package duckdb

import (
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

const (
	// diskInterval is between two looks at what workers have spilled.
	diskInterval = 250 * time.Millisecond
	// diskSlack is what a worker may have beyond its limit, in bytes: DuckDB
	// counts blocks, not what a file system makes of them.
	diskSlack = 16 << 20
)

// watchDisk ends workers with more temporary files than DuckDB's own limit
// allows: it is DuckDB that counts against that one.
func (p *pool) watchDisk() {
	ticker := time.NewTicker(diskInterval)
	defer ticker.Stop()
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-ticker.C:
		}
		p.mu.Lock()
		for worker := range p.live {
			if n := diskUse(worker.temp); n > p.config.Temp+p.config.Temp/10+diskSlack {
				worker.doomed(sqlguard.Refuse(sqlguard.RuleMemory, errors.New("the worker has more temporary files than limits.temp allows")))
			}
		}
		p.mu.Unlock()
	}
}

// maxTempFiles is how many files of a worker are looked at: DuckDB makes a few.
const maxTempFiles = 10_000

// diskUse is the size of the files in a worker's directory. One with too many
// files is full, whatever their sizes.
func diskUse(dir string) int64 {
	var sum int64
	files := 0
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // it was removed meanwhile
		}
		if files++; files > maxTempFiles {
			return fs.SkipAll
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			sum += info.Size()
		}
		return nil
	})
	if err != nil || files > maxTempFiles {
		return 1 << 62
	}
	return sum
}

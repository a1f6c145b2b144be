package duckdb

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

const (
	// diskInterval is between two looks at what workers have spilled.
	diskInterval = 250 * time.Millisecond
	// diskSlack is what a worker may have beyond its limit, in bytes: DuckDB
	// counts blocks, not what a file system makes of them.
	diskSlack = 16 << 20
	// diskReserve is what stays free of the file system, in bytes, or a part of it
	// where it is small.
	diskReserve, diskReservePart = 64 << 20, 16
	// diskNotice is between two log records about a full file system.
	diskNotice = time.Minute
	// maxTempFiles and maxTempDepth are how much of a worker's directory is looked
	// at: DuckDB makes a few files, and no directories.
	maxTempFiles, maxTempDepth = 10_000, 4
	// otherThreads is how many threads a worker may have beside DuckDB's: those of
	// Go's runtime.
	otherThreads = 256
	// threadsEach is how many a worker may have for each that DuckDB computes with.
	threadsEach = 4
)

// watchDisk ends workers that take what the kernel does not count: more
// temporary files than DuckDB's own limit allows, since it is DuckDB that
// counts against that one, and more threads than they have a use for, which the
// kernel lets root have.
func (p *pool) watchDisk() {
	ticker := time.NewTicker(diskInterval)
	defer ticker.Stop()
	var noticed time.Time
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-ticker.C:
		}
		workers := p.living()
		for _, worker := range workers {
			if why := excess(worker, p.config); why != nil {
				worker.doomed(sqlguard.Refuse(sqlguard.RuleMemory, why))
			}
		}
		if p.config.Temp > 0 {
			noticed = p.relieve(workers, fullDisk(p.temp), noticed)
		}
	}
}

// living are the workers that there are now. Their directories are looked at
// without the lock.
func (p *pool) living() []*process {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := make([]*process, 0, len(p.live))
	for worker := range p.live {
		list = append(list, worker)
	}
	return list
}

// excess is what a worker has too much of, nil: nothing.
func excess(worker *process, c Config) error {
	select {
	case <-worker.exited:
		return nil // its number may be another's by now
	default:
	}
	if n := threadsOf(worker.cmd.Process.Pid); n > otherThreads+threadsEach*c.Threads {
		return fmt.Errorf("the worker has %d threads", n)
	}
	if diskUse(worker.temp) > c.Temp+c.Temp/10+diskSlack {
		return errors.New("the worker has more temporary files than limits.temp allows")
	}
	return nil
}

// relieve ends the workers that are busy when the file system of temporary
// files is full, as why says: files that are open and have no name any more show
// only there. It says so once a minute, and then ends the idle ones too, of which
// one may hold such files. It returns when it last said so.
func (p *pool) relieve(workers []*process, why error, noticed time.Time) time.Time {
	if why == nil {
		return noticed
	}
	now := time.Now()
	notice := now.Sub(noticed) >= diskNotice
	if notice {
		noticed = now
		p.config.Logger.LogAttrs(p.ctx, slog.LevelError, "the file system of temporary files is full",
			slog.String("source", p.config.Name), slog.String("directory", p.temp), slog.Any("cause", why))
	}
	p.idle.mu.Lock()
	idle := slices.Clone(p.idle.stack)
	p.idle.mu.Unlock()
	for _, worker := range workers {
		if notice || !slices.Contains(idle, worker) {
			worker.doomed(sqlguard.Refuse(sqlguard.RuleMemory, why))
		}
	}
	return noticed
}

// fullDisk says why nothing more should be written where dir is, nil: it may.
func fullDisk(dir string) error {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return nil //nolint:nilerr // the pool is closing, or the system does not tell
	}
	//nolint:gosec,unconvert // the types differ between systems; none of the numbers is negative
	return full(uint64(s.Bavail), uint64(s.Blocks), uint64(s.Bsize))
}

// full judges the numbers of a file system, in blocks of size bytes.
func full(available, blocks, size uint64) error {
	if blocks == 0 || size == 0 {
		return nil // it is not one that counts
	}
	reserve := min(diskReserve/size, blocks/diskReservePart)
	if available >= reserve {
		return nil
	}
	return fmt.Errorf("the file system of temporary files is full: %d MiB are free", available*size>>20)
}

// diskFull is the use of what cannot be counted.
const diskFull = math.MaxInt64

// diskUse is what a worker's directory takes of the disk, the directory
// itself included. What cannot be looked at, or has more or deeper files than
// DuckDB makes, is full.
func diskUse(dir string) int64 {
	var sum int64
	files := 0
	if err := addUse(dir, 0, &sum, &files); err != nil {
		return diskFull
	}
	return sum
}

var errTempShape = errors.New("too many temporary files, or too deep")

func addUse(path string, depth int, sum *int64, files *int) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it was removed meanwhile
	}
	if err != nil {
		return err
	}
	*files++
	if *files > maxTempFiles || depth > maxTempDepth {
		return errTempShape
	}
	*sum += blocksOf(info)
	if !info.IsDir() {
		return nil
	}
	return eachName(path, func(name string) error {
		return addUse(filepath.Join(path, name), depth+1, sum, files)
	})
}

// blocksOf is what a file takes of the disk, which may be more than its size
// or less.
func blocksOf(info fs.FileInfo) int64 {
	const blockSize = 512
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Blocks * blockSize
	}
	return info.Size()
}

// eachName calls f with the names in a directory, some at a time. Who opens it
// does not follow a link, nor wait for a pipe that has taken its place.
func eachName(dir string, f func(name string) error) error {
	const batch = 256
	file, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0) //nolint:gosec // of a worker
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	for {
		names, err := file.Readdirnames(batch)
		for _, name := range names {
			if err := f(name); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || len(names) == 0 && err == nil {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

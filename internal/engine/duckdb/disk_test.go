package duckdb

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// file makes a file of some bytes, with the directories that it needs.
func file(t *testing.T, path string, size int) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, make([]byte, size), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func TestDiskUse(t *testing.T) {
	dir := t.TempDir()
	empty := diskUse(dir)
	file(t, dir+"/a", 1<<20)
	file(t, dir+"/b/c", 1<<20)
	if n := diskUse(dir) - empty; n < 2<<20 || n > 3<<20 {
		t.Errorf("%d bytes, want a little more than 2 MiB", n)
	}
	// What a link points to is not the worker's.
	outside := t.TempDir()
	file(t, outside+"/large", 8<<20)
	if err := errors.Join(os.Symlink(outside, dir+"/link"), os.Symlink(outside+"/large", dir+"/link2")); err != nil {
		t.Fatal(err)
	}
	if n := diskUse(dir) - empty; n > 3<<20 {
		t.Errorf("%d bytes with links", n)
	}
	if n := diskUse(dir + "/none"); n != 0 {
		t.Errorf("%d bytes of nothing", n)
	}
}

func TestDiskUseOfStrangeShapes(t *testing.T) {
	deep := t.TempDir()
	file(t, deep+strings.Repeat("/d", maxTempDepth+1)+"/f", 0)
	if n := diskUse(deep); n != diskFull {
		t.Errorf("deeper than DuckDB makes: %d", n)
	}
	many := t.TempDir()
	for i := range maxTempFiles {
		file(t, fmt.Sprint(many, "/", i), 0)
	}
	if n := diskUse(many); n != diskFull {
		t.Errorf("more files than DuckDB makes: %d", n)
	}
}

func TestFull(t *testing.T) {
	const block = 4096
	for _, c := range []struct {
		available, blocks, size uint64
		full                    bool
	}{
		{diskReserve / block, 1 << 30, block, false},
		{diskReserve/block - 1, 1 << 30, block, true},
		{0, 1 << 30, block, true},
		// A small one keeps a sixteenth.
		{1000, 16_000, block, false},
		{999, 16_000, block, true},
		{16_000, 16_000, block, false},
		// One that does not count.
		{0, 0, block, false},
		{0, 0, 0, false},
	} {
		if err := full(c.available, c.blocks, c.size); (err != nil) != c.full {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if err := fullDisk(t.TempDir() + "/none"); err != nil {
		t.Errorf("where nothing is: %v", err)
	}
}

// ended is a process that has ended, so that nothing is killed.
func ended(t *testing.T) *process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return &process{cmd: cmd}
}

func TestAFullFileSystemEndsWorkers(t *testing.T) {
	busy, idle := ended(t), ended(t)
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		p := &pool{ctx: t.Context(), config: Config{Name: "s", Logger: slog.New(slog.NewTextHandler(&log, nil))}}
		p.idle.put(idle)
		why := errors.New("none is free")
		var noticed time.Time
		look := func(why error) (busyEnded, idleEnded bool, records int) {
			busy.doom.Store(nil)
			idle.doom.Store(nil)
			log.Reset()
			noticed = p.relieve([]*process{busy, idle}, why, noticed)
			return busy.doom.Load() != nil, idle.doom.Load() != nil, strings.Count(log.String(), "is full")
		}
		want := func(step string, why error, wantBusy, wantIdle bool, wantRecords int) {
			b, i, n := look(why)
			if b != wantBusy || i != wantIdle || n != wantRecords {
				t.Errorf("%s: busy ended %v, idle ended %v, %d records", step, b, i, n)
			}
		}
		want("room", nil, false, false, 0)
		want("full", why, true, true, 1)
		want("still full", why, true, false, 0)
		want("room again", nil, false, false, 0)
		want("full again", why, true, false, 0)
		<-time.After(diskNotice)
		want("a minute later", why, true, true, 1)
	})
}

func TestRemoveTemp(t *testing.T) {
	dir := t.TempDir() + "/temp"
	outside := t.TempDir()
	file(t, outside+"/kept", 1)
	for i := range 600 {
		file(t, fmt.Sprint(dir, "/", i), 1)
		file(t, fmt.Sprint(dir, "/sub/", i%7, "/", i), 1)
	}
	// Names that it would give itself.
	file(t, dir+"/.lifted-1/a/b/c", 1)
	file(t, dir+"/.lifted-2/.lifted-3/.lifted-1/c", 1)
	if err := os.Symlink(outside, dir+"/link"); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(outside, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(outside, 0o700) }) // so that it can be removed
	for range 2 {                                      // the second time there is nothing
		if err := removeTemp(dir); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("it is there: %v", err)
		}
	}
	info, err := os.Stat(outside)
	if err != nil || info.Mode().Perm() != 0o500 {
		t.Errorf("outside: %v, %v", info.Mode(), err)
	}
	if _, err := os.Stat(outside + "/kept"); err != nil {
		t.Error(err)
	}
	if err := errors.Join(os.Symlink(outside, dir), removeTemp(dir)); err != nil {
		t.Errorf("a link in its place: %v", err)
	}
	if _, err := os.Stat(outside + "/kept"); err != nil {
		t.Error(err)
	}
}

func TestRemoveTempEnds(t *testing.T) {
	dir := t.TempDir()
	for i := range 20 {
		file(t, fmt.Sprint(dir, "/sub/", i), 1)
	}
	r := remover{top: dir, left: 10}
	if err := r.run(); !errors.Is(err, errTooManyTemp) {
		t.Errorf("%v", err)
	}
	left, err := os.ReadDir(dir + "/sub")
	if err != nil || len(left) != 10 {
		t.Errorf("%d are left, %v", len(left), err)
	}
}

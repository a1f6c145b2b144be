package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/sallyport-dev/sallyport/apikey"
)

// keysPause is between two looks at the keys file: how long a revoked key
// still works.
const keysPause = 2 * time.Second

// keyWatch puts a changed keys file into force while the server runs.
type keyWatch struct {
	path   string
	store  *apikey.Store
	read   func() (*apikey.Set, error)
	logger *slog.Logger
	// last is the file as it was when it was last read; nil: it could not be
	// looked at.
	last fs.FileInfo
}

// start watches in the background until the function it returns is called.
func (k *keyWatch) start(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		ticker := time.NewTicker(keysPause)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				k.look(ctx)
			}
		}
	})
	return func() {
		cancel()
		running.Wait()
	}
}

// look reads the file again if it is another one than before. One that cannot
// be read changes nothing but the log: a slip of an editor must not lock
// everybody out.
func (k *keyWatch) look(ctx context.Context) {
	info, err := os.Stat(k.path)
	if err != nil {
		info = nil
	}
	if sameFile(k.last, info) {
		return
	}
	k.last = info
	set, readErr := k.read()
	if err = errors.Join(err, readErr); err != nil {
		k.logger.LogAttrs(ctx, slog.LevelError, "the changed keys file is not usable; the keys stay as they were",
			slog.String("file", k.path), slog.Any("error", err))
		return
	}
	k.store.Replace(set)
	names := usable(k.store)
	level := slog.LevelInfo
	if len(names) == 0 {
		level = slog.LevelWarn
	}
	k.logger.LogAttrs(ctx, level, "keys read again", slog.String("file", k.path), slog.Any("usable", names))
}

func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size() && a.Mode() == b.Mode()
}

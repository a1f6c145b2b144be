package apikey

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"
)

// The interval of a [Watcher]: the default and the bounds.
const (
	defaultInterval = 2 * time.Second
	minInterval     = 100 * time.Millisecond
	maxInterval     = time.Hour
)

// WatchConfig configures a [Watcher].
type WatchConfig struct {
	// Path is the keys file; see [ParseFile] for what is accepted. Required.
	Path string
	// Store is where the keys are put into force. Required.
	Store *Store
	// Extra keys are in force beside those of the file, as one from the
	// environment. Their names, ids and hashes must not be in the file.
	Extra []Key
	// Interval is between two looks at the file, from 100ms to 1h: how long a
	// revoked key still works. Zero means 2s.
	Interval time.Duration
	// Logger is told of every change and of every file that cannot be used; nil
	// is slog.Default().
	Logger *slog.Logger
	// OnChange is called with each set after it was put into force, but for the
	// first; nil does nothing. It is called by one goroutine at a time, and must
	// not call Reload or Close.
	OnChange func(*Set)
	// Now is the clock by which the log says which keys are usable; nil is
	// time.Now.
	Now func() time.Time
}

// Watcher puts a changed keys file into force while a server runs. A file that
// cannot be used changes nothing but the log: a slip of an editor must not
// lock everybody out. It follows that a key stays in force until its revocation
// can be read. Close ends it.
type Watcher struct {
	config WatchConfig
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu     sync.Mutex // held while the file is read
	closed bool
	// last is the file as it was when it was last read; nil: it could not be
	// looked at.
	last fs.FileInfo
	// failure is why the file could not be used when it was last read; empty if
	// it could.
	failure string
}

// NewWatcher reads the file, puts its keys and the extra ones into force, and
// watches the file from then on in a goroutine of its own. It returns every
// mistake in the configuration, or why the file cannot be used. A set without a
// key is no error here: [New] refuses to start with one.
func NewWatcher(c WatchConfig) (*Watcher, error) {
	if c.Interval == 0 {
		c.Interval = defaultInterval
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Extra = cloneKeys(c.Extra)
	if err := c.validate(); err != nil {
		return nil, err
	}
	w := &Watcher{config: c}
	// Looked at before it is read: a change in between is seen at the next look.
	w.last = look(c.Path)
	set, err := w.read()
	if err != nil {
		return nil, err
	}
	c.Store.Replace(set)
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	w.done.Go(func() { w.watch(ctx) })
	return w, nil
}

func (c *WatchConfig) validate() error {
	var errs []error
	if c.Path == "" {
		errs = append(errs, errors.New("apikey: WatchConfig.Path is empty; name the keys file"))
	}
	if c.Store == nil {
		errs = append(errs, errors.New("apikey: WatchConfig.Store is nil; give it the store of the Authenticator"))
	}
	if c.Interval < minInterval || c.Interval > maxInterval {
		errs = append(errs, fmt.Errorf("apikey: WatchConfig.Interval: %v is not between %v and %v; leave it 0 for %v",
			c.Interval, minInterval, maxInterval, defaultInterval))
	}
	if _, err := NewSet(c.Extra...); err != nil {
		errs = append(errs, fmt.Errorf("apikey: WatchConfig.Extra: %w", err))
	}
	return errors.Join(errs...)
}

// watch looks at the file until ctx ends.
func (w *Watcher) watch(ctx context.Context) {
	ticker := time.NewTicker(w.config.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			w.tick(ctx)
		}
	}
}

// tick reads the file again if it is another one than before, or if it could
// not be used before: what kept it from being read may have gone.
func (w *Watcher) tick(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	changed, before := !same(w.last, look(w.config.Path)), w.failure
	if !changed && before == "" {
		return
	}
	if err := w.reload(ctx); err != nil && (changed || err.Error() != before) {
		w.complain(ctx, err)
	}
}

// Reload reads the file at once, changed or not, as a server does on SIGHUP. An
// error has been logged, and has changed nothing.
func (w *Watcher) Reload(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return errors.New("apikey: Reload of a Watcher that was closed")
	}
	err := w.reload(ctx)
	if err != nil {
		w.complain(ctx, err)
	}
	return err
}

// Close stops watching and waits for a read that is under way. The keys stay
// in force. It can be called more than once.
func (w *Watcher) Close() error {
	w.cancel()
	w.done.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	return nil
}

func (w *Watcher) reload(ctx context.Context) error {
	w.last = look(w.config.Path)
	set, err := w.read()
	if err == nil && w.last != nil && w.last.Size() == 0 {
		// So a file looks between an editor's two steps of saving it, and on a
		// full disk. Whoever means it can say it.
		err = fmt.Errorf("apikey: %s is empty; to let nobody in, disable the keys, or leave the line version: 1", w.config.Path)
	}
	if err != nil {
		w.failure = err.Error()
		return err
	}
	w.failure = ""
	w.config.Store.Replace(set)
	names := usable(set, w.config.Now())
	level := slog.LevelInfo
	if len(names) == 0 {
		level = slog.LevelWarn
	}
	w.config.Logger.LogAttrs(ctx, level, "keys read again", slog.String("file", w.config.Path), slog.Any("usable", names))
	if w.config.OnChange != nil {
		w.config.OnChange(set)
	}
	return nil
}

func (w *Watcher) complain(ctx context.Context, err error) {
	w.config.Logger.LogAttrs(ctx, slog.LevelError, "the changed keys file is not usable; the keys stay as they were",
		slog.String("file", w.config.Path), slog.Any("error", err))
}

func (w *Watcher) read() (*Set, error) {
	set, err := ParseFile(w.config.Path)
	if err != nil || len(w.config.Extra) == 0 {
		return set, err
	}
	if set, err = NewSet(append(set.Keys(), w.config.Extra...)...); err != nil {
		return nil, fmt.Errorf("%s, with the keys that are not from it: %w", w.config.Path, err)
	}
	return set, nil
}

// usable names the keys that let somebody in.
func usable(s *Set, now time.Time) []string {
	names := []string{}
	for i := range s.keys {
		if s.keys[i].Usable(now) {
			names = append(names, s.keys[i].Name)
		}
	}
	return names
}

// look is nil where there is nothing to be seen.
func look(path string) fs.FileInfo {
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	return info
}

func same(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size() && a.Mode() == b.Mode()
}

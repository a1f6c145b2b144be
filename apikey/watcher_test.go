package apikey

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// watched is a keys file with a watcher, in a bubble whose clock runs as the
// test waits.
type watched struct {
	*Watcher
	path  string
	store *Store
	log   *lines
	sets  []*Set // as OnChange got them
}

// lines is a log without times.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// take returns what was logged since it was last called.
func (l *lines) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.text.String()
	l.text.Reset()
	return text
}

func (l *lines) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "file" {
			return slog.Attr{}
		}
		return a
	}}))
}

func watchFile(t *testing.T, extra []Key, keys ...Key) *watched {
	t.Helper()
	f := &watched{path: filepath.Join(t.TempDir(), "keys.yaml"), store: new(Store), log: new(lines)}
	check(t, WriteFile(f.path, newSet(t, keys...)))
	var err error
	f.Watcher, err = NewWatcher(WatchConfig{
		Path: f.path, Store: f.store, Extra: extra, Logger: f.log.logger(), Now: clock,
		OnChange: func(s *Set) { f.sets = append(f.sets, s) },
	})
	check(t, err)
	t.Cleanup(func() { check(t, f.Close()) })
	return f
}

// tick waits for the next look at the file, and until it has been done.
func (*watched) tick() {
	<-time.After(2 * time.Second)
	synctest.Wait()
}

func (f *watched) want(t *testing.T, logged string, names ...string) {
	t.Helper()
	var got []string
	for _, k := range f.store.Set().Keys() {
		got = append(got, k.Name)
	}
	if !slices.Equal(got, names) {
		t.Errorf("in force are %v, want %v", got, names)
	}
	if text := f.log.take(); !strings.HasPrefix(text, logged) || logged == "" && text != "" || strings.Count(text, "\n") > 1 {
		t.Errorf("logged: %s\nwant: %s", text, logged)
	}
}

const (
	again    = `level=INFO msg="keys read again" usable=`
	unusable = `level=ERROR msg="the changed keys file is not usable; the keys stay as they were" error=`
)

func TestWatcher(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, _ := generate(t, "a", time.Time{}, Query)
		b, _ := generate(t, "b", time.Time{}, Query)
		f := watchFile(t, nil, a)
		f.want(t, "", "a")
		f.tick()
		f.want(t, "", "a")

		check(t, WriteFile(f.path, newSet(t, a, b)))
		f.want(t, "", "a")
		f.tick()
		f.want(t, again+`"[a b]"`, "a", "b")

		a.Disabled = true
		check(t, WriteFile(f.path, newSet(t, a, b)))
		f.tick()
		f.want(t, again+"[b]", "a", "b")

		// Nobody is left: that is what the file asks for, but worth a warning.
		write(t, f.path, "version: 1\n", 0o600)
		f.tick()
		f.want(t, `level=WARN msg="keys read again" usable=[]`)

		if len(f.sets) != 3 || f.sets[2] != f.store.Set() {
			t.Errorf("OnChange was called with %d sets, want the 3", len(f.sets))
		}
	})
}

// A file that cannot be used changes nothing, says so once, and is tried again
// until it can be used, even if it then looks as it did before.
func TestWatcherWithBrokenFiles(t *testing.T) {
	t.Parallel()
	a, _ := generate(t, "a", time.Time{}, Query)
	for name, tt := range map[string]struct {
		harm func(t *testing.T, path string)
		want string
	}{
		"gone":        {func(t *testing.T, path string) { t.Helper(); check(t, os.Remove(path)) }, "no such file"},
		"not YAML":    {func(t *testing.T, path string) { t.Helper(); write(t, path, "keys: [", 0o600) }, "keys.yaml: "},
		"emptied":     {func(t *testing.T, path string) { t.Helper(); write(t, path, "", 0o600) }, "is empty"},
		"open to all": {func(t *testing.T, path string) { t.Helper(); check(t, os.Chmod(path, 0o644)) }, "chmod 600"},
		"too large":   {func(t *testing.T, path string) { t.Helper(); write(t, path, strings.Repeat("#", maxFile+1), 0o600) }, "larger than"},
		"a folder": {func(t *testing.T, path string) {
			t.Helper()
			check(t, os.Remove(path))
			check(t, os.Mkdir(path, 0o700))
		}, "not a regular file"},
		"an extra name": {func(t *testing.T, path string) { t.Helper(); renamed(t, path, a, "environment") }, "two keys named"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				extra, err := FromPlaintext("environment", freeSecret, []Scope{Query})
				check(t, err)
				f := watchFile(t, []Key{extra}, a)
				before := f.store.Set()
				tt.harm(t, f.path)
				f.tick()
				if text := f.log.take(); !strings.HasPrefix(text, unusable) || !strings.Contains(text, tt.want) || strings.Count(text, "\n") != 1 {
					t.Errorf("logged: %s", text)
				}
				f.tick()
				f.tick()
				f.want(t, "", "a", "environment")
				if f.store.Set() != before {
					t.Error("the set was replaced")
				}
				if err := f.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("Reload: %v", err)
				}
				if text := f.log.take(); !strings.HasPrefix(text, unusable) {
					t.Errorf("Reload logged: %s", text)
				}
				check(t, os.RemoveAll(f.path))
				check(t, WriteFile(f.path, newSet(t, a)))
				f.tick()
				f.want(t, again+`"[a environment]"`, "a", "environment")
			})
		})
	}
}

func renamed(t *testing.T, path string, k Key, name string) {
	t.Helper()
	k.Name = name
	check(t, WriteFile(path, newSet(t, k)))
}

// What kept a file from being read may go without a trace on the file itself.
func TestWatcherTriesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, _ := generate(t, "a", time.Time{}, Query)
		f := watchFile(t, nil, a)
		f.mu.Lock()
		f.failure = "too many open files"
		f.mu.Unlock()
		f.tick()
		f.want(t, again+"[a]", "a")
		f.tick()
		f.want(t, "", "a")
	})
}

// Another mistake, or the same in another file, is worth another line.
func TestWatcherComplainsAboutEachFile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, _ := generate(t, "a", time.Time{}, Query)
		f := watchFile(t, nil, a)
		for _, content := range []string{"keys: [", "keys: [ ", "version: 2"} {
			write(t, f.path, content, 0o600)
			f.tick()
			f.want(t, unusable, "a")
		}
	})
}

func TestReload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, _ := generate(t, "a", time.Time{}, Query)
		b, _ := generate(t, "b", time.Time{}, Query)
		f := watchFile(t, nil, a)
		check(t, f.Reload(t.Context())) // also if nothing changed
		f.want(t, again+"[a]", "a")
		check(t, WriteFile(f.path, newSet(t, b)))
		check(t, f.Reload(t.Context()))
		f.want(t, again+"[b]", "b")
		f.tick()
		f.want(t, "", "b") // it has been seen

		check(t, f.Close())
		check(t, f.Close())
		check(t, WriteFile(f.path, newSet(t, a)))
		f.tick()
		if err := f.Reload(t.Context()); err == nil {
			t.Error("Reload after Close")
		}
		f.want(t, "", "b")
	})
}

// What OnChange does is over when Close returns.
func TestCloseWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, _ := generate(t, "a", time.Time{}, Query)
		path := filepath.Join(t.TempDir(), "keys.yaml")
		check(t, WriteFile(path, newSet(t, a)))
		release := make(chan struct{})
		var changed, closed atomic.Bool
		w, err := NewWatcher(WatchConfig{
			Path: path, Store: new(Store), Logger: slog.New(slog.DiscardHandler),
			OnChange: func(*Set) { <-release; changed.Store(true) },
		})
		check(t, err)
		check(t, WriteFile(path, newSet(t)))
		<-time.After(3 * time.Second)
		go func() {
			closed.Store(w.Close() == nil)
		}()
		<-time.After(time.Second)
		if closed.Load() {
			t.Error("Close does not wait for OnChange")
		}
		close(release)
		synctest.Wait()
		if !changed.Load() || !closed.Load() {
			t.Errorf("changed %v, closed %v", changed.Load(), closed.Load())
		}
	})
}

func TestWatcherInterval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, _ := generate(t, "a", time.Time{}, Query)
		path := filepath.Join(t.TempDir(), "keys.yaml")
		check(t, WriteFile(path, newSet(t, a)))
		store := new(Store)
		w, err := NewWatcher(WatchConfig{Path: path, Store: store, Interval: time.Hour, Logger: slog.New(slog.DiscardHandler)})
		check(t, err)
		check(t, WriteFile(path, newSet(t)))
		<-time.After(time.Hour - 1)
		synctest.Wait()
		if store.Set().Len() != 1 {
			t.Error("read before the hour was over")
		}
		<-time.After(1)
		synctest.Wait()
		if store.Set().Len() != 0 {
			t.Error("not read after an hour")
		}
		check(t, w.Close())
	})
}

func TestExtraKeysAreCopied(t *testing.T) {
	t.Parallel()
	extra, err := FromPlaintext("environment", freeSecret, []Scope{Query})
	check(t, err)
	given := []Key{extra}
	f := watchFile(t, given)
	given[0].Name, given[0].Scopes[0] = "changed", Admin
	check(t, f.Reload(t.Context()))
	if k, ok := f.store.Set().Get("environment"); !ok || k.Scopes[0] != Query {
		t.Errorf("got %+v", k)
	}
}

func TestNewWatcherReportsEveryMistake(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		config WatchConfig
		want   []string
	}{
		{WatchConfig{}, []string{"Path", "Store"}},
		{WatchConfig{Path: "x", Store: new(Store), Interval: -1}, []string{"Interval: -1ns"}},
		{WatchConfig{Path: "x", Store: new(Store), Interval: 100*time.Millisecond - 1}, []string{"Interval"}},
		{WatchConfig{Path: "x", Store: new(Store), Interval: time.Hour + 1}, []string{"Interval"}},
		{WatchConfig{Extra: []Key{{Name: "bad"}}}, []string{"Path", "Store", `Extra: apikey: key "bad"`}},
	} {
		w, err := NewWatcher(tt.config)
		if err == nil || w != nil {
			t.Errorf("%+v is accepted", tt.config)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the error does not say %q:\n%v", want, err)
			}
		}
	}
	store := new(Store)
	if _, err := NewWatcher(WatchConfig{Path: filepath.Join(t.TempDir(), "none"), Store: store}); !errors.Is(err, fs.ErrNotExist) || store.Set() != nil {
		t.Errorf("no file: %v, %v", err, store.Set())
	}
}

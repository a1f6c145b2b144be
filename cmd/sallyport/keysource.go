package main

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/sallyport-dev/sallyport/apikey"
	"github.com/sallyport-dev/sallyport/internal/config"
)

// keyVariable holds a key that lets callers in beside those of a keys file.
const keyVariable = "SALLYPORT_API_KEY"

// keysPause is between two looks at the keys file: how long a revoked key
// still works.
const keysPause = 2 * time.Second

// loadKeys makes the store of the keys in force; nil where the endpoint is
// public or takes tokens.
func loadKeys(w *world, cfg config.Config) (*apikey.Store, error) {
	if cfg.Access.Public || cfg.Access.Bearer.Enabled() {
		return nil, nil
	}
	set, err := gatherKeys(w, cfg.Access.Keys)
	if err != nil {
		return nil, err
	}
	return apikey.NewStore(set), nil
}

// gatherKeys reads the keys of the file, where there is one, and of the
// environment.
func gatherKeys(w *world, file string) (*apikey.Set, error) {
	var keys []apikey.Key
	if file != "" {
		set, err := readKeys(file)
		if err != nil {
			return nil, err
		}
		keys = set.Keys()
	}
	extra, err := environmentKeys(w)
	if err != nil {
		return nil, err
	}
	return apikey.NewSet(append(keys, extra...)...)
}

// environmentKeys is the key of the environment, or none.
func environmentKeys(w *world) ([]apikey.Key, error) {
	plaintext, ok := w.getenv(keyVariable)
	if !ok {
		return nil, nil
	}
	key, err := apikey.FromPlaintext("environment", plaintext, []apikey.Scope{apikey.Query})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", keyVariable, err)
	}
	return []apikey.Key{key}, nil
}

// watchKeys watches the keys file for changes from now on.
func watchKeys(w *world, cfg config.Config, store *apikey.Store, logger *slog.Logger) (*apikey.Watcher, error) {
	extra, err := environmentKeys(w)
	if err != nil {
		return nil, err
	}
	return apikey.NewWatcher(apikey.WatchConfig{
		Path: cfg.Access.Keys, Store: store, Extra: extra, Interval: keysPause, Logger: logger,
	})
}

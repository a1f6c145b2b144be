package main

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/sallyport-dev/sallyport/apikey"
	"github.com/sallyport-dev/sallyport/internal/config"
)

// keyVariable holds a key that lets callers in beside those of a keys file.
const keyVariable = "SALLYPORT_API_KEY"

// loadKeys makes the store of the keys in force; nil where the endpoint is
// public.
func loadKeys(w *world, cfg config.Config) (*apikey.Store, error) {
	if cfg.Access.Public {
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
	if plaintext, ok := w.getenv(keyVariable); ok {
		key, err := apikey.FromPlaintext("environment", plaintext, []apikey.Scope{apikey.Query})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", keyVariable, err)
		}
		keys = append(keys, key)
	}
	return apikey.NewSet(keys...)
}

// watchKeys watches the keys file for changes from now on.
func watchKeys(w *world, cfg config.Config, store *apikey.Store, logger *slog.Logger) (*keyWatch, error) {
	info, err := os.Stat(cfg.Access.Keys)
	if err != nil {
		return nil, err
	}
	// Read once more, after the look: a change in between would go unseen.
	set, err := gatherKeys(w, cfg.Access.Keys)
	if err != nil {
		return nil, err
	}
	store.Replace(set)
	return &keyWatch{
		path: cfg.Access.Keys, store: store, logger: logger, last: info,
		read: func() (*apikey.Set, error) { return gatherKeys(w, cfg.Access.Keys) },
	}, nil
}

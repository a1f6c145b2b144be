package duckdblib

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	native "github.com/duckdb/duckdb-go-bindings"
)

// Database is one open database.
type Database struct{ handle native.Database }

// Open opens the database file at path ("" is a private in-memory database)
// with DuckDB's own configuration settings.
func Open(path string, settings map[string]string) (*Database, error) {
	var config native.Config
	if native.CreateConfig(&config) != native.StateSuccess {
		return nil, errors.New("duckdb: cannot create a configuration")
	}
	defer native.DestroyConfig(&config)
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if native.SetConfig(config, name, settings[name]) != native.StateSuccess {
			return nil, fmt.Errorf("duckdb: setting %s=%q is not accepted", name, settings[name])
		}
	}
	db := &Database{}
	var problem string
	if native.OpenExt(path, &db.handle, config, &problem) != native.StateSuccess {
		return nil, fmt.Errorf("duckdb: open: %s", problem)
	}
	return db, nil
}

// Close closes the database. Its connections must be closed before.
func (db *Database) Close() { native.Close(&db.handle) }

// Version is the version of the linked library, such as "v1.5.6".
func Version() string { return native.LibraryVersion() }

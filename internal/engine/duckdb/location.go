package duckdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// layout is what a location holds.
type layout struct {
	database string // a .duckdb file
	parquet  []view
	csv      []view
}

// maxFiles bounds a folder: every file is a table, and a descriptor.
const maxFiles = 1000

// examine finds out what a location is. Symbolic links are followed once, for
// the location itself; inside a folder only regular files count.
func examine(location string) (layout, error) {
	path, err := filepath.Abs(location)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return layout{}, fmt.Errorf("duckdb: %s: %w", location, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return layout{}, fmt.Errorf("duckdb: %s: %w", location, err)
	}
	switch {
	case info.IsDir():
		return examineFolder(path)
	case !info.Mode().IsRegular():
		return layout{}, fmt.Errorf("duckdb: %s is neither a file nor a folder", location)
	}
	var l layout
	if !l.add(path) {
		return layout{}, fmt.Errorf("duckdb: %s: only .duckdb, .parquet and .csv files can be served", location)
	}
	return l, nil
}

func examineFolder(path string) (layout, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return layout{}, err
	}
	var l layout
	for _, e := range entries {
		file := filepath.Join(path, e.Name())
		if e.Type().IsRegular() && !isDatabase(file) {
			l.add(file)
		}
	}
	tables := slices.Concat(l.parquet, l.csv)
	if len(tables) == 0 {
		return layout{}, fmt.Errorf("duckdb: %s: the folder has no .parquet or .csv file", path)
	}
	if len(tables) > maxFiles {
		return layout{}, fmt.Errorf("duckdb: %s: more than %d files", path, maxFiles)
	}
	var problems []error
	seen := map[string]string{}
	for _, v := range tables {
		if other, twice := seen[strings.ToLower(v.Name)]; twice {
			problems = append(problems, fmt.Errorf("duckdb: %s and %s would both be table %q; rename one", other, v.Path, v.Name))
		}
		seen[strings.ToLower(v.Name)] = v.Path
	}
	return l, errors.Join(problems...)
}

func isDatabase(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".duckdb", ".db", ".ddb":
		return true
	default:
		return false
	}
}

// add puts a file where it belongs; false for one of no known kind.
func (l *layout) add(path string) bool {
	v := view{Name: tableName(path), Path: path}
	switch lower := strings.ToLower(path); {
	case isDatabase(path):
		l.database = path
	case strings.HasSuffix(lower, ".parquet"):
		l.parquet = append(l.parquet, v)
	case strings.HasSuffix(lower, ".csv"), strings.HasSuffix(lower, ".csv.gz"):
		l.csv = append(l.csv, v)
	default:
		return false
	}
	return true
}

// tableName makes a file's name without its endings a table's: what is no
// letter, digit or underscore becomes an underscore, so that no name needs
// quotes or looks like a file to the guard.
func tableName(path string) string {
	name := filepath.Base(path)
	if i := strings.IndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_':
			return r
		default:
			return '_'
		}
	}, name)
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	return name
}

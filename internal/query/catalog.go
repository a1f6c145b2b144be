package query

import (
	"errors"
	"slices"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// SourceInfo describes a source to those who may query it.
type SourceInfo struct {
	Name   string
	Notes  string
	Limits engine.Limits
}

// ErrNoTable says that the source has no such table, or does not show it.
var ErrNoTable = errors.New("query: no such table")

// Sources lists the sources in the order of the configuration.
func (s *Service) Sources() []SourceInfo {
	list := make([]SourceInfo, len(s.sources))
	for i, src := range s.sources {
		list[i] = SourceInfo{Name: src.Name, Notes: src.Notes, Limits: src.Limits}
	}
	return list
}

// Tables lists the tables of a source that may be queried, without those
// columns that may not be read.
func (s *Service) Tables(name string) ([]engine.Table, error) {
	src, err := s.source(name)
	if err != nil {
		return nil, err
	}
	var list []engine.Table
	for _, t := range src.Engine.Catalog().Tables {
		if src.Guard.AllowsTable(t.Name) {
			list = append(list, src.shown(t))
		}
	}
	return list, nil
}

// Table describes one table, by its name without regard to case.
func (s *Service) Table(name, table string) (engine.Table, error) {
	tables, err := s.Tables(name)
	if err != nil {
		return engine.Table{}, err
	}
	for _, t := range tables {
		if sqlguard.SameName(t.Name, table) {
			return t, nil
		}
	}
	return engine.Table{}, ErrNoTable
}

func (s *source) shown(t engine.Table) engine.Table {
	t.Columns = slices.DeleteFunc(slices.Clone(t.Columns), func(c engine.Column) bool {
		return s.Guard.HidesColumn(c.Name)
	})
	return t
}

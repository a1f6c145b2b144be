package duckdb

import (
	"container/list"
	"time"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
	"github.com/sallyport-dev/sallyport/internal/encode"
)

const (
	// maxStatements is how many prepared statements a worker keeps: parsing,
	// binding and planning take most of the time of a small query.
	maxStatements = 64
	// maxKeptSQL is the longest statement that is kept, in bytes.
	maxKeptSQL = 16 << 10
	// statementLife is how long one is kept: a Parquet file may be replaced by
	// another one, which only a new plan sees whole.
	statementLife = 10 * time.Second
)

// statements keeps prepared statements of one connection, those used last.
type statements struct {
	conn  *duckdblib.Conn
	byAge *list.List // of *statement, that used last in front
	bySQL map[string]*list.Element
}

// statement is a prepared statement with what is known of its result.
type statement struct {
	*duckdblib.Stmt
	sql      string
	prepared time.Time
	// used says that it has run before.
	used bool
	// result describes its columns; nil: not known, or different each time,
	// since the type of a parameter is that of its value.
	result *described
}

// described is a result's columns, with the encoder used last.
type described struct {
	columns   []*column
	announced []encode.Column
	encoder   encode.Encoder
	format    encode.Format
	options   encode.Options
}

func newStatements(conn *duckdblib.Conn) *statements {
	return &statements{conn: conn, byAge: list.New(), bySQL: map[string]*list.Element{}}
}

// take gives a statement ready to run, which the caller gives back or drops.
func (s *statements) take(sql string) (*statement, error) {
	if at, ok := s.bySQL[sql]; ok {
		known, _ := at.Value.(*statement) // the list holds nothing else
		s.forget(at)
		if time.Since(known.prepared) < statementLife {
			return known, nil
		}
		known.Close()
	}
	fresh, err := s.conn.Prepare(sql)
	if err != nil {
		return nil, err
	}
	return &statement{Stmt: fresh, sql: sql, prepared: time.Now()}, nil
}

// give keeps a statement for the next time.
func (s *statements) give(st *statement) {
	if len(st.sql) > maxKeptSQL {
		st.Close()
		return
	}
	st.used = true
	s.bySQL[st.sql] = s.byAge.PushFront(st)
	if s.byAge.Len() > maxStatements {
		oldest := s.byAge.Back()
		last, _ := oldest.Value.(*statement)
		s.forget(oldest)
		last.Close()
	}
}

func (s *statements) forget(at *list.Element) {
	st, _ := s.byAge.Remove(at).(*statement)
	delete(s.bySQL, st.sql)
}

func (s *statements) close() {
	for at := s.byAge.Front(); at != nil; at = s.byAge.Front() {
		st, _ := at.Value.(*statement)
		s.forget(at)
		st.Close()
	}
}

package duckdb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// parserSettings shut the private instance off: it holds no data and may
// reach none, and what it parses is never executed in it.
var parserSettings = map[string]string{
	"access_mode":                  "READ_WRITE", // an in-memory database cannot be read-only
	"allow_community_extensions":   "false",
	"autoinstall_known_extensions": "false",
	"autoload_known_extensions":    "false",
	"enable_external_access":       "false",
	"lock_configuration":           "true",
	"max_expression_depth":         "1000",
	"memory_limit":                 "64MB",
	"threads":                      "1",
	"allow_persistent_secrets":     "false",
}

const serialize = `SELECT json_serialize_sql($1::VARCHAR)::VARCHAR`

// instance is one private DuckDB with the one statement it ever runs.
type instance struct {
	db    *duckdblib.Database
	conn  *duckdblib.Conn
	stmt  *duckdblib.Stmt
	json  fastjson.Parser
	names fieldNames
}

func openInstance() (*instance, error) {
	db, err := duckdblib.Open("", parserSettings)
	if err != nil {
		return nil, err
	}
	in := &instance{db: db, names: fieldNames{}}
	if in.conn, err = db.Connect(); err != nil {
		db.Close()
		return nil, err
	}
	if in.stmt, err = in.conn.Prepare(serialize); err != nil {
		in.conn.Close()
		db.Close()
		return nil, err
	}
	return in, nil
}

func (in *instance) close() {
	in.stmt.Close()
	in.conn.Close()
	in.db.Close()
}

// serialize asks DuckDB for the statement's tree as JSON.
func (in *instance) serialize(sql string) (string, error) {
	if err := in.stmt.BindText(1, sql); err != nil {
		return "", err
	}
	result, err := in.stmt.Run()
	if err != nil {
		return "", err
	}
	defer result.Close()
	chunk, err := result.Next()
	if err != nil {
		return "", err
	}
	if chunk == nil {
		return "", errors.New("duckdb: the parser answered nothing")
	}
	defer chunk.Close()
	text := chunk.Vector(0).Texts(1)[0].Bytes()
	if failed(text) {
		return "", fmt.Errorf("%w: %.200s", dialect.ErrSyntax, text)
	}
	if len(text) > maxTree {
		return "", fmt.Errorf("%w: its tree takes %d bytes", dialect.ErrTooDeep, len(text))
	}
	return string(text), nil
}

// failed reports whether the answer tells of a failure of DuckDB's own rather
// than of the statement's. The type stands before anything of the statement.
func failed(answer []byte) bool {
	return bytes.HasPrefix(answer, []byte(`{"error":true,"error_type":"internal"`)) ||
		bytes.HasPrefix(answer, []byte(`{"error":true,"error_type":"fatal"`)) ||
		bytes.HasPrefix(answer, []byte(`{"error":true,"error_type":"out of memory"`))
}

const (
	// maxTree bounds the serialised tree in bytes. The largest that the text
	// layers let through are half as long; what is above this is a statement
	// that DuckDB's parser writes out to more than anybody wrote.
	maxTree = 2 << 20
	// keptTree is the longest tree whose memory the JSON parser keeps for the
	// next one: it is some ten times as large.
	keptTree = 128 << 10
)

// parser hands out instances, each to one caller at a time.
type parser struct {
	free chan *instance
	size int
}

func openParser() (*parser, error) {
	size := max(2, min(runtime.GOMAXPROCS(0), 8))
	p := &parser{free: make(chan *instance, size), size: size}
	for range size {
		in, err := openInstance()
		if err != nil {
			p.free <- nil // for close, which waits for every place
			return nil, errors.Join(fmt.Errorf("duckdb: the guard's parser does not start: %w", err), p.close())
		}
		p.free <- in
	}
	return p, nil
}

func (p *parser) close() error {
	for range len(p.free) {
		if in := <-p.free; in != nil {
			in.close()
		}
	}
	return nil
}

// maxDepth is the deepest JSON that fastjson reads.
const maxDepth = fastjson.MaxDepth

func (p *parser) parse(ctx context.Context, sql string) (*tree.Statement, error) {
	in, err := p.take(ctx)
	if err != nil {
		return nil, err
	}
	text, err := in.serialize(sql)
	if err != nil && !errors.Is(err, dialect.ErrTooDeep) {
		return nil, p.replace(in, err)
	}
	defer func() { p.free <- in }()
	if err != nil {
		return nil, err
	}
	return in.read(text)
}

// take waits for an instance that nobody uses.
func (p *parser) take(ctx context.Context) (*instance, error) {
	var in *instance
	select {
	case in = <-p.free:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	err := ctx.Err() // both may have been ready
	if err == nil && in == nil {
		in, err = openInstance() // an earlier failure left the place empty
	}
	if err != nil {
		p.free <- in
		return nil, err
	}
	return in, nil
}

// replace ends an instance whose failure is no answer and may have left it
// broken; its place is filled when it is next needed.
func (p *parser) replace(in *instance, err error) error {
	in.close()
	p.free <- nil
	if isExhausted(err) {
		return fmt.Errorf("%w: its tree does not fit into memory: %w", dialect.ErrTooDeep, err)
	}
	return err
}

// isExhausted reports whether memory was the reason. Where DuckDB does not
// count it, the message alone says so.
func isExhausted(err error) bool {
	var native *duckdblib.Error
	if errors.As(err, &native) && native.Kind == duckdblib.ErrorOutOfMemory {
		return true
	}
	return strings.Contains(err.Error(), "Allocation failure") || strings.Contains(err.Error(), `"error_type":"out of memory"`)
}

// read lowers a serialised tree.
func (in *instance) read(text string) (*tree.Statement, error) {
	if nesting(text) > maxDepth {
		return nil, dialect.ErrTooDeep
	}
	if len(text) > keptTree {
		defer func() { in.json = fastjson.Parser{} }()
	}
	document, err := in.json.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%w: unreadable serialisation: %w", dialect.ErrSyntax, err)
	}
	if document.GetBool("error") {
		if strings.HasPrefix(string(document.GetStringBytes("error_message")), "Only SELECT statements") {
			return nil, dialect.ErrNotQuery
		}
		return nil, fmt.Errorf("%w: %s", dialect.ErrSyntax, document.GetStringBytes("error_message"))
	}
	return lower(document, in.names)
}

// nesting is the depth of a JSON text.
func nesting(text string) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

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
// reach none, and what it parses is never executed in it. Its evaluator locks
// them.
var parserSettings = map[string]string{
	"access_mode":                  "READ_WRITE", // an in-memory database cannot be read-only
	"allow_community_extensions":   "false",
	"autoinstall_known_extensions": "false",
	"autoload_known_extensions":    "false",
	"enable_external_access":       "false",
	"max_expression_depth":         "1000",
	"memory_limit":                 "64MB",
	"threads":                      "1",
	"allow_persistent_secrets":     "false",
}

// serialize is what DuckDB makes of a statement's text: its tree as JSON.
const serialize = `json_serialize_sql(input)::VARCHAR`

// instance is one private DuckDB with the one query it ever runs.
type instance struct {
	db    *duckdblib.Database
	conn  *duckdblib.Conn
	trees *duckdblib.Evaluator
	json  fastjson.Parser
	large bool // the last tree was
}

func openInstance() (*instance, error) {
	db, err := duckdblib.Open("", parserSettings)
	if err != nil {
		return nil, err
	}
	in := &instance{db: db}
	if in.conn, err = db.Connect(); err != nil {
		db.Close()
		return nil, err
	}
	if in.trees, err = in.conn.NewEvaluator(serialize, maxTree); err != nil {
		in.conn.Close()
		db.Close()
		return nil, err
	}
	return in, nil
}

func (in *instance) close() {
	in.trees.Close()
	in.conn.Close()
	in.db.Close()
}

// serialize asks DuckDB for the statement's tree as JSON, which is valid until
// the next call.
func (in *instance) serialize(sql string) ([]byte, error) {
	text, length, err := in.trees.Eval(sql)
	in.large = length > keptTree
	switch {
	case err != nil:
		return nil, err
	case failed(text):
		return nil, fmt.Errorf("%w: %.200s", dialect.ErrSyntax, text)
	case length > maxTree:
		return nil, fmt.Errorf("%w: its tree takes %d bytes", dialect.ErrTooDeep, length)
	default:
		return text, nil
	}
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
	// keptTree is the longest tree whose memory DuckDB and the JSON parser keep
	// for the next one: it is some ten times as large.
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
	defer p.giveBack(in)
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

// giveBack lets others have the instance, without the memory of a large tree.
func (p *parser) giveBack(in *instance) {
	if in.large && in.trees.Reset() != nil {
		in.close()
		in = nil
	}
	p.free <- in
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
func (in *instance) read(text []byte) (*tree.Statement, error) {
	if len(text) > keptTree {
		defer func() { in.json = fastjson.Parser{} }()
	}
	document, err := in.json.ParseBytes(text)
	switch {
	case err == nil:
	case nesting(text) > maxDepth:
		return nil, dialect.ErrTooDeep
	default:
		return nil, fmt.Errorf("%w: unreadable serialisation: %w", dialect.ErrSyntax, err)
	}
	if document.GetBool("error") {
		if strings.HasPrefix(string(document.GetStringBytes("error_message")), "Only SELECT statements") {
			return nil, dialect.ErrNotQuery
		}
		return nil, fmt.Errorf("%w: %s", dialect.ErrSyntax, document.GetStringBytes("error_message"))
	}
	return lower(document)
}

// nesting is the depth of a JSON text.
func nesting(text []byte) int {
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

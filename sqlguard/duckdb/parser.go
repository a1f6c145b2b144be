package duckdb

import (
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
	"memory_limit":                 "256MB",
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
	return string(chunk.Vector(0).Texts(1)[0].Bytes()), nil
}

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
	var in *instance
	select {
	case in = <-p.free:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	text, err := "", error(nil)
	if in == nil { // an earlier failure left the place empty
		in, err = openInstance()
	}
	if err == nil {
		text, err = in.serialize(sql)
	}
	if err != nil {
		// A failure that is not an answer may have left the instance broken.
		if in != nil {
			in.close()
		}
		p.free <- nil
		var native *duckdblib.Error
		if errors.As(err, &native) && native.Kind == duckdblib.ErrorOutOfMemory {
			return nil, fmt.Errorf("%w: its tree does not fit into memory", dialect.ErrTooDeep)
		}
		return nil, err
	}
	defer func() { p.free <- in }()
	if nesting(text) > maxDepth {
		return nil, dialect.ErrTooDeep
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

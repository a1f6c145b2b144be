package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// conn is a connection. It has one user at a time.
type conn struct {
	pool       *pool
	pg         *pgconn.PgConn
	net        net.Conn
	front      *pgproto3.Frontend
	out        []byte // messages to send
	buffer     []byte // the encoded answer
	statements *statements
	holder     *statement    // whose rows may have taken much room
	timeout    time.Duration // the session's statement_timeout

	born   time.Time
	idle   time.Time // since when nobody uses it
	served bool      // it has answered a query
}

// The statements that every connection prepares when it is made.
const (
	nameBegin    = "sallyport_begin"
	nameEnd      = "sallyport_end"
	nameUnlock   = "sallyport_unlock"
	nameDeadline = "sallyport_deadline"
)

var prepared = []struct{ name, sql string }{
	{nameBegin, "BEGIN TRANSACTION READ ONLY"},
	{nameEnd, "ROLLBACK"},
	// Of what a SELECT can change, ROLLBACK undoes all but session-level locks.
	{nameUnlock, "SELECT pg_catalog.pg_advisory_unlock_all()"},
	{nameDeadline, "SELECT pg_catalog.set_config('statement_timeout', $1, true)"},
}

// dial connects and makes sure that the session has the settings asked for.
func (d *dialer) dial(ctx context.Context) (*conn, error) {
	config, err := d.address.config(d.settings())
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, d.address.timeout)
	defer cancel()
	pg, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	c := &conn{pg: pg, net: pg.Conn(), front: pg.Frontend(), statements: newStatements(), timeout: d.config.StatementTimeout, born: time.Now()}
	if err := c.prepare(ctx, d.config); err != nil {
		c.kill()
		return nil, err
	}
	return c, nil
}

// errSettings is a session that is not as it was asked to be.
var errSettings = errors.New("postgres: the session does not have the settings it was started with; " +
	"a pooler in transaction mode cannot be used, connect to the server itself")

// prepare prepares the statements that every query needs, and looks at the
// session's settings, in one round trip.
func (c *conn) prepare(ctx context.Context, config Config) error {
	p := c.pg.StartPipeline(ctx)
	for _, s := range prepared {
		p.SendPrepare(s.name, s.sql, nil)
	}
	p.SendQueryParams("SELECT pg_catalog.current_setting('default_transaction_read_only'), pg_catalog.current_setting('search_path'),"+
		" setting FROM pg_catalog.pg_settings WHERE name = 'statement_timeout'", nil, nil, nil, nil)
	if err := p.Sync(); err != nil {
		return errors.Join(err, p.Close())
	}
	for range prepared {
		if _, err := p.GetResults(); err != nil {
			return errors.Join(err, p.Close())
		}
	}
	results, err := p.GetResults()
	if err != nil {
		return errors.Join(err, p.Close())
	}
	reader, ok := results.(*pgconn.ResultReader)
	if !ok {
		return errors.Join(errSettings, p.Close())
	}
	rows := reader.Read()
	if err := errors.Join(rows.Err, p.Close()); err != nil {
		return err
	}
	want := []string{"on", config.searchPath(), strconv.FormatInt(config.StatementTimeout.Milliseconds(), 10)}
	if len(rows.Rows) != 1 {
		return errSettings
	}
	for i, w := range want {
		if string(rows.Rows[0][i]) != w {
			return errSettings
		}
	}
	return nil
}

// texts runs a query of our own and gives its rows as text; NULL is empty.
func (c *conn) texts(ctx context.Context, sql string, params ...string) ([][]string, error) {
	values := make([][]byte, len(params))
	for i, p := range params {
		values[i] = []byte(p)
	}
	result := c.pg.ExecParams(ctx, sql, values, nil, nil, nil).Read()
	if result.Err != nil {
		return nil, fmt.Errorf("postgres: %w", result.Err)
	}
	list := make([][]string, len(result.Rows))
	for i, row := range result.Rows {
		for _, v := range row {
			list[i] = append(list[i], string(v))
		}
	}
	return list, nil
}

// close says goodbye.
func (c *conn) close() {
	// The server may be gone: then there is nobody to say it to.
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.pg.Close(ctx)
}

// kill closes the connection at once.
func (c *conn) kill() {
	_ = c.net.Close() // it may be closed already
	c.close()
}

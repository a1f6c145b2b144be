package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// minVersion is the oldest server: 14 brought client_connection_check_interval.
const minVersion = 140000

// first makes the first connection, and finds out which settings this server
// and this role take.
func (e *Engine) first(ctx context.Context) (*conn, error) {
	d := e.pool.dialer
	c, err := d.dial(ctx)
	var failure *pgconn.PgError
	if errors.As(err, &failure) && failure.Code == stateBadParameter && strings.Contains(failure.Message, "client_connection_check_interval") {
		// The server's system cannot tell whether a client is still there.
		d.missing = append(d.missing, "client_connection_check_interval")
		c, err = d.dial(ctx)
	}
	if err != nil {
		return nil, err
	}
	facts, err := c.texts(ctx, `SELECT pg_catalog.current_setting('server_version_num'), pg_catalog.current_setting('server_version'), s.setting
		FROM pg_catalog.pg_settings s WHERE s.name = 'temp_file_limit'`)
	if err == nil && len(facts) != 1 {
		err = errors.New("postgres: the server does not tell its version")
	}
	if err != nil {
		c.kill()
		return nil, err
	}
	version, err := strconv.Atoi(facts[0][0])
	if err != nil || version < minVersion {
		c.kill()
		return nil, fmt.Errorf("postgres: the server is PostgreSQL %s; 14 is the oldest that is supported", facts[0][1])
	}
	return e.limitTemp(ctx, c, version, facts[0][2])
}

// limitTemp sees to temp_file_limit, which only a superuser may set, and who
// was granted that (from PostgreSQL 15 on). c is replaced where it may.
func (e *Engine) limitTemp(ctx context.Context, c *conn, version int, now string) (*conn, error) {
	want := (e.config.TempFileLimit + 1023) >> 10
	if have, err := strconv.ParseInt(now, 10, 64); err == nil && have >= 0 && have <= want {
		return c, nil
	}
	if version >= 150000 {
		rows, err := c.texts(ctx, `SELECT pg_catalog.has_parameter_privilege('temp_file_limit', 'SET')`)
		if err != nil {
			c.kill()
			return nil, err
		}
		if rows[0][0] == "t" {
			c.close()
			d := e.pool.dialer
			d.extra = map[string]string{"temp_file_limit": strconv.FormatInt(want, 10)}
			if c, err = d.dial(ctx); err != nil {
				return nil, err
			}
			return c, nil
		}
	}
	e.warnings = append(e.warnings, fmt.Sprintf("temporary files have no limit of %d kB: ALTER ROLE %s SET temp_file_limit = '%dkB'",
		want, quoteName(e.pool.dialer.address.user), want))
	return c, nil
}

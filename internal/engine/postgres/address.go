package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// address is where the server is and who we are there, from the URL alone.
type address struct {
	host        string // a name, an address, or the directory of a Unix socket
	port        uint16
	user        string
	password    string
	database    string
	application string
	timeout     time.Duration // to connect
	tls         *tls.Config   // nil: none
	// lookup finds the addresses of host.
	lookup func(ctx context.Context, host string) ([]string, error)
}

// parseAddress reads the URL. Its errors never quote it, for the password.
func (c Config) parseAddress() (*address, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		// The parser's error quotes the URL.
		return nil, errors.New("postgres: URL: must be postgres://role:password@host:port/database, with %XX for what has a meaning in URLs")
	}
	var problems []error
	wrong := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("postgres: URL: "+format, args...))
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		wrong("its parameters cannot be read")
	}
	for _, name := range sortedKeys(query) {
		if !slices.Contains([]string{"sslmode", "sslrootcert", "sslcert", "sslkey", "host", "application_name", "connect_timeout"}, name) {
			wrong("the parameter %q is not supported", name)
		} else if len(query[name]) > 1 {
			wrong("the parameter %q is there twice", name)
		}
	}
	a := &address{host: u.Hostname(), port: 5432, database: strings.TrimPrefix(u.Path, "/"), application: query.Get("application_name"), timeout: 5 * time.Second}
	if u.User != nil {
		a.user = u.User.Username()
		a.password, _ = u.User.Password()
	}
	if a.user == "" {
		wrong("name the role: postgres://role@…")
	}
	if a.database == "" || strings.Contains(a.database, "/") {
		wrong("name one database: …/database")
	}
	if strings.ContainsRune(a.user+a.password+a.database+a.application, 0) {
		wrong("holds a NUL character")
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 {
			wrong("the port must be from 1 to 65535")
		} else {
			a.port = uint16(n)
		}
	}
	if s := query.Get("connect_timeout"); s != "" {
		if n, err := strconv.ParseUint(s, 10, 8); err != nil || n == 0 {
			wrong("connect_timeout must be from 1 to 255 seconds")
		} else {
			a.timeout = time.Duration(n) * time.Second
		}
	}
	if h := query.Get("host"); h != "" {
		if a.host != "" || !strings.HasPrefix(h, "/") {
			wrong("the parameter host is for the directory of a Unix socket, in place of a host")
		}
		a.host = h
	}
	if a.host == "" || strings.Contains(a.host, ",") {
		wrong("name one host")
	}
	problems = append(problems, a.secure(c, query))
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if a.host == "localhost" {
		// The name means this machine, whatever a name server says.
		a.lookup = func(context.Context, string) ([]string, error) { return []string{"127.0.0.1", "::1"}, nil }
	} else {
		a.lookup = new(net.Resolver).LookupHost
	}
	return a, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (a *address) socket() bool { return strings.HasPrefix(a.host, "/") }

// loopback reports whether the traffic cannot leave this machine.
func (a *address) loopback() bool {
	if a.socket() || a.host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(a.host)
	return err == nil && ip.IsLoopback()
}

// config is what pgconn needs. settings are the session's defaults.
func (a *address) config(settings map[string]string) (*pgconn.Config, error) {
	// pgconn makes a Config only by parsing, which completes what is missing
	// from PG* variables, ~/.pgpass and ~/.postgresql. Everything is therefore
	// there, and everything that parsing leaves behind is overwritten.
	config, err := pgconn.ParseConfig("host=localhost port=5432 user=x password=x dbname=x sslmode=disable sslcertmode=disable sslnegotiation=postgres " +
		"connect_timeout=5 target_session_attrs=any min_protocol_version=3.0 max_protocol_version=3.0 channel_binding=prefer require_auth='' " +
		"sslrootcert='' sslcert='' sslkey='' sslpassword='' sslsni=1 passfile='' options='' timezone=UTC")
	if err != nil {
		return nil, errors.New("postgres: a PGSERVICE in the environment cannot be ignored: unset it")
	}
	config.Host, config.Port, config.User, config.Password, config.Database = a.host, a.port, a.user, a.password, a.database
	config.TLSConfig, config.Fallbacks, config.SSLCertMode = a.tls, nil, "allow"
	config.ConnectTimeout = a.timeout
	// A dead machine is noticed on connections that wait for an answer or idle.
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}}
	config.DialFunc, config.LookupFunc = dialer.DialContext, a.lookup
	config.KerberosSrvName, config.KerberosSpn, config.ValidateConnect, config.OAuthTokenProvider = "", "", nil, nil
	config.RuntimeParams = settings
	if a.application != "" {
		config.RuntimeParams["application_name"] = a.application
	}
	return config, nil
}

package redisdial

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const (
	// DefaultTimeout is used where Options.Timeout is zero.
	DefaultTimeout = 100 * time.Millisecond
	// DefaultPoolSize is used where Options.PoolSize is zero.
	DefaultPoolSize = 16

	maxTimeout  = time.Minute
	maxPoolSize = 1000
	maxURL      = 4 << 10
	maxDatabase = 1 << 16
)

// Options says which Redis to use and how.
type Options struct {
	// URL names the server: redis://[user[:password]@]host[:port][/database]
	// (plain TCP), rediss://… (the same over TLS), or
	// unix://[user[:password]@]/path/to.sock[?db=database]. The port is 6379
	// if it is left out, the database 0. Required; it is kept out of errors.
	URL string
	// Timeout bounds each step: dialling, a read, a write, and the wait for a
	// free connection. The whole of a command is bounded by its context. Zero
	// is [DefaultTimeout]; at most a minute.
	Timeout time.Duration
	// DangerouslyPlaintext allows redis:// to other machines: the password and
	// all keys go over the network readable and changeable. False refuses it
	// for every host but localhost and loopback addresses.
	DangerouslyPlaintext bool
	// PoolSize is how many connections there are at most. Zero is
	// [DefaultPoolSize]; at most 1000.
	PoolSize int
}

// Open returns a client, or every mistake in the options. It does not connect.
func Open(o Options) (*redis.Client, error) {
	target, errs := parse(o.URL, o.DangerouslyPlaintext)
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Timeout < time.Millisecond || o.Timeout > maxTimeout {
		errs = append(errs, fmt.Errorf("redis: a timeout of %v is not between 1ms and %v", o.Timeout, maxTimeout))
	}
	if o.PoolSize == 0 {
		o.PoolSize = DefaultPoolSize
	}
	if o.PoolSize < 1 || o.PoolSize > maxPoolSize {
		errs = append(errs, fmt.Errorf("redis: a pool of %d connections is not between 1 and %d", o.PoolSize, maxPoolSize))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return open(target, o), nil
}

func open(target target, o Options) *redis.Client {
	client := redis.NewClient(&redis.Options{
		Network:  target.network,
		Addr:     target.address,
		Username: target.user,
		Password: target.password,
		DB:       target.database,
		Dialer:   target.dialer(o.Timeout),

		MaxRetries:            -1, // none
		DialerRetries:         1,
		DialTimeout:           o.Timeout,
		ReadTimeout:           o.Timeout,
		WriteTimeout:          o.Timeout,
		PoolTimeout:           o.Timeout,
		ContextTimeoutEnabled: true,
		PoolSize:              o.PoolSize,
		MaxActiveConns:        o.PoolSize,
		PipelinePoolSize:      -1, // pipelines use the same pool
		ConnMaxIdleTime:       5 * time.Minute,

		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	if target.password != "" {
		client.AddHook(censor{target.password})
	}
	return client
}

// target is what a URL says.
type target struct {
	network, address string
	user, password   string
	database         int
	tls              *tls.Config
}

var errUnreadable = errors.New("redis: the URL cannot be read; " +
	"write redis://, rediss:// or unix://, and percent-encode special characters of the password")

func parse(text string, plaintext bool) (target, []error) {
	switch {
	case text == "":
		return target{}, []error{errors.New("redis: the URL is empty")}
	case len(text) > maxURL:
		return target{}, []error{fmt.Errorf("redis: the URL has %d bytes; at most %d are allowed", len(text), maxURL)}
	}
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || u.Fragment != "" {
		return target{}, []error{errUnreadable} // what is wrong would quote the password
	}
	var t target
	if u.User != nil {
		t.user = u.User.Username()
		t.password, _ = u.User.Password()
	}
	var errs []error
	switch u.Scheme {
	case "redis":
		errs = t.tcp(u)
		if !plaintext && !loopback(u.Hostname()) {
			errs = append(errs, errors.New("redis: redis:// to another machine sends the password and all data in plain text; "+
				"use rediss://, or set DangerouslyPlaintext if the network is otherwise protected"))
		}
	case "rediss":
		errs = t.tcp(u)
		t.tls = &tls.Config{MinVersion: tls.VersionTLS12, ServerName: u.Hostname()}
	case "unix":
		errs = t.unix(u)
	default:
		errs = append(errs, errors.New("redis: the URL's scheme is not redis, rediss or unix"))
	}
	return t, errs
}

func (t *target) tcp(u *url.URL) (errs []error) {
	t.network = "tcp"
	port := u.Port()
	if port == "" {
		port = "6379"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		errs = append(errs, errors.New("redis: the URL's port is not between 1 and 65535"))
	}
	if u.Hostname() == "" {
		errs = append(errs, errors.New("redis: the URL names no host"))
	}
	t.address = net.JoinHostPort(u.Hostname(), port)
	if u.RawQuery != "" {
		errs = append(errs, errors.New("redis: the URL has options; none are read from there"))
	}
	return append(errs, t.number(strings.TrimPrefix(u.Path, "/"))...)
}

func (t *target) unix(u *url.URL) (errs []error) {
	t.network, t.address = "unix", u.Path
	if u.Host != "" || !strings.HasPrefix(u.Path, "/") {
		errs = append(errs, errors.New("redis: a unix URL has an absolute path: unix:///run/redis.sock"))
	}
	values, err := url.ParseQuery(u.RawQuery)
	database := values["db"]
	delete(values, "db")
	if err != nil || len(values) > 0 || len(database) > 1 {
		errs = append(errs, errors.New("redis: the URL has options; a unix URL may have db=, once, and no others are read"))
	} else if len(database) == 1 {
		errs = append(errs, t.number(database[0])...)
	}
	return errs
}

func (t *target) number(text string) []error {
	if text == "" {
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n >= maxDatabase {
		return []error{errors.New("redis: the URL's database is not a number (redis://host:6379/0)")}
	}
	t.database = int(n)
	return nil
}

// loopback says whether host is this machine by its name or number alone.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}

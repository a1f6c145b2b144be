package redisdial

import (
	"context"
	"crypto/tls"
	"net"
	"time"
)

// dialer returns the function that connects to t.
//
// It never fails: where nobody answers, the connection it returns does. The
// client library reacts to failed dials with lines on standard error and, after
// some, with a goroutine that goes on dialling and outlives Close by a second.
// To a connection that fails at its first use it reacts by returning the error.
func (t *target) dialer(timeout time.Duration) func(context.Context, string, string) (net.Conn, error) {
	config := t.tls
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		plain := &net.Dialer{Timeout: timeout}
		dial := plain.DialContext
		if config != nil {
			dial = (&tls.Dialer{NetDialer: plain, Config: config}).DialContext
		}
		conn, err := dial(ctx, network, address)
		if err != nil {
			return unconnected{err}, nil
		}
		return conn, nil
	}
}

// unconnected is the connection to a server that could not be reached.
type unconnected struct{ err error }

func (c unconnected) Read([]byte) (int, error)         { return 0, c.err }
func (c unconnected) Write([]byte) (int, error)        { return 0, c.err }
func (c unconnected) SetDeadline(time.Time) error      { return c.err }
func (c unconnected) SetReadDeadline(time.Time) error  { return c.err }
func (c unconnected) SetWriteDeadline(time.Time) error { return c.err }
func (unconnected) Close() error                       { return nil }
func (unconnected) LocalAddr() net.Addr                { return nowhere{} }
func (unconnected) RemoteAddr() net.Addr               { return nowhere{} }

type nowhere struct{}

func (nowhere) Network() string { return "none" }
func (nowhere) String() string  { return "not connected" }

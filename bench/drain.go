package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/internal/httpapi"
)

// streamTime bounds the wait for a whole stream.
const streamTime = time.Minute

// drained is an answer that was read and thrown away.
type drained struct {
	took  time.Duration // from the request to the last byte
	rows  int64         // as the server says at the end
	bytes int64
	// tail is the end of the body.
	tail []byte
}

// tailSize is enough for the end of the bare handler's document.
const tailSize = 64

// rowCount is where that document says how many rows it has.
var rowCount = regexp.MustCompile(`"row_count":([0-9]+)\}\s*$`)

// drain sends a request and throws the answer away as it comes. The answer must
// have status 200 and say at its end how many rows it had.
func (c *client) drain(request []byte) (d drained, err error) {
	start := time.Now()
	if err := c.conn.SetDeadline(start.Add(streamTime)); err != nil {
		return d, err
	}
	if _, err := c.conn.Write(request); err != nil {
		return d, err
	}
	c.head = http.Header{}
	status, length, err := c.readHead()
	said := c.head // what is complete before it is sent says so here
	c.head = nil
	if err != nil {
		return d, err
	}
	if status != "200" {
		c.body.Reset()
		_, _ = io.CopyN(&c.body, c.r, max(length, 0)) // as much of the reason as there is
		return d, fmt.Errorf("status %s: %.300s", status, c.body.Bytes())
	}
	if length >= 0 {
		err = d.discard(c, length)
	} else {
		said, err = d.discardChunks(c)
	}
	d.took = time.Since(start)
	if err != nil {
		return d, err
	}
	err = d.countRows(said)
	return d, err
}

// discard throws n bytes away and keeps the last of them.
func (d *drained) discard(c *client, n int64) error {
	keep := min(n, tailSize)
	for left := n - keep; left > 0; {
		const most = 1 << 30 // within every int
		gone, err := c.r.Discard(int(min(left, most)))
		if err != nil {
			return err
		}
		left -= int64(gone)
	}
	last, err := c.r.Peek(int(keep))
	if err != nil {
		return err
	}
	d.tail = append(d.tail[:0], last...)
	d.bytes += n
	_, err = c.r.Discard(int(keep))
	return err
}

// discardChunks does so chunk by chunk (RFC 9112, section 7.1), and returns the
// trailer.
func (d *drained) discardChunks(c *client) (http.Header, error) {
	for {
		line, err := c.line()
		if err != nil {
			return nil, err
		}
		size, _, _ := strings.Cut(line, ";")
		n, err := strconv.ParseInt(size, 16, 64)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("no length of a chunk: %.80q", line)
		}
		if n == 0 {
			return c.readTrailer()
		}
		if err := d.discard(c, n); err != nil {
			return nil, err
		}
		if _, err := c.line(); err != nil {
			return nil, err
		}
	}
}

func (c *client) readTrailer() (http.Header, error) {
	trailer := http.Header{}
	for {
		line, err := c.line()
		if err != nil || line == "" {
			return trailer, err
		}
		name, value, _ := strings.Cut(line, ":")
		trailer.Set(name, strings.TrimSpace(value))
	}
}

func (c *client) line() (string, error) {
	line, err := c.r.ReadSlice('\n')
	return string(bytes.TrimRight(line, "\r\n")), err
}

// countRows finds out whether an answer was whole, from what was said of it in
// its header or trailer, or else from its end.
func (d *drained) countRows(said http.Header) (err error) {
	if status := said.Get(httpapi.TrailerStatus); status != "" {
		if status != "complete" || said.Get(httpapi.TrailerTruncated) != "false" {
			return fmt.Errorf("a stream that is not whole: %v", said)
		}
		d.rows, err = strconv.ParseInt(said.Get(httpapi.TrailerRows), 10, 64)
		return err
	}
	found := rowCount.FindSubmatch(d.tail)
	if found == nil {
		return fmt.Errorf("an answer that does not say how many rows it has: …%q", d.tail)
	}
	d.rows, err = strconv.ParseInt(string(found[1]), 10, 64)
	return err
}

// sip reads at a steady rate for a while, then hangs up. It fails if the answer
// ends before.
func (c *client) sip(ctx context.Context, request []byte, perSecond int, limit time.Duration) error {
	const sips = 20 // a second
	if err := c.conn.SetDeadline(time.Now().Add(limit + answerTime)); err != nil {
		return err
	}
	if _, err := c.conn.Write(request); err != nil {
		return err
	}
	status, _, err := c.readHead()
	if err == nil && status != "200" {
		err = errors.New("status " + status)
	}
	ticker := time.NewTicker(time.Second / sips)
	defer ticker.Stop()
	for end := time.Now().Add(limit); err == nil && time.Now().Before(end); {
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-ticker.C:
			_, err = c.r.Discard(perSecond / sips)
		}
	}
	return errors.Join(err, c.conn.Close())
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"
	"time"
)

// answerTime bounds the wait for one answer.
const answerTime = 20 * time.Second

// client is one connection that stays open. It knows as much of HTTP/1.1 as
// the answers of the two servers need: net/http's client would take more of
// the processor than the smallest of the requests it sends.
type client struct {
	conn net.Conn
	r    *bufio.Reader
	body bytes.Buffer
	// head collects the header of the next answer unless it is nil: to keep it of
	// every answer would cost the load more than it costs the server.
	head http.Header
}

func dial(ctx context.Context, address string) (*client, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, r: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// ask sends a request and reads the whole answer, which must have status 200.
// Its body stays in c.body until the next one.
func (c *client) ask(request []byte) error {
	if err := c.conn.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return err
	}
	if _, err := c.conn.Write(request); err != nil {
		return err
	}
	status, length, err := c.readHead()
	if err != nil {
		return err
	}
	c.body.Reset()
	if length >= 0 {
		_, err = io.CopyN(&c.body, c.r, length)
	} else {
		err = c.readChunks()
	}
	if err != nil {
		return err
	}
	if status != "200" {
		return fmt.Errorf("status %s: %.300s", status, c.body.Bytes())
	}
	return nil
}

// readHead reads up to the body, whose length is -1 if it comes in chunks.
func (c *client) readHead() (status string, length int64, err error) {
	length = -2
	for first := true; ; first = false {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return "", 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch name, value, _ := bytes.Cut(line, []byte(":")); {
		case first:
			fields := bytes.Fields(line)
			if len(fields) < 2 {
				return "", 0, fmt.Errorf("no status line: %.80q", line)
			}
			status = string(fields[1])
		case len(line) == 0 && length == -2:
			return "", 0, errors.New("an answer that does not say how long it is")
		case len(line) == 0:
			return status, length, nil
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64); err != nil {
				return "", 0, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			length = -1
		case c.head != nil:
			c.head.Set(string(name), string(bytes.TrimSpace(value)))
		}
	}
}

func (c *client) readChunks() error {
	if _, err := c.body.ReadFrom(httputil.NewChunkedReader(c.r)); err != nil {
		return err
	}
	_, err := c.r.ReadSlice('\n') // the empty line after the last chunk
	return err
}

// checkAnswer says what is wrong with the answer to a load.
func (c *client) checkAnswer(l load) error {
	var answer struct {
		Rows     [][]any `json:"rows"`
		RowCount int     `json:"row_count"`
	}
	if err := json.Unmarshal(c.body.Bytes(), &answer); err != nil {
		return fmt.Errorf("%s: %w: %.300s", l.name, err, c.body.Bytes())
	}
	if len(answer.Rows) != l.rows || answer.RowCount != l.rows {
		return fmt.Errorf("%s: %d rows, said to be %d, where %d were asked for", l.name, len(answer.Rows), answer.RowCount, l.rows)
	}
	return nil
}

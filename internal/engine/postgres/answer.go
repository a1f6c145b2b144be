package postgres

import (
	"errors"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

const (
	// flushAt is how many encoded bytes are worth a write.
	flushAt = 32 << 10
	// streamBuffer is the largest buffer that is kept from one write to the
	// next: two batches of Arrow.
	streamBuffer = 2 << 20
	// idleBuffer is the largest that an idle connection keeps.
	idleBuffer = 128 << 10
	// idleRows is how much a statement that is not the connection's last one
	// keeps of the room for its rows. There are maxStatements of them.
	idleRows = 16 << 10
)

// begin begins the answer.
func (v *conversation) begin() {
	v.conn.hold(v.stmt)
	var err error
	if v.encoder, err = v.stmt.begin(v.work.encoding()); err != nil {
		v.stop(err)
		return
	}
	v.conn.buffer = v.encoder.Begin(v.conn.buffer)
}

func (v *conversation) row(values [][]byte) {
	if v.work.planning {
		v.keepPlan(values)
		return
	}
	if v.encoder == nil {
		v.stop(errWire)
		return
	}
	if v.summary.Rows == v.work.limits.Rows {
		v.summary.Truncated = true
		v.encode()
		v.stop(errEnough)
		return
	}
	if err := v.stmt.rows.put(values, int(v.work.limits.Bytes)); err != nil {
		rule := sqlguard.RuleFailed
		if errors.Is(err, errLong) {
			rule = sqlguard.RuleBytes
		}
		v.stop(sqlguard.Refuse(rule, err))
		return
	}
	v.summary.Rows++
	if v.stmt.rows.full() {
		v.encode()
	}
}

// encode encodes the rows that have been collected, and writes what is worth it.
func (v *conversation) encode() {
	chunk := v.stmt.rows.columns()
	for row := 0; row < chunk.Rows; {
		v.conn.buffer, row = v.encoder.Step(v.conn.buffer, chunk, row, chunk.Rows)
		if err := v.encoder.Err(); err != nil {
			rule := sqlguard.RuleBytes
			if errors.Is(err, encode.ErrOutOfRange) {
				rule = sqlguard.RuleFailed
			}
			v.stop(sqlguard.Refuse(rule, err))
			return
		}
		if err := v.flush(flushAt); err != nil {
			v.stop(err)
			return
		}
	}
	v.stmt.rows.clear()
}

// flush writes what has been encoded, if it is as much as that.
func (v *conversation) flush(least int) error {
	n := len(v.conn.buffer)
	if v.summary.Bytes+int64(n) > v.work.limits.Bytes {
		return sqlguard.Refuse(sqlguard.RuleBytes, errors.New("the answer passes the byte limit"))
	}
	if n < least || n == 0 {
		return nil
	}
	_, err := v.w.Write(v.conn.buffer)
	v.summary.Bytes += int64(n)
	// A buffer that grew for one long row is not kept.
	if v.conn.buffer = v.conn.buffer[:0]; cap(v.conn.buffer) > streamBuffer {
		v.conn.buffer = nil
	}
	return err
}

// hold makes s the statement whose room for rows may be large, for there is
// one a connection.
func (c *conn) hold(s *statement) {
	if c.holder != nil && c.holder != s && c.holder.rows.peak > idleRows {
		c.holder.release()
	}
	c.holder = s
}

// settle gives up what only a large answer needs.
func (v *conversation) settle() {
	if cap(v.conn.buffer) > idleBuffer {
		v.conn.buffer = nil
	}
	s := v.stmt
	if v.encoder == nil {
		return
	}
	if s.encoding.format == encode.Arrow { // its encoder collects as well
		s.rows.peak = max(s.rows.peak, int(min(v.summary.Bytes, chunkBytes)))
	}
	s.rows.peak = max(s.rows.peak, s.rows.size)
	if s.rows.peak > 2*chunkBytes {
		s.release()
	}
}

package encode

import "encoding/base64"

// budget bounds one row. Whatever appends something whose size the data decides asks it first.
type budget struct {
	end int // the length that the output may reach; negative once something wanted more
}

// exceeded reports whether an output of n bytes is too long, now or ever since it first was.
func (b *budget) exceeded(n int) bool {
	if n <= b.end {
		return false
	}
	b.end = -1
	return true
}

// base64 appends a blob in base64 (RFC 4648, section 4).
func (b *budget) base64(dst []byte, v *Vector, row int) []byte {
	s := v.Text(row)
	if b.exceeded(len(dst) + len(s)) {
		return dst
	}
	return base64.StdEncoding.AppendEncode(dst, s)
}

package corpus

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// MaxLine is the longest line that is read, in bytes. A longer one is a query
// refused by sql.too_long.
const MaxLine = 1 << 20

// lines reads a stream line by line in the memory of one.
type lines struct {
	r      *bufio.Reader
	number int64 // of the line that next returned, from 1
}

func newLines(r io.Reader) *lines {
	return &lines{r: bufio.NewReaderSize(r, MaxLine+1)} // and its line feed
}

// next returns the next line without the blanks around it, which are valid
// until the next call; nothing of a line that is too long. At the end the
// error is io.EOF.
func (l *lines) next() (line []byte, tooLong bool, err error) {
	line, err = l.r.ReadSlice('\n')
	for errors.Is(err, bufio.ErrBufferFull) {
		tooLong = true
		line, err = l.r.ReadSlice('\n')
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0 && !tooLong) {
		return nil, false, err
	}
	l.number++
	if tooLong {
		return nil, true, nil
	}
	if l.number == 1 {
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")) // a byte order mark, which programs of Windows write
	}
	return bytes.TrimSpace(line), false, nil
}

package corpus

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	ruleWidth = 23 // of the longest id of a rule
	idWidth   = 24 // longer ids are cut
	sqlWidth  = 100
)

// Refusals lists the refused queries for people, as they come: an id, a rule
// and the beginning of the query on a line of its own.
type Refusals struct {
	W io.Writer
	// Limit is how many are listed; zero: all.
	Limit int64
	// Width is that of the terminal in characters; zero: unknown, and 100 of
	// the query are shown.
	Width  int
	listed int64
	left   int64 // not listed
}

// Add lists one if it is refused.
func (r *Refusals) Add(v Verdict) error {
	if v.Allowed {
		return nil
	}
	if r.Limit > 0 && r.listed == r.Limit {
		r.left++
		return nil
	}
	r.listed++
	line := fmt.Sprintf("%-*s  %-*s  ", idWidth, shown(v.ID, idWidth), ruleWidth, v.Rule)
	room := sqlWidth
	if r.Width > 0 {
		room = max(r.Width-utf8.RuneCountInString(line), 1)
	}
	_, err := fmt.Fprintln(r.W, strings.TrimRight(line+shown(firstLine(v.Sent), room), " "))
	return err
}

// Close says how many are not listed, and sets the list apart from what follows.
func (r *Refusals) Close() error {
	var err error
	switch {
	case r.left > 0:
		_, err = fmt.Fprintf(r.W, "and %d more refused (--refusals 0 lists all)\n\n", r.left)
	case r.listed > 0:
		_, err = fmt.Fprintln(r.W)
	}
	return err
}

// firstLine is the first line that is not blank.
func firstLine(text string) string {
	text = strings.TrimLeft(text, " \t\r\n\v\f")
	if i := strings.IndexAny(text, "\r\n"); i >= 0 {
		text = text[:i]
	}
	return text
}

// shown is a text of strangers for a terminal, in at most width characters:
// what is not printable is escaped, so that it can neither move the cursor nor
// turn the direction of what follows.
func shown(text string, width int) string {
	var b strings.Builder
	used, end := 0, 0 // end: where the text is cut if it does not fit
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		piece := text[i : i+size]
		switch {
		case r == utf8.RuneError && size == 1:
			piece = fmt.Sprintf(`\x%02x`, text[i])
		case !strconv.IsPrint(r):
			piece = strings.Trim(strconv.QuoteRuneToASCII(r), "'")
		}
		used += utf8.RuneCountInString(piece)
		if used > width {
			return b.String()[:end] + "…"
		}
		b.WriteString(piece)
		if used <= width-1 {
			end = b.Len()
		}
		i += size
	}
	return b.String()
}

package encode

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Summary is what is known when the last row is out.
type Summary struct {
	// Rows is the number of rows in the answer.
	Rows int64
	// Truncated says that the query had more rows than the answer may hold.
	Truncated bool
	// Elapsed is how long the query took. Clients see it in milliseconds, to the microsecond.
	Elapsed time.Duration
}

// Encoder writes one result after another: Begin, Rows as often as there are rows, End. All
// methods append to dst, as the built-in append does, and return the longer slice; what lies between
// its length and its capacity may be overwritten. Begin also forgets whatever went before it.
type Encoder interface {
	// Begin appends the header, or the opening of the document.
	Begin(dst []byte) []byte
	// Rows appends the rows [from, to) of the chunk. It may be called for a few rows at a time.
	// It panics if the chunk has not these rows or not the columns given to New.
	Rows(dst []byte, c *Chunk, from, to int) []byte
	// Step is Rows for a caller that watches the length of the output: it stops after StepBytes,
	// and returns the row to go on with. One call appends at most StepBytes and one row; in Arrow,
	// one batch of 1 MiB, before it what was collected of the rows before, as much again, or one
	// row if that is larger. It always gets on, except that in Arrow it may first only append what was collected.
	Step(dst []byte, c *Chunk, from, to int) (out []byte, next int)
	// End appends the closing of the document. JSON and Arrow have one, which shows the summary, and
	// so has NDJSON with EndMarker.
	End(dst []byte, s Summary) []byte
	// Err returns ErrRowTooLarge if a row was too large, and ErrOutOfRange if Arrow could not show
	// a value. The row is not in the output, and neither Rows nor End has appended anything since.
	Err() error
}

// ErrRowTooLarge says that a row would have been longer than Options.MaxRowBytes.
var ErrRowTooLarge = errors.New("encode: a row is too large")

// StepBytes is about how much Step appends at a time: 64 KiB.
const StepBytes = 64 << 10

// DefaultMaxRowBytes is the value of Options.MaxRowBytes where none is given: 16 MiB.
const DefaultMaxRowBytes = 16 << 20

// Options are what a caller may choose. The zero value is the documented default.
type Options struct {
	// BigIntegers says how JSON shows integers of 64 bits and more.
	BigIntegers BigIntegers
	// CSVFormulaGuard protects people who open a CSV in a spreadsheet: it quotes every cell and
	// header that holds stored text, and puts an apostrophe before one that a spreadsheet would
	// take for a formula (OWASP, "CSV Injection"). It changes such values, hence off by default.
	CSVFormulaGuard bool
	// EndMarker ends NDJSON with one more object, {"$end":{"status":"complete",…}}, for readers
	// that see no trailers of HTTP. Other formats do without it.
	EndMarker bool
	// MaxRowBytes is the most that one row may add to the output; 0 means DefaultMaxRowBytes. A
	// caller that caps the whole answer should give that cap here: a single value, such as a list
	// of a million structs, may be far larger as text than in the engine's memory, and Rows cannot
	// be left in the middle of a row.
	MaxRowBytes int
}

// BigIntegers is a way of showing integers of 64 bits and more in JSON, whose readers commonly
// hold numbers in a double (RFC 8259, section 6).
type BigIntegers uint8

const (
	// BigIntegersSafe is the default. It writes a number where every double is exact, that is from
	// -(2^53-1) to 2^53-1, and a string beyond.
	BigIntegersSafe BigIntegers = iota
	// BigIntegersString always writes a string, so that a column has one type in JSON.
	BigIntegersString
)

// ParseBigIntegers returns the setting with the given name: "safe" or "string".
func ParseBigIntegers(name string) (BigIntegers, error) {
	switch name {
	case "safe":
		return BigIntegersSafe, nil
	case "string":
		return BigIntegersString, nil
	}
	return 0, fmt.Errorf("encode: big integers can be safe or string, not %q", name)
}

// String returns the name that [ParseBigIntegers] takes, or "invalid".
func (b BigIntegers) String() string {
	switch b {
	case BigIntegersSafe:
		return "safe"
	case BigIntegersString:
		return "string"
	}
	return "invalid"
}

// New returns an encoder for results with the given columns, of which there may be none. It
// reports everything that is wrong with its arguments at once. It keeps neither cols nor the
// types in it.
func New(f Format, cols []Column, o Options) (Encoder, error) {
	if err := check(f, cols, o); err != nil {
		return nil, err
	}
	if o.MaxRowBytes == 0 {
		o.MaxRowBytes = DefaultMaxRowBytes
	}
	o.MaxRowBytes = min(o.MaxRowBytes, math.MaxInt/2) // so that the sum with a length cannot overflow
	switch f {
	case JSON:
		return newJSON(cols, o), nil
	case NDJSON:
		return newNDJSON(cols, o), nil
	case CSV:
		return newCSV(cols, o), nil
	case TSV:
		return newTSV(cols, o), nil
	default: // check has let no other format through
		a, err := newArrow(cols, o)
		if err != nil {
			return nil, err
		}
		return a, nil
	}
}

func check(f Format, cols []Column, o Options) error {
	var errs []error
	if f.ContentType() == "" {
		errs = append(errs, fmt.Errorf("encode: no such format (%d)", f))
	}
	if o.BigIntegers > BigIntegersString {
		errs = append(errs, fmt.Errorf("encode: no such way to show big integers (%d)", o.BigIntegers))
	}
	if o.MaxRowBytes < 0 {
		errs = append(errs, fmt.Errorf("encode: a row cannot be limited to %d bytes", o.MaxRowBytes))
	}
	left := maxTypeNodes
	for i := range cols {
		err := cols[i].Type.check(0, &left)
		if err != nil {
			errs = append(errs, fmt.Errorf("encode: column %d: %w", i+1, err))
		}
		if errors.Is(err, errTooWide) {
			break // every further column would say the same
		}
	}
	return errors.Join(errs...)
}

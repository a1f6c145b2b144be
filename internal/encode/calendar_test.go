package encode_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// isoDate is the date of an instant by the time package, in the form docs/types.md gives.
func isoDate(at time.Time) string {
	if y := at.Year(); y < 0 {
		return fmt.Sprintf("-%06d-%s", -y, at.Format("01-02"))
	} else if y > 9999 {
		return fmt.Sprintf("+%06d-%s", y, at.Format("01-02"))
	}
	return at.Format("2006-01-02")
}

// TestEveryDay compares each day of the years -1 to 10000 with the time package.
func TestEveryDay(t *testing.T) {
	t.Parallel()
	first := int32(time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	last := int32(time.Date(10000, 12, 31, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	days := make([]int32, last-first+1)
	for i := range days {
		days[i] = first + int32(i)
	}
	enc := mustNew(t, encode.TSV, []encode.Column{{Name: "a", Type: kindOf(encode.Date)}}, encode.Options{})
	c := &encode.Chunk{Rows: len(days), Columns: []encode.Vector{{Int32s: days}}}
	var buf []byte
	year, month, day := -1, 1, 1 // counted by hand, with the lengths of months by the time package
	for i := range days {
		buf = enc.Rows(buf[:0], c, i, i+1)
		got := string(buf[:len(buf)-1])
		var want string
		switch {
		case year < 0:
			want = "-00000" + strconv.Itoa(-year)
		case year > 9999:
			want = "+0" + strconv.Itoa(year)
		default:
			want = pad(year, 4)
		}
		if want += "-" + pad(month, 2) + "-" + pad(day, 2); got != want {
			t.Fatalf("day %d: got %s, want %s", days[i], got, want)
		}
		if day++; day > 28 && day > time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day() {
			day = 1
			if month++; month > 12 {
				month = 1
				year++
			}
		}
	}
	if year != 10001 {
		t.Errorf("the days end in year %d", year)
	}
}

func pad(n, width int) string {
	s := strconv.Itoa(n)
	for len(s) < width {
		s = "0" + s
	}
	return s
}

func TestPackTimeTZ(t *testing.T) {
	t.Parallel()
	// The same instant sorts by offset, as the packing is meant to.
	if a, b := encode.PackTimeTZ(1, 57599), encode.PackTimeTZ(1, -57599); a != 1<<24 || b != 1<<24|115198 {
		t.Errorf("got %d and %d", a, b)
	}
}

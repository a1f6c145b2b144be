package query

import (
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

func TestSizeIsExpectedFromBefore(t *testing.T) {
	t.Parallel()
	d := newDurations()
	if got := d.size("q"); got != engine.Unknown {
		t.Errorf("never seen: %v", got)
	}
	d.add("q", 10*time.Millisecond)
	if got := d.size("q"); got != engine.Small {
		t.Errorf("quick: %v", got)
	}
	d.add("q", 15*time.Second) // a quarter of it counts
	if got := d.size("q"); got != engine.Large {
		t.Errorf("quick, then slow: %v", got)
	}
	for range 20 {
		d.add("q", 10*time.Millisecond)
	}
	if got := d.size("q"); got != engine.Small {
		t.Errorf("quick again: %v", got)
	}
	if got := d.size("other"); got != engine.Unknown {
		t.Errorf("another: %v", got)
	}
}

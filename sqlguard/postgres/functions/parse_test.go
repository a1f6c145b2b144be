package functions

import (
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/guardtest"
)

// lists are the embedded ones, with what only this dialect's form refuses.
var lists = guardtest.Lists{
	Parse: parse, Functions: functionsTSV, Families: familiesTSV,
	Wrong: map[string][2]string{
		"set function": {"x\tset\tallow\t-\tgood\t-\n", "no expression"},
		"extension":    {"x\textension\tallow\t-\tgood\t-\n", "no expression"},
		"copying":      {"x\tscalar\tallow\t-\tgood\tcopying:2\n", "unknown trait"},
	},
}

func TestParse(t *testing.T) {
	t.Parallel()
	guardtest.ParsesLists(t, lists)
}

func TestParseIsQuick(t *testing.T) {
	t.Parallel()
	guardtest.ParsesQuickly(t, lists)
}

func BenchmarkParse(b *testing.B) { guardtest.BenchmarkLists(b, lists) }

package fold

import "testing"

func TestFolds(t *testing.T) {
	t.Parallel()
	const kelvin, longS, dotless = "\u212a", "\u017f", "\u0131"
	for _, c := range []struct {
		a, b         string
		narrow, wide bool
	}{
		{"", "", true, true},
		{"flights", "FLIGHTS", true, true},
		{"_a1$", "_A1$", true, true},
		{"[", "{", false, false}, // 0x20 apart, and no letters
		{"@", "`", false, false},
		{"a", "ab", false, false},
		{"airports", "airport" + longS, false, true},
		{"keys", kelvin + "EY" + longS, false, true},
		{"id", dotless + "D", false, true},
		{"état", "ÉTAT", false, true},
		{"Ж", "ж", false, true},
		{"é", "e\u0301", false, false}, // engines do not compose either
	} {
		if Same(c.a, c.b) != c.narrow || Same(c.b, c.a) != c.narrow || (Narrow(c.a) == Narrow(c.b)) != c.narrow {
			t.Errorf("%q and %q: same %v, want %v", c.a, c.b, Same(c.a, c.b), c.narrow)
		}
		if (Wide(c.a) == Wide(c.b)) != c.wide {
			t.Errorf("%q and %q: %q and %q, want them equal: %v", c.a, c.b, Wide(c.a), Wide(c.b), c.wide)
		}
	}
}

func TestFoldsOfPlainNamesAllocateNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { _, _ = Narrow("flights"), Wide("flights") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

package membudget

import (
	"os"
	"testing"
)

func TestParseStatm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want reading
		ok   bool
	}{
		{"1251 1016 780 193 0 270 0\n", reading{1016 * 4096, 780 * 4096}, true},
		{"9 8 7", reading{8 * 4096, 7 * 4096}, true},
		{"0 0 0 0 0 0 0\n", reading{}, false}, // exiting
		{"", reading{}, false},
		{"1", reading{}, false},
		{"1 2", reading{}, false},
		{"1 -2 3 4", reading{}, false},
		{"1 2 x 4", reading{}, false},
		{"1 9999999999999 3 4", reading{}, false},
	} {
		if got, ok := parseStatm([]byte(c.text), 4096); ok != c.ok || ok && got != c.want {
			t.Errorf("%q: %+v, %v", c.text, got, ok)
		}
	}
}

func TestReadingOfThisProcess(t *testing.T) {
	t.Parallel()
	m, err := openMeter(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	r, ok := m.read()
	if !ok || r.resident < 4<<20 || r.resident > 4<<30 || r.shared <= 0 || r.shared >= r.resident {
		t.Fatalf("%+v, %v", r, ok)
	}
}

func TestReadingAllocatesNothing(t *testing.T) {
	b := mustBudget(t, Config{Limit: 1 << 30})
	w, err := b.Watch(os.Getpid(), func(Cause) {})
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() {
		w.Busy(true)
		b.mu.Lock()
		b.observe(b.last, 0)
		b.mu.Unlock()
		w.Busy(false)
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func FuzzParseStatm(f *testing.F) {
	f.Add([]byte("1251 1016 780 193 0 270 0\n"))
	f.Add([]byte("0 0 0 0 0 0 0\n"))
	f.Add([]byte("1 999999999999 999999999999"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, ok := parseStatm(text, 1<<16)
		if ok && (r.resident <= 0 || r.shared < 0 || r.private() < 0 || r.private() > r.resident) {
			t.Fatalf("%q: %+v", text, r)
		}
	})
}

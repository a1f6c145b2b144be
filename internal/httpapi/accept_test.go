package httpapi

import (
	"strings"
	"testing"
)

func TestNegotiate(t *testing.T) {
	t.Parallel()
	none, gz, zs := choice{}, choice{coding: gzipped}, choice{coding: zstandard}
	gzOnly, zsOnly := choice{gzipped, true}, choice{zstandard, true}
	tests := []struct {
		lines string // divided by |
		want  choice
	}{
		{"gzip", gz},
		{"zstd", zs},
		{"x-gzip", gz},
		{"GZip", gz},
		{"gzip, deflate, br, zstd", zs}, // Chrome, Firefox
		{"gzip, deflate, br", gz},       // Safari
		{"gzip;q=1.0, zstd;q=0.9", gz},
		{"gzip;q=0.001, zstd;q=0", gz},
		{"gzip ; q=0.5 , zstd\t;\tq=0.5", zs},
		{"gzip;Q=1", gz},
		{"gzip;q=1.", gz},
		{"gzip;q=0.12", gz},
		{"|gzip", gz},
		{"deflate|gzip;q=0.3|zstd;q=0.2", gz},
		{",,gzip,", gz},
		{"*", gz},
		{"*;q=0.1", gz},
		{"gzip;q=0, *", zs},
		{"gzip;q=0, zstd;q=0, *", none},
		{"zstd;q=0.5, *", gz},
		{"zstd, *", zs},
		{"identity, gzip", gz},
		{"identity;q=0.5, gzip", gz},
		{"identity, gzip;q=0.5", none},
		{"gzip;q=0.2, zstd;q=0.2, *", none}, // which is what identity has
		{"gzip, identity;q=0", gzOnly},
		{"zstd, *;q=0", zsOnly},
		{"*;q=0", none}, // there is nothing that it takes
		{"br, identity;q=0", none},
		{"identity", none},
		{"br", none},
		{"deflate", none},
		{"gzip;q=0", none},
		{"gzip, gzip;q=0", none}, // a refusal counts wherever it stands
		{"gzip;q=0, gzip", none},
		{"", none},
		{",", none},
		{" ", none},
		// Not as the RFC has it.
		{"gzip;q=1.1", none},
		{"gzip;q=2", none},
		{"gzip;q=-1", none},
		{"gzip;q=", none},
		{"gzip;q", none},
		{"gzip;", none},
		{"gzip;q=0.1234", none},
		{"gzip;q=.5", none},
		{"gzip;q=1x", none},
		{"gzip;q=0,5", none},
		{"gzip;q=1e0", none},
		{"gzip;q =1", none},
		{"gzip;q=1;q=0", none},
		{"gzip;level=9", none},
		{"gzip gzip", none},
		{"gzip, \"zstd\"", none},
		{"gzip, z\x00std", none},
		{"gzip, ümlaut", none},
		{"gzip;q=\u0661", none},
		{"ｇｚｉｐ", none},
		// Longer than anybody's.
		{strings.Repeat("x", maxAcceptEncoding) + ",gzip", none},
		{"gzip," + strings.Repeat(",", maxCodings), none},
		{"gzip" + strings.Repeat(",gzip", maxCodings-1), gz},
		{"gzip" + strings.Repeat(",gzip", maxCodings), none},
		{"gzip" + strings.Repeat("|", maxCodings), none},
		{"gzip" + strings.Repeat(",zstd;q=0.001", 100_000), none},
	}
	for _, tt := range tests {
		if got := negotiate(strings.Split(tt.lines, "|")); got != tt.want {
			t.Errorf("%.80q: %v, want %v", tt.lines, got, tt.want)
		}
	}
	if got := negotiate(nil); got != none {
		t.Errorf("no header: %v", got)
	}
}

func TestNegotiateAllocatesNothing(t *testing.T) {
	lines := []string{"gzip, deflate;q=0.5, br", "zstd;q=0.9,*;q=0"}
	if n := testing.AllocsPerRun(100, func() { negotiate(lines) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzNegotiate(f *testing.F) {
	for _, seed := range []string{"gzip, deflate, br, zstd", "*;q=0.5, identity;q=0", "gzip;q=1.000,zstd;q=0.999", ",, ,\tx-gzip ;q=0", "gzip;q=", "gzip,gzip;q=0", "\x00;q=1"} {
		f.Add(seed, "identity")
		f.Add("", seed)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		got := negotiate([]string{first, second})
		all := strings.ToLower(first + "," + second)
		if got.coding != identity && !strings.Contains(all, got.coding.String()) && !strings.Contains(all, "*") {
			t.Errorf("%q gets %v, which it does not name", all, got)
		}
		if got.always && (got.coding == identity || !strings.Contains(all, "q=0")) {
			t.Errorf("%q refuses identity: %v", all, got)
		}
		if len(all) > 2*maxAcceptEncoding && got != (choice{}) {
			t.Errorf("%d bytes were read", len(all))
		}
		// Neither the order nor white space nor the lines mean anything.
		if turned := negotiate([]string{second, first}); turned != got {
			t.Errorf("%q gets %v, in the other order %v", all, got, turned)
		}
		if len(all)+2 < maxAcceptEncoding {
			if joined := negotiate([]string{first + " ," + second}); joined != got {
				t.Errorf("%q gets %v, in one line %v", all, got, joined)
			}
		}
	})
}

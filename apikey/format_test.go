package apikey

import (
	"crypto/sha256"
	"hash/crc32"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The form, as documented and independent of the code.
var form = regexp.MustCompile(`^sp_[0-9a-hjkmnp-tv-z]{10}_[0-9a-hjkmnp-tv-z]{59}$`)

func TestGenerate(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	var counts [256]int
	for range 500 {
		k, plaintext := generate(t, "ci", time.Time{}, Query)
		if !form.MatchString(plaintext) {
			t.Fatalf("the key %q is not of the documented form", plaintext)
		}
		id, err := ParseKey(plaintext)
		check(t, err)
		if id != k.ID || k.Hash != sha256.Sum256([]byte(plaintext)) {
			t.Fatalf("id %q, hash %s do not belong to %q", k.ID, k.Hash, plaintext)
		}
		if seen[plaintext] || seen[id] {
			t.Fatalf("%q came twice", plaintext)
		}
		seen[plaintext], seen[id] = true, true
		for _, c := range []byte(plaintext[14:66]) {
			counts[c]++
		}
	}
	// 26,000 characters: every one of the 32 is expected 812 times, with a
	// standard deviation of 28. Seven of those either way is never chance.
	for _, c := range []byte(alphabet) {
		if counts[c] < 600 || counts[c] > 1020 {
			t.Errorf("%q occurs %d times in the secrets, want about 812", c, counts[c])
		}
	}
}

func TestGenerateTimes(t *testing.T) {
	t.Parallel()
	east := time.FixedZone("east", 3600)
	k, _, err := Generate("ci", []Scope{Query}, now.Add(time.Hour+time.Millisecond).In(east), now.Add(time.Millisecond).In(east))
	check(t, err)
	if !k.Created.Equal(now) || !k.Expires.Equal(now.Add(time.Hour)) || k.Created.Location() != time.UTC {
		t.Errorf("created %v, expires %v; want whole seconds in UTC", k.Created, k.Expires)
	}
}

func TestGenerateRefusesMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		scopes  []Scope
		expires time.Time
		want    []string
	}{
		{"", []Scope{Query}, time.Time{}, []string{"1 to 64 characters"}},
		{"a b", []Scope{Query}, time.Time{}, []string{"1 to 64 characters"}},
		{"-a", []Scope{Query}, time.Time{}, []string{"1 to 64 characters"}},
		{strings.Repeat("a", 65), []Scope{Query}, time.Time{}, []string{"1 to 64 characters"}},
		{"a\nb", nil, now, []string{"1 to 64 characters", "no scopes", "expires"}},
		{"ci", []Scope{"Query"}, time.Time{}, []string{`"Query" is no scope; there are query, admin`}},
		{"ci", []Scope{Query, Query}, time.Time{}, []string{"given twice"}},
		{"ci", []Scope{""}, time.Time{}, []string{`"" is no scope`}},
	}
	for _, tt := range tests {
		k, plaintext, err := Generate(tt.name, tt.scopes, tt.expires, now)
		if err == nil || plaintext != "" || k.Hash != (Hash{}) {
			t.Errorf("%q, %v: got a key, want an error", tt.name, tt.scopes)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q, %v: %v; want %q in it", tt.name, tt.scopes, err, want)
			}
		}
	}
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	_, good := generate(t, "ci", time.Time{}, Query)
	tests := map[string]string{
		"empty":          "",
		"prefix only":    "sp_",
		"cut":            good[:len(good)-1],
		"longer":         good + "0",
		"another prefix": "SP_" + good[3:],
		"no separator":   good[:13] + "0" + good[14:],
		"capitals":       strings.ToUpper(good),
		"space":          " " + good[1:],
		"i in the id":    good[:5] + "i" + good[6:],
		"o in the rest":  good[:40] + "o" + good[41:],
		"not ASCII":      good[:40] + "é" + good[42:],
		"NUL":            good[:40] + "\x00" + good[41:],
	}
	for name, s := range tests {
		if id, err := ParseKey(s); err == nil {
			t.Errorf("%s: %q was accepted with id %q", name, s, id)
		} else if s != "" && len(s) > 3 && strings.Contains(err.Error(), s) {
			t.Errorf("%s: the error quotes the key: %v", name, err)
		}
	}
}

// Every single mistyped character, and every two neighbours exchanged, is found.
func TestChecksumFindsTypos(t *testing.T) {
	t.Parallel()
	_, good := generate(t, "ci", time.Time{}, Query)
	for i := len(Prefix); i < len(good); i++ {
		if good[i] == '_' {
			continue
		}
		for _, c := range []byte(alphabet) {
			if bad := good[:i] + string(c) + good[i+1:]; bad != good {
				if _, err := ParseKey(bad); err == nil {
					t.Fatalf("position %d: %q for %q was not found", i, c, good[i])
				}
			}
		}
		if i+1 < len(good) && good[i+1] != '_' && good[i] != good[i+1] {
			bad := good[:i] + string(good[i+1]) + string(good[i]) + good[i+2:]
			if _, err := ParseKey(bad); err == nil {
				t.Fatalf("position %d: an exchange was not found", i)
			}
		}
	}
}

// A key made by hand from the documentation alone.
func TestChecksumAsDocumented(t *testing.T) {
	t.Parallel()
	body := "sp_0123456789_" + strings.Repeat("abcdefghjkmnp", 4)
	sum := crc32.ChecksumIEEE([]byte(body))
	digits := ""
	for range 7 {
		digits = string(alphabet[sum&31]) + digits
		sum >>= 5
	}
	id, err := ParseKey(body + digits)
	if err != nil || id != "0123456789" {
		t.Errorf("%q, %v", id, err)
	}
}

func TestHashText(t *testing.T) {
	t.Parallel()
	h := hashOf("abc")
	// FIPS 180-2, appendix B.1.
	const want = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if h.String() != want {
		t.Errorf("got %s, want %s", h, want)
	}
	if back, err := ParseHash(want); err != nil || back != h {
		t.Errorf("ParseHash: %v, %v", back, err)
	}
	for _, bad := range []string{"", "sha256:", want[7:], want + "00", want[:len(want)-2], strings.ToUpper(want), "sha256:" + strings.Repeat("x", 64), "sha512:" + want[7:]} {
		if _, err := ParseHash(bad); err == nil {
			t.Errorf("ParseHash(%q) was accepted", bad)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	_, good := generate(f, "ci", time.Time{}, Query)
	f.Add(good)
	f.Add(good[:70])
	f.Add("sp_0123456789_")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseKey(s)
		if err == nil && (!form.MatchString(s) || !isID(id) || !strings.HasPrefix(s, Prefix+id+"_")) {
			t.Errorf("%q was accepted with id %q", s, id)
		}
	})
}

// The checksum is that of hash/crc32, at every length around a step.
func TestChecksumIsCRC32(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("sp_0123456789\x00\xff", 8)
	for n := range len(text) {
		crc, want := crc32.ChecksumIEEE([]byte(text[:n])), ""
		for range sumLength {
			want = string(alphabet[crc%32]) + want
			crc /= 32
		}
		if got := checksum(text[:n]); string(got[:]) != want {
			t.Errorf("%d bytes: %s, want %s", n, got, want)
		}
	}
}

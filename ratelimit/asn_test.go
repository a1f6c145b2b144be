package ratelimit

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"github.com/oschwald/maxminddb-golang/v2"
)

// networks are prefixes with their systems.
type networks map[string]uint32

// geoLite is a record of GeoLite2-ASN and of DB-IP's.
func geoLite(asn uint32) mmdbtype.Map {
	return mmdbtype.Map{
		"autonomous_system_number":       mmdbtype.Uint32(asn),
		"autonomous_system_organization": mmdbtype.String("Example"),
	}
}

// buildMMDB writes a database with one record for each network.
func buildMMDB(t testing.TB, o mmdbwriter.Options, n networks, record func(uint32) mmdbtype.Map) []byte {
	t.Helper()
	if o.DatabaseType == "" {
		o.DatabaseType = "GeoLite2-ASN"
	}
	o.IncludeReservedNetworks = true
	o.BuildEpoch = 1_700_000_000 // the same bytes each time
	tree, err := mmdbwriter.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for text, asn := range n {
		_, network, err := net.ParseCIDR(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(network, record(asn)); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := tree.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writeFile(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "asn.mmdb")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func openASN(t testing.TB, n networks) *ASNDatabase {
	t.Helper()
	db, err := OpenASNDatabase(writeFile(t, buildMMDB(t, mmdbwriter.Options{}, n, geoLite)))
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func TestASNLookup(t *testing.T) {
	t.Parallel()
	db := openASN(t, networks{
		"0.0.0.0/8":         64500,
		"192.0.2.0/25":      64496,
		"192.0.2.128/25":    64496, // joined with the one before
		"198.51.100.0/24":   64497,
		"255.255.255.0/24":  64498, // to the last address
		"2001:db8::/32":     64499,
		"2001:db9::/33":     4_200_000_000, // RFC 6793: 32 bits
		"3fff::1/128":       64501,
		"ffff:ffff::/32":    64502, // to the last address
		"2a00:0:0:ff::/64":  64503,
		"2a00:0:0:100::/96": 64504,
	})
	for text, want := range map[string]uint32{
		"0.0.0.0": 64500, "0.255.255.255": 64500, "1.0.0.0": 0,
		"192.0.1.255": 0, "192.0.2.0": 64496, "192.0.2.127": 64496, "192.0.2.128": 64496, "192.0.2.255": 64496, "192.0.3.0": 0,
		"198.51.100.77": 64497, "::ffff:198.51.100.77": 64497, "255.255.254.255": 0, "255.255.255.255": 64498,
		"::": 0, "2001:db7:ffff::": 0, "2001:db8::": 64499, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff": 64499,
		"2001:db9:7fff::": 4_200_000_000, "2001:db9:8000::": 0, "3fff::": 0, "3fff::1": 64501, "3fff::2": 0,
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff": 64502, "ffff:fffe::": 0,
		"2a00:0:0:ff:ffff:ffff:ffff:ffff": 64503, "2a00:0:0:100::1": 64504, "2a00:0:0:100:0:1::": 0,
	} {
		asn, known := db.Lookup(netip.MustParseAddr(text))
		if asn != want || known != (want != 0) {
			t.Errorf("%s: %d, %v, want %d", text, asn, known, want)
		}
	}
	if _, known := db.Lookup(netip.Addr{}); known {
		t.Error("no address is known")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, known := db.Lookup(netip.MustParseAddr("192.0.2.0")); known {
		t.Error("an address is known after Close")
	}
	if (*ASNDatabase)(nil).Close() == nil {
		t.Error("no error of Close on nil")
	}
}

// The library's own lookup, which walks the tree, must agree with our ranges.
func TestASNLookupAgreesWithTheLibrary(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{24, 28, 32} {
		n := networks{}
		for range 2000 {
			if random.IntN(2) == 0 {
				var b [4]byte
				binary.BigEndian.PutUint32(b[:], random.Uint32())
				n[netip.PrefixFrom(netip.AddrFrom4(b), 8+random.IntN(25)).Masked().String()] = 1 + random.Uint32N(50)
			} else {
				b := [16]byte{0x26} // 2002::/16 is an alias of IPv4
				binary.BigEndian.PutUint64(b[1:], random.Uint64())
				binary.BigEndian.PutUint64(b[8:], random.Uint64())
				n[netip.PrefixFrom(netip.AddrFrom16(b), 16+random.IntN(113)).Masked().String()] = 1 + random.Uint32N(50)
			}
		}
		data := buildMMDB(t, mmdbwriter.Options{RecordSize: size}, n, geoLite)
		reader, err := maxminddb.OpenBytes(data)
		if err != nil {
			t.Fatal(err)
		}
		db, err := OpenASNDatabase(writeFile(t, data))
		if err != nil {
			t.Fatal(err)
		}
		check := func(addr netip.Addr) {
			var record struct {
				ASN uint32 `maxminddb:"autonomous_system_number"`
			}
			if err := reader.Lookup(addr).Decode(&record); err != nil {
				t.Fatal(err)
			}
			if asn, _ := db.Lookup(addr); asn != record.ASN {
				t.Errorf("record size %d, %v: %d, the library says %d", size, addr, asn, record.ASN)
			}
		}
		for text := range n {
			prefix := netip.MustParsePrefix(text)
			check(prefix.Addr())
			if before := prefix.Addr().Prev(); before.IsValid() {
				check(before)
			}
			if prefix.Addr().Next().IsValid() {
				check(prefix.Addr().Next())
			}
		}
	}
}

func TestASNFieldNames(t *testing.T) {
	t.Parallel()
	text := func(s string) func(uint32) mmdbtype.Map {
		return func(uint32) mmdbtype.Map { return mmdbtype.Map{"asn": mmdbtype.String(s)} }
	}
	tests := []struct {
		name   string
		record func(uint32) mmdbtype.Map
		want   uint32
		err    string
	}{
		{"GeoLite2 and DB-IP", geoLite, 64496, ""},
		{"IPinfo", text("AS64496"), 64496, ""},
		{"digits", text("64496"), 64496, ""},
		{"a number", func(n uint32) mmdbtype.Map { return mmdbtype.Map{"asn": mmdbtype.Uint64(n)} }, 64496, ""},
		{"empty", text(""), 0, "another kind"},
		{"a city", func(uint32) mmdbtype.Map { return mmdbtype.Map{"city": mmdbtype.String("Bree")} }, 0, "another kind"},
		{"no number", text("AS-SET"), 0, "no number"},
		{"too large", text("AS4294967296"), 0, "RFC 6793"},
		{"negative", func(uint32) mmdbtype.Map { return mmdbtype.Map{"asn": mmdbtype.Int32(-1)} }, 0, "neither"},
		{"over 32 bits", func(uint32) mmdbtype.Map { return mmdbtype.Map{"asn": mmdbtype.Uint64(1 << 32)} }, 0, "RFC 6793"},
		{"a map", func(uint32) mmdbtype.Map { return mmdbtype.Map{"asn": mmdbtype.Map{}} }, 0, "neither"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			data := buildMMDB(t, mmdbwriter.Options{DatabaseType: "Some-City"}, networks{"192.0.2.0/24": 64496}, tt.record)
			db, err := OpenASNDatabase(writeFile(t, data))
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want one with %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if asn, _ := db.Lookup(netip.MustParseAddr("192.0.2.1")); asn != tt.want {
				t.Errorf("%d, want %d", asn, tt.want)
			}
		})
	}
}

func TestASNDatabaseOfIPv4Only(t *testing.T) {
	t.Parallel()
	data := buildMMDB(t, mmdbwriter.Options{IPVersion: 4}, networks{"0.0.0.0/0": 64496}, geoLite)
	db, err := OpenASNDatabase(writeFile(t, data))
	if err != nil {
		t.Fatal(err)
	}
	if asn, _ := db.Lookup(netip.MustParseAddr("255.255.255.255")); asn != 64496 {
		t.Errorf("%d", asn)
	}
	if _, known := db.Lookup(netip.MustParseAddr("2001:db8::")); known {
		t.Error("an IPv6 address is known")
	}
}

// Branches that grow together again make 2^n leaves of n nodes.
func TestASNTreeThatGrowsTogether(t *testing.T) {
	t.Parallel()
	data := buildMMDB(t, mmdbwriter.Options{RecordSize: 24}, networks{"2001:db8::/100": 64496}, geoLite)
	reader, err := maxminddb.OpenBytes(data)
	if err != nil {
		t.Fatal(err)
	}
	count := reader.Metadata.NodeCount
	if count < 100 {
		t.Fatalf("%d nodes are too few for the test", count)
	}
	for last, empty := range map[string]uint{"without data": count, "to the root": 0} {
		damaged := bytes.Clone(data)
		for i := range count {
			child := i + 1
			if child == count {
				child = empty
			}
			for side := range uint(2) {
				at := i*6 + side*3
				damaged[at], damaged[at+1], damaged[at+2] = byte(child>>16), byte(child>>8), byte(child)
			}
		}
		if _, err := readASN(damaged); err == nil {
			t.Errorf("%s: no error", last)
		}
	}
}

func TestASNFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	good := buildMMDB(t, mmdbwriter.Options{}, networks{"192.0.2.0/24": 64496}, geoLite)
	dir := t.TempDir()
	big := filepath.Join(dir, "big")
	if err := os.WriteFile(big, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(big, MaxASNDatabaseBytes+1); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "missing"):        "no such file",
		dir:                                  "not a regular file",
		big:                                  "at most",
		writeFile(t, nil):                    "invalid",
		writeFile(t, good[:len(good)/2]):     "invalid",
		writeFile(t, []byte("not an MMDB")):  "invalid",
		writeFile(t, good[len(good)-100:]):   "",
		writeFile(t, append(good[:40], 'x')): "invalid",
	} {
		db, err := OpenASNDatabase(path)
		if err == nil || db != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", filepath.Base(path), err, want)
		}
	}
}

func FuzzReadASN(f *testing.F) {
	for _, size := range []int{24, 28, 32} {
		good := buildMMDB(f, mmdbwriter.Options{RecordSize: size}, networks{"192.0.2.0/24": 64496, "2001:db8::/32": 64497}, geoLite)
		f.Add(good)
		f.Add(good[:len(good)-1])
		f.Add(good[:len(good)/2])
		for _, at := range []int{0, 5, 100, len(good) / 2, len(good) - 60, len(good) - 30} {
			flipped := bytes.Clone(good)
			flipped[at] ^= 0xff
			f.Add(flipped)
		}
	}
	f.Add([]byte("\xab\xcd\xefMaxMind.com"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		ranges, err := readASN(data)
		if err != nil {
			return
		}
		db := new(ASNDatabase)
		db.ranges.Store(ranges)
		for _, text := range []string{"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "2001:db8::1", "ffff::"} {
			db.Lookup(netip.MustParseAddr(text))
		}
	})
}

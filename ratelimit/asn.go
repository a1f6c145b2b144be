package ratelimit

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"sync/atomic"
)

// MaxASNDatabaseBytes is the size of the largest database that is read. Those
// of the usual publishers have 8 to 60 MB.
const MaxASNDatabaseBytes = 256 << 20

// ASNDatabase says which autonomous system an address belongs to. It is read
// whole, and checked whole, when it is opened: no request touches the file, and
// a replaced file is opened anew. It is safe for concurrent use.
type ASNDatabase struct {
	ranges atomic.Pointer[asnRanges]
}

// asnRanges holds where each range of addresses begins, in order; a range ends
// where the next begins. An ASN of zero is unknown.
type asnRanges struct {
	ipv4 []asnRange4
	ipv6 []asnRange6
}

type asnRange4 struct {
	start uint32
	asn   uint32
}

type asnRange6 struct {
	start [2]uint64
	asn   uint32
}

// OpenASNDatabase reads an MMDB file that gives the autonomous system of
// addresses: GeoLite2-ASN, GeoIP2-ISP and DB-IP's ASN database (field
// autonomous_system_number), or IPinfo's (field asn, "AS64496"). A file of
// another kind, or one that is damaged anywhere, is an error.
func OpenASNDatabase(path string) (*ASNDatabase, error) {
	data, err := readBounded(path)
	if err != nil {
		return nil, fmt.Errorf("ratelimit: ASN database: %w", err)
	}
	ranges, err := readASN(data)
	if err != nil {
		return nil, fmt.Errorf("ratelimit: ASN database %s: %w", path, err)
	}
	db := new(ASNDatabase)
	db.ranges.Store(ranges)
	return db, nil
}

// readBounded reads a file that is not larger than a database may be.
func readBounded(path string) ([]byte, error) {
	info, err := os.Stat(path) // before it is opened: opening a pipe waits for its other end
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	file, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it is only read
	if info, err = file.Stat(); err != nil {
		return nil, err
	}
	if info.Size() > MaxASNDatabaseBytes {
		return nil, fmt.Errorf("%s has %d bytes; at most %d are read", path, info.Size(), MaxASNDatabaseBytes)
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(file, data); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}

// Lookup returns the number of the autonomous system that addr belongs to, and
// whether it is known.
func (db *ASNDatabase) Lookup(addr netip.Addr) (asn uint32, known bool) {
	ranges := db.ranges.Load()
	if ranges == nil {
		return 0, false
	}
	switch addr = addr.Unmap(); {
	case addr.Is4():
		four := addr.As4()
		asn = ranges.find4(binary.BigEndian.Uint32(four[:]))
	case addr.Is6():
		asn = ranges.find6(halves(addr))
	}
	return asn, asn != 0
}

// Close gives the memory back. Afterwards no address is known.
func (db *ASNDatabase) Close() error {
	if db == nil {
		return errors.New("ratelimit: Close of a nil ASNDatabase; was the error of OpenASNDatabase ignored?")
	}
	db.ranges.Store(nil)
	return nil
}

func (a *asnRanges) find4(address uint32) uint32 {
	i, found := slices.BinarySearchFunc(a.ipv4, address, func(e asnRange4, address uint32) int {
		switch {
		case e.start < address:
			return -1
		case e.start > address:
			return 1
		}
		return 0
	})
	switch {
	case found:
		return a.ipv4[i].asn
	case i == 0:
		return 0
	}
	return a.ipv4[i-1].asn
}

func (a *asnRanges) find6(address [2]uint64) uint32 {
	i, found := slices.BinarySearchFunc(a.ipv6, address, func(e asnRange6, address [2]uint64) int {
		return compareHalves(e.start, address)
	})
	switch {
	case found:
		return a.ipv6[i].asn
	case i == 0:
		return 0
	}
	return a.ipv6[i-1].asn
}

// halves is an IPv6 address as two numbers, which need no pointer.
func halves(addr netip.Addr) [2]uint64 {
	b := addr.As16()
	return [2]uint64{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

func compareHalves(a, b [2]uint64) int {
	return slices.Compare(a[:], b[:])
}

package ratelimit

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
)

// By says which requests share a count. Make one with a constructor: the zero
// By counts nothing and is refused by [New].
type By struct {
	kind       kind
	addr       func(*http.Request) netip.Addr
	name       func(*http.Request) string
	bits4      int
	bits6      int
	database   *ASNDatabase
	visibility visibility
}

type kind uint8

const (
	byNothing kind = iota // the zero By
	byPrefix
	byASN
	byName
	byEverybody
)

// visibility says whom the state of a count is shown to.
type visibility uint8

const (
	hidden visibility = iota // nobody
	shared                   // the caller, where it refused him
	own                      // the caller, always
)

// ByClient counts each client: an IPv4 address whole, and an IPv6 address by
// its /64, because a single client has at least that much (RFC 6177). An
// address that is not valid is counted with all others that are not.
//
// addr gives the client's address, as package clientip does, and must not
// believe what strangers write into headers.
func ByClient(addr func(*http.Request) netip.Addr) By {
	return By{kind: byPrefix, addr: addr, bits4: 32, bits6: 64, visibility: own}
}

// ByNetwork counts the addresses of each network together: those whose first
// ipv4Bits (8 to 32) or ipv6Bits (16 to 128) are equal. 24 and 48 are usual.
func ByNetwork(addr func(*http.Request) netip.Addr, ipv4Bits, ipv6Bits int) By {
	return By{kind: byPrefix, addr: addr, bits4: ipv4Bits, bits6: ipv6Bits, visibility: shared}
}

// ByASN counts the addresses of each autonomous system together: of each
// provider or hosting company, roughly. Addresses that the database does not
// know are counted by their /24 and /48, against the same limit: neither free,
// nor all as one, which would let one stranger lock out the others.
func ByASN(addr func(*http.Request) netip.Addr, db *ASNDatabase) By {
	return By{kind: byASN, addr: addr, bits4: 24, bits6: 48, database: db, visibility: shared}
}

// ByName counts the requests of each name together, for example that of the
// API key. Requests for which name returns "" are counted together, as one.
//
// name must return what has been verified: whoever can choose a name freely
// has a fresh count for each.
func ByName(name func(*http.Request) string) By {
	return By{kind: byName, name: name, visibility: own}
}

// Everybody counts all requests together: the limit of the server, not of a
// client. Where it is reached the answer is 503, and clients are not told how
// much of it is left.
func Everybody() By { return By{kind: byEverybody} }

func (b *By) validate() error {
	var errs []error
	switch b.kind {
	case byPrefix, byASN:
		if b.addr == nil {
			errs = append(errs, errors.New("the function that gives the address is nil"))
		}
		if b.bits4 < 8 || b.bits4 > 32 {
			errs = append(errs, fmt.Errorf("an IPv4 prefix of %d bits is not between 8 and 32", b.bits4))
		}
		if b.bits6 < 16 || b.bits6 > 128 {
			errs = append(errs, fmt.Errorf("an IPv6 prefix of %d bits is not between 16 and 128", b.bits6))
		}
		if b.kind == byASN && b.database == nil {
			errs = append(errs, errors.New("the ASN database is nil; open one with OpenASNDatabase, or leave the policy out"))
		}
	case byName:
		if b.name == nil {
			errs = append(errs, errors.New("the function that gives the name is nil"))
		}
	case byEverybody:
	case byNothing:
		errs = append(errs, errors.New("nothing says what is counted together; use ByClient, ByNetwork, ByASN, ByName or Everybody"))
	default:
		errs = append(errs, errors.New("unknown"))
	}
	return errors.Join(errs...)
}

// The first byte of a partition says what follows.
const (
	tagNoAddress = '?' // nothing
	tagIPv4      = '4' // bits, four bytes
	tagIPv6      = '6' // bits, sixteen bytes
	tagASN       = 'a' // four bytes
	tagName      = 'n' // the name
	tagHash      = 'h' // SHA-256 of a name longer than maxName
	tagEverybody = '*' // nothing
)

// maxName is how much of a name is kept as it is.
const maxName = 128

// partition appends to dst which count r belongs to: at most maxName+1 bytes.
// Different partitions of one By are different bytes.
func (b *By) partition(dst []byte, r *http.Request) []byte {
	switch b.kind {
	case byPrefix:
		return appendPrefix(dst, b.addr(r), b.bits4, b.bits6)
	case byASN:
		addr := b.addr(r)
		if asn, ok := b.database.Lookup(addr); ok {
			return binary.BigEndian.AppendUint32(append(dst, tagASN), asn)
		}
		return appendPrefix(dst, addr, b.bits4, b.bits6)
	case byName:
		return appendName(dst, b.name(r))
	default:
		return append(dst, tagEverybody)
	}
}

func appendPrefix(dst []byte, addr netip.Addr, bits4, bits6 int) []byte {
	addr = addr.Unmap()
	bits, tag := bits6, byte(tagIPv6)
	switch {
	case !addr.IsValid():
		return append(dst, tagNoAddress)
	case addr.Is4():
		bits, tag = bits4, tagIPv4
	}
	prefix, err := addr.WithZone("").Prefix(bits)
	if err != nil { // it cannot be: validate has seen the bits
		return append(dst, tagNoAddress)
	}
	dst = append(dst, tag, byte(bits)) //nolint:gosec // at most 128
	if tag == tagIPv4 {
		four := prefix.Addr().As4()
		return append(dst, four[:]...)
	}
	sixteen := prefix.Addr().As16()
	return append(dst, sixteen[:]...)
}

// appendName keeps a long name as its hash, so that nothing grows with what a
// client sends.
func appendName(dst []byte, name string) []byte {
	if len(name) <= maxName {
		return append(append(dst, tagName), name...)
	}
	hash := sha256.New()
	var piece [64]byte
	for len(name) > 0 {
		n := copy(piece[:], name)
		hash.Write(piece[:n])
		name = name[n:]
	}
	return hash.Sum(append(dst, tagHash))
}

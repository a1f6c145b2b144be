package ratelimit

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"
)

// maxRanges bounds what is kept of a database: ten times what the largest have.
const maxRanges = 8_000_000

// maxWithoutASN is after how many records without an ASN, and none with one, a
// file is taken for a database of another kind.
const maxWithoutASN = 100_000

var errNoASN = errors.New("none of its records has an autonomous_system_number or asn: is it a database of another kind?")

// readASN takes everything of use out of an MMDB file.
func readASN(data []byte) (*asnRanges, error) {
	reader, err := maxminddb.OpenBytes(data)
	if err != nil {
		return nil, err
	}
	b := asnBuilder{known: make(map[uintptr]uint32), out: new(asnRanges)}
	// A tree of n nodes has n+1 leaves. A damaged one, whose branches grow
	// together again, may have more than could be counted.
	leaves := uint(0)
	for result := range reader.Networks(maxminddb.IncludeNetworksWithoutData()) {
		if err := result.Err(); err != nil {
			return nil, err
		}
		if leaves++; leaves > reader.Metadata.NodeCount+1 {
			return nil, errors.New("the tree is damaged: it has more leaves than its nodes can have")
		}
		if !result.Found() {
			continue
		}
		asn, err := b.asn(result)
		if err != nil {
			return nil, err
		}
		if asn == 0 {
			continue
		}
		if err := b.add(result.Prefix(), asn); err != nil {
			return nil, err
		}
		if len(b.out.ipv4)+len(b.out.ipv6) > maxRanges {
			return nil, fmt.Errorf("it has more than %d networks", maxRanges)
		}
	}
	if !b.any {
		return nil, fmt.Errorf("type %.64q: %w", reader.Metadata.DatabaseType, errNoASN)
	}
	b.end()
	return b.out, nil
}

// asnBuilder makes ranges of networks that come in ascending order.
type asnBuilder struct {
	out   *asnRanges
	known map[uintptr]uint32 // by the record's place: many networks share one
	any   bool

	next4 uint64    // the first IPv4 address after the last range
	next6 [2]uint64 // the first IPv6 address after the last range
	full6 bool      // the last IPv6 range reaches the last address
}

// asn returns the number in a record, 0 if there is none.
func (b *asnBuilder) asn(result maxminddb.Result) (uint32, error) {
	place := result.Offset()
	if asn, ok := b.known[place]; ok {
		return asn, nil
	}
	asn, err := decodeASN(result)
	if err != nil {
		return 0, err
	}
	b.any = b.any || asn != 0
	b.known[place] = asn
	if !b.any && len(b.known) > maxWithoutASN {
		return 0, errNoASN
	}
	return asn, nil
}

// decodeASN reads the field under its usual names: a number, or text with or
// without "AS" before it. It never decodes into any: a damaged record can be a
// list of lists of itself.
func decodeASN(result maxminddb.Result) (uint32, error) {
	for _, name := range []string{"autonomous_system_number", "asn"} {
		var number *uint64
		err := result.DecodePath(&number, name)
		if _, other := errors.AsType[maxminddb.UnmarshalTypeError](err); other {
			number, err = decodeText(result, name)
		}
		switch {
		case err != nil:
			return 0, err
		case number == nil:
			continue
		case *number > math.MaxUint32:
			return 0, fmt.Errorf("%s is %d; RFC 6793 has 32 bits", name, *number)
		}
		return uint32(*number), nil
	}
	return 0, nil
}

func decodeText(result maxminddb.Result, name string) (*uint64, error) {
	var text string
	if err := result.DecodePath(&text, name); err != nil {
		return nil, fmt.Errorf("%s is neither a number nor text: %w", name, err)
	}
	if text == "" {
		return nil, nil
	}
	number, err := strconv.ParseUint(strings.TrimPrefix(text, "AS"), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%s is %.32q, which is no number of an autonomous system", name, text)
	}
	return &number, nil
}

var errOrder = errors.New("the tree is damaged: its networks overlap")

func (b *asnBuilder) add(prefix netip.Prefix, asn uint32) error {
	if prefix.Addr().Is4() {
		return b.add4(prefix, asn)
	}
	return b.add6(prefix, asn)
}

func (b *asnBuilder) add4(prefix netip.Prefix, asn uint32) error {
	four := prefix.Masked().Addr().As4()
	start := uint64(four[0])<<24 | uint64(four[1])<<16 | uint64(four[2])<<8 | uint64(four[3])
	if start < b.next4 {
		return errOrder
	}
	list := b.out.ipv4
	if start > b.next4 {
		list = append4(list, b.next4, 0)
	}
	b.out.ipv4 = append4(list, start, asn)
	b.next4 = start + 1<<(32-prefix.Bits())
	return nil
}

func (b *asnBuilder) add6(prefix netip.Prefix, asn uint32) error {
	start := halves(prefix.Masked().Addr())
	if b.full6 || compareHalves(start, b.next6) < 0 {
		return errOrder
	}
	list := b.out.ipv6
	if start != b.next6 {
		list = append6(list, b.next6, 0)
	}
	b.out.ipv6 = append6(list, start, asn)
	b.next6 = start
	carry := uint64(0)
	if free := 128 - prefix.Bits(); free < 64 {
		b.next6[1] += 1 << free
		if b.next6[1] == 0 {
			carry = 1
		}
	} else {
		carry = 1 << (free - 64) // 0 for a whole 128 bits, which is full
	}
	b.next6[0] += carry
	b.full6 = b.next6 == [2]uint64{}
	return nil
}

// end closes the last ranges.
func (b *asnBuilder) end() {
	if b.next4 <= math.MaxUint32 {
		b.out.ipv4 = append4(b.out.ipv4, b.next4, 0)
	}
	if !b.full6 {
		b.out.ipv6 = append6(b.out.ipv6, b.next6, 0)
	}
}

// append4 and append6 join ranges of one system that follow each other.
func append4(list []asnRange4, start uint64, asn uint32) []asnRange4 {
	if n := len(list); n > 0 && list[n-1].asn == asn {
		return list
	}
	return append(list, asnRange4{uint32(start), asn}) //nolint:gosec // an IPv4 address
}

func append6(list []asnRange6, start [2]uint64, asn uint32) []asnRange6 {
	if n := len(list); n > 0 && list[n-1].asn == asn {
		return list
	}
	return append(list, asnRange6{start, asn})
}

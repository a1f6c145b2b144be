package postgres

import (
	"net/netip"
	"strconv"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// newInet decodes inet and cidr: family (2 for IPv4, 3 for IPv6), bits of the
// network, whether it is a cidr, length, address. An inet of all bits is shown
// without their number, a cidr never is.
func newInet(t *encode.Type) decoder {
	return newText(t, func(dst, b []byte, _ int) ([]byte, error) {
		if len(b) < 4 || len(b) != 4+int(b[3]) {
			return dst, errWire
		}
		ip, ok := netip.AddrFromSlice(b[4:])
		if !ok || ip.Is4() != (b[0] == 2) || int(b[1]) > ip.BitLen() {
			return dst, errWire
		}
		dst = appendIP(dst, ip)
		if b[2] == 0 && int(b[1]) == ip.BitLen() {
			return dst, nil
		}
		return strconv.AppendUint(append(dst, '/'), uint64(b[1]), 10), nil
	})
}

// appendIP writes as PostgreSQL does: as RFC 5952, but an IPv6 address whose
// first 96 bits are zero ends in dotted decimals, except ::, ::1 and the like.
func appendIP(dst []byte, ip netip.Addr) []byte {
	if b := ip.As16(); ip.Is6() && [12]byte(b[:12]) == [12]byte{} && (b[12] != 0 || b[13] != 0) {
		return netip.AddrFrom4([4]byte(b[12:])).AppendTo(append(dst, "::"...))
	}
	return ip.AppendTo(dst)
}

// newMAC decodes macaddr and macaddr8.
func newMAC(t *encode.Type, size int) decoder {
	const hex = "0123456789abcdef"
	return newText(t, func(dst, b []byte, _ int) ([]byte, error) {
		if len(b) != size {
			return dst, errWire
		}
		for i, c := range b {
			if i > 0 {
				dst = append(dst, ':')
			}
			dst = append(dst, hex[c>>4], hex[c&15])
		}
		return dst, nil
	})
}

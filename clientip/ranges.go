package clientip

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"
)

const (
	// maxRanges bounds the text that ParseRanges reads, in bytes.
	maxRanges = 64 << 10
	// maxRangeErrors bounds how many bad lines it names.
	maxRangeErrors = 8
)

// ParseRanges reads prefixes as Cloudflare publishes them: one in CIDR
// notation a line, for IPv4 or IPv6. Empty lines are skipped, and # begins a
// comment. It is an error if the text is longer than 64 KiB or has no prefix,
// or if one of them has host bits set, is IPv4-mapped, or is shorter than /8
// for IPv4 and /16 for IPv6. The error names the lines.
func ParseRanges(r io.Reader) ([]netip.Prefix, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxRanges+1))
	if err != nil {
		return nil, fmt.Errorf("clientip: reading ranges: %w", err)
	}
	if len(text) > maxRanges {
		return nil, fmt.Errorf("clientip: ranges: the text is longer than %d bytes; is it a list of prefixes?", maxRanges)
	}
	var (
		list []netip.Prefix
		errs []error
		n    int
	)
	for line := range strings.Lines(string(text)) {
		n++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		p, err := parseRange(line)
		if err != nil {
			if errs = append(errs, fmt.Errorf("clientip: ranges, line %d: %w", n, err)); len(errs) == maxRangeErrors {
				break
			}
			continue
		}
		list = append(list, p)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if len(list) == 0 {
		return nil, errors.New("clientip: ranges: there is no prefix; believing nobody is topology direct")
	}
	return list, nil
}

func parseRange(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%.60q is not a prefix such as 192.0.2.0/24", s)
	}
	if err := checkPrefix(p); err != nil {
		return netip.Prefix{}, fmt.Errorf("%s %w", p, err)
	}
	return p, nil
}

//go:embed cloudflare.txt
var bundled string

// asOfMark begins the first line of the bundled list; the date follows.
const asOfMark = "# As of "

// BundledCloudflareRanges returns the addresses that Cloudflare's edge connects
// from, as this module knows them, and the day when that was so. Such a list is
// perishable: an edge that it lacks is not believed, and its requests are
// attributed to the edge's own address. A program that runs for long should
// read a file that is kept current, see [ParseRanges] and [Resolver.Replace].
func BundledCloudflareRanges() (list []netip.Prefix, asOf time.Time) {
	list, err := ParseRanges(strings.NewReader(bundled))
	if err != nil {
		panic(err) // the file is compiled in; a test reads it
	}
	line, _, _ := strings.Cut(bundled, "\n")
	if asOf, err = time.Parse(asOfMark+time.DateOnly, line); err != nil {
		panic(err)
	}
	return list, asOf
}

package httpapi

import "strings"

// coding is a content coding (RFC 9110, section 8.4.1).
type coding uint8

const (
	identity coding = iota
	gzipped
	zstandard
)

// String is the name that Content-Encoding has.
func (c coding) String() string {
	switch c {
	case gzipped:
		return "gzip"
	case zstandard:
		return "zstd"
	default:
		return "identity"
	}
}

// Bounds of an Accept-Encoding, all its lines together. Browsers send some
// thirty bytes and five elements; what is longer is not read.
const (
	maxAcceptEncoding = 512
	maxCodings        = 16
)

// choice is what an answer is sent in. Its zero is identity.
type choice struct {
	coding coding
	// always: the client takes nothing uncompressed, so that the size does not matter.
	always bool
}

// accepted are the weights that a client gives, in thousandths; unsaid where it
// names a coding nowhere.
type accepted struct{ gzip, zstd, identity, others int }

const unsaid = -1

// negotiate reads Accept-Encoding (RFC 9110, section 12.5.3). What is not
// written as it says there, or is longer than anybody's, gets identity.
func negotiate(lines []string) choice {
	length := 0
	for _, line := range lines {
		length += len(line) + 1
	}
	if len(lines) == 0 || length > maxAcceptEncoding {
		return choice{}
	}
	a := accepted{unsaid, unsaid, unsaid, unsaid}
	count := 0
	for _, line := range lines {
		for more := true; more; {
			var element string
			element, line, more = strings.Cut(line, ",")
			if count++; count > maxCodings || !a.element(trim(element)) {
				return choice{}
			}
		}
	}
	return a.choose()
}

// element notes one element of the list. Empty ones are allowed (section 5.6.1.2).
func (a *accepted) element(text string) bool {
	if text == "" {
		return true
	}
	name, parameter, weighted := strings.Cut(text, ";")
	weight := 1000
	if weighted {
		var ok bool
		if weight, ok = parseWeight(trim(parameter)); !ok {
			return false
		}
	}
	name = trim(name)
	switch {
	case name == "*":
		note(&a.others, weight)
	case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"): // section 8.4.1.3
		note(&a.gzip, weight)
	case strings.EqualFold(name, "zstd"):
		note(&a.zstd, weight)
	case strings.EqualFold(name, "identity"):
		note(&a.identity, weight)
	default:
		return isToken(name)
	}
	return true
}

// note keeps the lowest of several weights: a refusal counts wherever it stands.
func note(to *int, weight int) {
	if *to == unsaid || weight < *to {
		*to = weight
	}
}

func (a *accepted) choose() choice {
	gzip, zstd, plain := a.gzip, a.zstd, a.identity
	if gzip == unsaid {
		gzip = max(a.others, 0)
	}
	if zstd == unsaid {
		zstd = max(a.others, 0)
	}
	if plain == unsaid {
		plain = a.others
	}
	// Between equals zstd, which is the smaller and faster, if it was named: who
	// writes "*" is more likely to know gzip.
	c, best := gzipped, gzip
	if zstd > gzip || zstd == gzip && a.zstd != unsaid {
		c, best = zstandard, zstd
	}
	if best == 0 || plain > best {
		return choice{}
	}
	return choice{coding: c, always: plain == 0}
}

// parseWeight reads a weight (section 12.4.2) in thousandths.
func parseWeight(text string) (int, bool) {
	if len(text) < 3 || text[0] != 'q' && text[0] != 'Q' || text[1] != '=' {
		return 0, false
	}
	whole, fraction, pointed := text[2], text[3:], false
	if fraction != "" {
		pointed, fraction = fraction[0] == '.', fraction[1:]
		if !pointed {
			return 0, false
		}
	}
	if whole != '0' && whole != '1' || len(fraction) > 3 {
		return 0, false
	}
	weight, unit := int(whole-'0')*1000, 100
	for _, digit := range []byte(fraction) {
		if digit < '0' || digit > '9' {
			return 0, false
		}
		weight += int(digit-'0') * unit
		unit /= 10
	}
	return weight, weight <= 1000
}

// trim removes optional white space (section 5.6.3).
func trim(s string) string { return strings.Trim(s, " \t") }

// isToken says whether s is a token (section 5.6.2).
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if !('0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return s != ""
}

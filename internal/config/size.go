package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Size is a number of bytes that is always written with its unit: 10kB (10 × 1000), 1MiB (1024²), 512B.
type Size int64

// sizePattern is also the pattern in the JSON Schema.
const sizePattern = `^(0|[1-9][0-9]{0,8})(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$`

var (
	sizeForm = regexp.MustCompile(sizePattern)

	// sizeUnits goes from the largest down: String takes the first that divides. (IEC 80000-13 for the binary prefixes.)
	sizeUnits = []struct {
		name string
		size int64
	}{
		{"TiB", 1 << 40},
		{"TB", 1e12},
		{"GiB", 1 << 30},
		{"GB", 1e9},
		{"MiB", 1 << 20},
		{"MB", 1e6},
		{"KiB", 1 << 10},
		{"kB", 1e3},
		{"B", 1},
	}
)

// Bytes returns s as a number of bytes.
func (s Size) Bytes() int64 { return int64(s) }

// String writes s as it would stand in the file, in the largest unit that needs no fraction.
func (s Size) String() string {
	if s != 0 {
		for _, u := range sizeUnits {
			if int64(s)%u.size == 0 {
				return strconv.FormatInt(int64(s)/u.size, 10) + u.name
			}
		}
	}
	return "0B"
}

// ParseSize reads a whole number with the unit B, kB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB, TiB (powers of
// 1024). The case of the unit counts: a guess between 10KB and 10KiB is the operator's to make.
func ParseSize(text string) (Size, error) {
	parts := sizeForm.FindStringSubmatch(text)
	if parts == nil {
		return 0, fmt.Errorf("%q is not a size: write a whole number and its unit%s", clip(text), sizeHint(text))
	}
	number, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a size: %w", clip(text), err)
	}
	for _, u := range sizeUnits {
		if u.name == parts[2] {
			if number > (1<<63-1)/u.size {
				return 0, fmt.Errorf("%q is too large a size", clip(text))
			}
			return Size(number * u.size), nil
		}
	}
	return 0, fmt.Errorf("%q has an unknown unit", clip(text))
}

var looseSize = regexp.MustCompile(`^([0-9]{1,9}) ?([kKmMgGtT])(i?)[bB]?$`)

// sizeHint spells out the two readings of a size whose unit is nearly right.
func sizeHint(text string) string {
	parts := looseSize.FindStringSubmatch(text)
	if parts == nil {
		return ", such as 10kB (10,000 bytes) or 1MiB (1,048,576 bytes)"
	}
	binary := parts[1] + strings.ToUpper(parts[2]) + "iB"
	if parts[3] != "" {
		return ", here " + binary + " (powers of 1024)"
	}
	decimal := parts[1] + strings.ToUpper(parts[2]) + "B"
	if strings.EqualFold(parts[2], "k") {
		decimal = parts[1] + "kB"
	}
	return ", here " + decimal + " (powers of 1000) or " + binary + " (powers of 1024)"
}

// UnmarshalText reads the form of ParseSize, so that flags take the same form as the file.
func (s *Size) UnmarshalText(text []byte) error {
	parsed, err := ParseSize(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

// MarshalText writes the form of String.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

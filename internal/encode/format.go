package encode

import "fmt"

// Format is a format of results. Its zero value is no format and is refused by [New].
type Format uint8

// The formats. Their values in each type are listed in docs/types.md.
const (
	// JSON is one RFC 8259 document: columns, rows as arrays, and the summary.
	JSON Format = iota + 1
	// NDJSON is one JSON object per row, each ended by a line feed.
	NDJSON
	// CSV is RFC 4180 with a header row.
	CSV
	// TSV is tab-separated values with a header row and the escapes of PostgreSQL's COPY text.
	TSV
	// Arrow is the Apache Arrow IPC streaming format.
	Arrow
)

// ParseFormat returns the format that a request names: "json", "ndjson", "csv", "tsv" or
// "arrow", exactly so. The error does not repeat the name, since it came from a client.
func ParseFormat(name string) (Format, error) {
	switch name {
	case "json":
		return JSON, nil
	case "ndjson":
		return NDJSON, nil
	case "csv":
		return CSV, nil
	case "tsv":
		return TSV, nil
	case "arrow":
		return Arrow, nil
	}
	return 0, fmt.Errorf("encode: unknown format (want json, ndjson, csv, tsv or arrow)")
}

// String returns the name that [ParseFormat] takes, or "invalid".
func (f Format) String() string {
	switch f {
	case JSON:
		return "json"
	case NDJSON:
		return "ndjson"
	case CSV:
		return "csv"
	case TSV:
		return "tsv"
	case Arrow:
		return "arrow"
	}
	return "invalid"
}

// ContentType returns the value of the Content-Type header, or "" for a format that is none.
// JSON has no charset parameter (RFC 8259, section 11); the text types name theirs, and CSV also
// says that a header row is present (RFC 4180, section 3).
func (f Format) ContentType() string {
	switch f {
	case JSON:
		return "application/json"
	case NDJSON:
		return "application/x-ndjson"
	case CSV:
		return "text/csv; charset=utf-8; header=present"
	case TSV:
		return "text/tab-separated-values; charset=utf-8"
	case Arrow:
		return "application/vnd.apache.arrow.stream"
	}
	return ""
}

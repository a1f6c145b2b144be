package main

import (
	"regexp"
	"strings"
)

// modulePath begins the symbols of the project's own functions.
const modulePath = "github.com/sallyport-dev/sallyport/"

// areas map the name of a function to the piece of the code that it is shown
// as. The first that matches counts. A function of the project is an area of
// its own.
var areas = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`(?i)duckdb.*(parser|transform|tokeniz|pgquery|base_yy)`), "DuckDB: parsing"},
	{regexp.MustCompile(`(?i)duckdb.*(serializ|yyjson)`), "DuckDB: the parse tree as JSON"},
	{regexp.MustCompile(`(?i)duckdb.*(parquet|zstd|columnreader|thrift|rledecoder|dictionarydecoder|snappy)`), "DuckDB: reading Parquet"},
	{regexp.MustCompile(`(?i)duckdb.*(bind|planner|optimiz|rewriter|propagat|logical|physicalplan|catalog)`), "DuckDB: binding and optimising"},
	{regexp.MustCompile(`(?i)duckdb`), "DuckDB: the rest"},
	{regexp.MustCompile(`^net/http\.|^net/textproto\.`), "net/http"},
	{regexp.MustCompile(`^log/slog\.`), "log/slog"},
	{regexp.MustCompile(`^encoding/json\.`), "encoding/json"},
	{regexp.MustCompile(`^runtime\.(gcBgMarkWorker|bgsweep|bgscavenge|gcDrain)`), "Go's garbage collector"},
	{regexp.MustCompile(`^runtime\.(schedule|findRunnable|park_m|mcall|mstart|sysmon|goschedImpl|exitsyscall0|startm)`), "Go's scheduler"},
}

// cLibrary is what C and C++ code calls; Go code does not.
var cLibrary = regexp.MustCompile(`/(libc|libstdc\+\+|libm|libgcc_s)[.-]`)

// areaOf finds the area of a stack, whose first line is the leaf: that of the
// first function from there that has one. kernel is whether the leaf is in
// the kernel.
func areaOf(stack []string) (name string, kernel bool) {
	fallback := "the kernel, caller unknown"
	for i, line := range stack {
		symbol, library := parseFrame(line)
		switch {
		case strings.HasPrefix(library, "[kernel") || strings.HasPrefix(library, "[guest.kernel"):
			kernel = kernel || i == 0
			continue
		case strings.HasPrefix(symbol, modulePath):
			return strings.TrimPrefix(symbol, modulePath), kernel
		case cLibrary.MatchString(library):
			fallback = "the C library, as a rule for DuckDB"
			continue
		}
		for _, a := range areas {
			if a.pattern.MatchString(symbol) {
				return a.name, kernel
			}
		}
		if !strings.HasPrefix(fallback, "the C library") && symbol != "[unknown]" {
			fallback = "other Go and C code"
		}
	}
	return fallback, kernel
}

// parseFrame reads "  address symbol (library)".
func parseFrame(line string) (symbol, library string) {
	line = strings.TrimSpace(line)
	_, line, _ = strings.Cut(line, " ")
	if i := strings.LastIndex(line, " ("); i >= 0 {
		return line[:i], strings.Trim(line[i+1:], "()")
	}
	return line, ""
}

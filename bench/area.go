package main

import (
	"cmp"
	"regexp"
	"strings"
)

// modulePath begins the symbols of the project's own functions.
const modulePath = "github.com/sallyport-dev/sallyport/"

// folded are the packages of many small functions whose sum is what counts.
// They are shown as one area each, with the names of the largest functions.
var folded = []string{"internal/encode", "sqlguard"}

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
	{regexp.MustCompile(`^github\.com/klauspost/compress/|^compress/`), "compression"},
	{regexp.MustCompile(`^github\.com/google/flatbuffers/|^github\.com/apache/arrow-go/`), "Arrow's libraries"},
	{regexp.MustCompile(`^net/http\.|^net/textproto\.`), "net/http"},
	{regexp.MustCompile(`^log/slog\.`), "log/slog"},
	{regexp.MustCompile(`^encoding/json\.`), "encoding/json"},
	{regexp.MustCompile(`^runtime\.(gcBgMarkWorker|bgsweep|bgscavenge|gcDrain)`), "Go's garbage collector"},
	{regexp.MustCompile(`^runtime\.(schedule|findRunnable|park_m|mcall|mstart|sysmon|goschedImpl|exitsyscall0|startm)`), "Go's scheduler"},
}

// cLibrary is what C and C++ code calls; Go code does not.
var cLibrary = regexp.MustCompile(`/(libc|libstdc\+\+|libm|libgcc_s)[.-]`)

// noSymbols is the area of code outside the kernel that has no names.
const noSymbols = "code without symbols"

// place is where a sample was taken.
type place struct {
	area string
	// function is set in a folded area.
	function string
	// kernel is whether the leaf of the stack is in the kernel.
	kernel bool
}

// placeOf finds the area of a stack, whose first line is the leaf: that of the
// first function from there that has one.
func placeOf(stack []string) place {
	name, kernel := areaOf(stack)
	for _, f := range folded {
		if function, found := strings.CutPrefix(name, f); found && (strings.HasPrefix(function, ".") || strings.HasPrefix(function, "/")) {
			return place{f, function[1:], kernel}
		}
	}
	return place{area: name, kernel: kernel}
}

// areaOf is the same without the folding.
func areaOf(stack []string) (name string, kernel bool) {
	fallback := ""
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
	if kernel && fallback == "" {
		return kernelWork(stack), kernel
	}
	return cmp.Or(fallback, noSymbols), kernel
}

// kernelWorks say what the kernel does, by what its functions are called.
var kernelWorks = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`page_fault|handle_mm_fault`), "page faults"},
	{regexp.MustCompile(`futex`), "futexes"},
	{regexp.MustCompile(`madvise|munmap|mmap|mprotect|do_brk`), "mapping memory"},
	{regexp.MustCompile(`^(tcp|unix|sock|inet|__sys_(send|recv))`), "sockets"},
	{regexp.MustCompile(`^(asm_)?sysvec_|softirq|_interrupt|^irq_`), "interrupts"},
	{regexp.MustCompile(`^(schedule|__schedule|ret_from_fork|finish_task_switch)`), "switching threads"},
}

// kernelWork names a stack that perf could not follow out of the kernel.
func kernelWork(stack []string) string {
	for _, w := range kernelWorks {
		for _, line := range stack {
			if symbol, _ := parseFrame(line); w.pattern.MatchString(symbol) {
				return "the kernel: " + w.name
			}
		}
	}
	leaf, _ := parseFrame(stack[0])
	return "the kernel: " + leaf
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

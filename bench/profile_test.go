package main

import (
	"slices"
	"testing"
	"time"
)

// stacks are samples as perf script writes them.
const stacks = `   11 
	ffffffff816bb758 vfs_write ([kernel.kallsyms])
	          af18ce internal/runtime/syscall/linux.Syscall6 (/tmp/sallyport)
	          c83665 net.(*netFD).Write (/tmp/sallyport)
	          da8615 net/http.(*conn).serve (/tmp/sallyport)

   11 
	          b00000 runtime.mallocgc (/tmp/sallyport)
	          df0e57 github.com/sallyport-dev/sallyport/event.(*Recorder).finish (/tmp/sallyport)
	          da8615 net/http.(*conn).serve (/tmp/sallyport)

   11 
	          b00000 encoding/json.Marshal (/tmp/sallyport)

   11 
	          b00000 encoding/json.Marshal (/tmp/sallyport)

   12 
	           9622d _int_free (/usr/lib/x86_64-linux-gnu/libc.so.6)
	               1 [unknown] ([unknown])

   12 
	         1a908f5 duckdb::ColumnReader::Read(unsigned long, (anonymous namespace)::x) (/tmp/sallyport)
	    7f64e0004808 [unknown] ([unknown])

`

func TestSummariseStacks(t *testing.T) {
	t.Parallel()
	got := summarise("x", stacks, 11, 2*time.Second)
	want := []area{{"encoding/json", 0.5, 0, ""}, {"event.(*Recorder).finish", 0.25, 0, ""}, {"net/http", 0.25, 0.25, ""}}
	if !slices.Equal(got.server.areas, want) {
		t.Errorf("server: got %v, want %v", got.server.areas, want)
	}
	want = []area{{"DuckDB: reading Parquet", 0.5, 0, ""}, {"the C library, as a rule for DuckDB", 0.5, 0, ""}}
	if !slices.Equal(got.workers.areas, want) {
		t.Errorf("workers: got %v, want %v", got.workers.areas, want)
	}
	if want := 4.0 / profileRate / 2; got.server.cores != want {
		t.Errorf("server: got %v cores, want %v", got.server.cores, want)
	}
	if none := summarise("x", "", 11, time.Second); len(none.server.areas)+len(none.workers.areas) != 0 {
		t.Errorf("out of nothing: %v", none)
	}
}

func TestAreas(t *testing.T) {
	t.Parallel()
	for symbol, want := range map[string]string{
		"duckdb::Transformer::TransformSelect":                "DuckDB: parsing",
		"duckdb_yyjson::write_string":                         "DuckDB: the parse tree as JSON",
		"duckdb_zstd::ZSTD_decompress":                        "DuckDB: reading Parquet",
		"duckdb::Optimizer::Optimize":                         "DuckDB: binding and optimising",
		"duckdb::Vector::Reference":                           "DuckDB: the rest",
		"net/textproto.(*Reader).ReadLine":                    "net/http",
		"runtime.gcBgMarkWorker":                              "Go's garbage collector",
		"runtime.findRunnable":                                "Go's scheduler",
		"github.com/klauspost/compress/zstd.(*Encoder).Write": "compression",
		"github.com/google/flatbuffers/go.(*Builder).Prep":    "Arrow's libraries",
		"main.work":                            "other Go and C code",
		"[unknown]":                            "code without symbols",
		modulePath + "internal/query.(*x).Row": "internal/query.(*x).Row",
		modulePath + "internal/engine/schedule.(*Queue).Acquire": "internal/engine/schedule.(*Queue).Acquire",
	} {
		if got, kernel := areaOf([]string{"  1 " + symbol + " (/tmp/sallyport)"}); got != want || kernel {
			t.Errorf("%s: got %q, %v, want %q", symbol, got, kernel, want)
		}
	}
}

func TestKernelWithoutCallerSaysWhatItDoes(t *testing.T) {
	t.Parallel()
	for want, symbols := range map[string][]string{
		"the kernel: page faults":    {"clear_page_erms", "handle_mm_fault", "exc_page_fault", "asm_exc_page_fault"},
		"the kernel: futexes":        {"schedule", "futex_wait", "__x64_sys_futex", "do_syscall_64"},
		"the kernel: mapping memory": {"zap_pte_range", "madvise_vma_behavior", "do_syscall_64"},
		"the kernel: sockets":        {"copy_user", "unix_stream_sendmsg", "do_syscall_64"},
		"the kernel: interrupts":     {"handle_softirqs", "asm_sysvec_apic_timer_interrupt"},
		"the kernel: do_idle":        {"do_idle"},
	} {
		var stack []string
		for _, s := range symbols {
			stack = append(stack, " ffff "+s+" ([kernel.kallsyms])")
		}
		if got, kernel := areaOf(stack); got != want || !kernel {
			t.Errorf("%v: got %q, %v, want %q", symbols, got, kernel, want)
		}
		// A caller is worth more than what the kernel does for it.
		stack = append(stack, "  1 net/http.(*conn).serve (/tmp/sallyport)")
		if got, kernel := areaOf(stack); got != "net/http" || !kernel {
			t.Errorf("%v with a caller: got %q, %v", symbols, got, kernel)
		}
	}
	user := []string{" 1 [unknown] ([unknown])", " ffff futex_wait ([kernel.kallsyms])"}
	if got, kernel := areaOf(user); got != noSymbols || kernel {
		t.Errorf("code without symbols: got %q, %v", got, kernel)
	}
}

func TestFoldedAreaNamesItsFunctions(t *testing.T) {
	t.Parallel()
	var text string
	for _, symbol := range []string{"encode.b", "encode.a", "encode.b", "encode.c", "encode.d", "encode.e", "encodeother.f"} {
		text += "11\n 1 " + modulePath + "internal/" + symbol + " (/tmp/sallyport)\n\n"
	}
	got := summarise("x", text, 11, time.Second).server
	if len(got.areas) != 2 || got.areas[0].title() != "`internal/encode`: `b`, `a`, `c`, `d`" || got.areas[1].title() != "`internal/encodeother.f`" {
		t.Errorf("got %+v", got.areas)
	}
	if got := placeOf([]string{" 1 " + modulePath + "sqlguard/duckdb.(*parser).tree (/tmp/sallyport)"}); got != (place{"sqlguard", "duckdb.(*parser).tree", false}) {
		t.Errorf("got %+v", got)
	}
}

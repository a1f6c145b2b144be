package main

import (
	"fmt"
	"strings"
	"time"
)

// page is a Markdown document in the making.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// table begins a table: the first column is text, the others are figures.
func (p *page) table(head ...string) {
	p.line("")
	p.line("| %s |", strings.Join(head, " | "))
	p.line("|---|%s", strings.Repeat("---:|", len(head)-1))
}

func (p *page) row(cells ...string) { p.line("| %s |", strings.Join(cells, " | ")) }

// markdown is the whole of RESULTS.md.
func (r *results) markdown() []byte {
	p := &page{}
	r.head(p)
	r.goals(p)
	r.endToEnd(p)
	r.streamed(p)
	r.endToEndPostgres(p)
	r.guardCosts(p)
	r.perimeterCosts(p)
	r.chainCosts(p)
	r.memory(p)
	r.whereTime(p)
	r.settings(p)
	return []byte(p.String())
}

func (r *results) head(p *page) {
	p.line("# Benchmark results")
	p.line("")
	p.line("Written by `go run ./bench` (`make bench`) in the root of a checkout; run it to make this page again.")
	p.line("The package comment of [bench](doc.go) says how it measures.")
	p.line("")
	p.line("**How to read it.** All figures of a page are of one run. The machine may be shared and is noisy: a figure is the median")
	p.line("of several rounds, with minimum to maximum in parentheses. Both servers take turns, A B A B; a ratio is that of two")
	p.line("neighbouring rounds, Sallyport's figure over the bare handler's, and is worth more than the figures themselves.")
	p.table("machine", "")
	p.row("processor", r.machine.cpu)
	p.row("cores", fmt.Sprint(r.machine.cores)+", shared by both servers and the load")
	p.row("memory", r.machine.memory)
	p.row("system", r.machine.kernel)
	p.row("load average before", r.machine.busy)
	p.row("Go", r.machine.golang)
	p.row("DuckDB", r.machine.duckdb)
	p.row("PostgreSQL", r.pgVersion)
	p.row("started", r.started.UTC().Format("2006-01-02 15:04 UTC"))
	p.row("took", r.took.Round(time.Second).String())
}

func (r *results) endToEnd(p *page) {
	if r.compared == nil {
		return
	}
	p.line("")
	p.line("## Over HTTP: the bare handler and Sallyport")
	p.line("")
	p.line("%d connections on loopback, %d rounds of %v for each server. The bare handler is [bare.go](bare.go): `net/http`, `database/sql` over", connections, r.plan.rounds, r.plan.round)
	p.line("DuckDB in its own process, each row scanned into `[]any`, `encoding/json`; it runs whatever it is sent, for anybody, and writes no log.")
	p.line("Sallyport is the real binary with a key, its log going to a file. Both have the settings at the end of this page.")
	p.line("The p99 of a round with few requests (see requests/s) is not far from its slowest one.")
	p.comparisons(r.compared)
	p.line("")
	p.line("All loads but the second repeat one statement, whose verdict then comes from the server's cache.")
}

// endToEndPostgres is the same over PostgreSQL.
func (r *results) endToEndPostgres(p *page) {
	if r.pgCompared == nil {
		return
	}
	p.line("")
	p.line("## Over HTTP: the same over Postgres")
	p.line("")
	p.line("%d connections on loopback, %d rounds of %v for each server, one PostgreSQL for both, as the same role. The bare handler is", connections, r.plan.rounds, r.plan.round)
	p.line("[bare_postgres.go](bare_postgres.go): `net/http`, `pgxpool` with %d connections, `rows.Values`, `encoding/json`; pgx keeps its statements prepared. Sallyport has", poolSize)
	p.line("a pool of as many, and runs each query in a READ ONLY transaction that it rolls back. The processor is shared with PostgreSQL, too.")
	p.comparisons(r.pgCompared)
}

func (p *page) comparisons(list []comparison) {
	p.table("load", "", "requests/s", "p50, ms", "p99, ms", "answer, bytes")
	for _, c := range list {
		p.row(c.load.name, "bare", figures(spreadOf(each(c.bare, perSec)), 0), figures(spreadOf(each(c.bare, p50)), 2), figures(spreadOf(each(c.bare, p99)), 2), fmt.Sprint(c.bare[0].bytes))
		p.row("", "Sallyport", figures(spreadOf(each(c.full, perSec)), 0), figures(spreadOf(each(c.full, p50)), 2), figures(spreadOf(each(c.full, p99)), 2), fmt.Sprint(c.full[0].bytes))
		p.row("", "**ratio**", "**"+figures(c.ratio(perSec), 2)+"**", figures(c.ratio(p50), 2), figures(c.ratio(p99), 2), "")
	}
	p.line("")
	p.line("The queries:")
	p.line("")
	for _, c := range list {
		p.line("- *%s*, %s: `%s`", c.load.name, c.load.what, c.load.query(1))
	}
}

func (r *results) guardCosts(p *page) {
	if r.guard == nil {
		return
	}
	p.line("")
	p.line("## The guard")
	p.line("")
	p.line("*Cold* is `sqlguard.Guard.Check` with the engine's own parser: the text layers, parsing, the rules, the SQL made anew, and its check.")
	p.line("*Cached* is `internal/query.Service.Check` on a statement it has judged before. One goroutine, %d rounds of %v.", r.plan.loops, r.plan.loop)
	p.table("dialect", "query", "bytes", "cold, µs", "cold, allocations", "cold, bytes", "cached, µs", "cached, allocations")
	for _, g := range r.guard {
		p.row(g.dialect, g.name, fmt.Sprint(g.length), figures(g.cold.micros, 1), fmt.Sprintf("%.0f", g.cold.allocs), fmt.Sprintf("%.0f", g.cold.bytes),
			figures(g.cached.micros, 3), fmt.Sprintf("%.1f", g.cached.allocs))
	}
	p.line("")
	p.line("The queries are in [guard.go](guard.go). Allocations are Go's: what the parsers allocate, in C and C++, is not in them.")
}

func (r *results) perimeterCosts(p *page) {
	if r.perimeter == nil {
		return
	}
	p.line("")
	p.line("## The perimeter")
	p.line("")
	p.line("The server's whole handler, called in a process of its own without a network, one request at a time. %d rounds of %v.", r.plan.loops, r.plan.loop)
	p.line("A response writer that only collects is in the figures, with 2 to 4 allocations.")
	p.table("request", "µs", "allocations", "bytes")
	for _, c := range r.perimeter {
		p.row(c.name+": "+c.detail, figures(c.micros, 2), fmt.Sprintf("%.1f", c.allocs), fmt.Sprintf("%.0f", c.bytes))
	}
}

// chainCosts compares the protections with other packages'.
func (r *results) chainCosts(p *page) {
	if r.chains != nil {
		r.chainTable(p)
	}
	if r.addresses.addresses > 0 {
		r.addressTable(p)
	}
}

func (r *results) chainTable(p *page) {
	p.line("")
	p.line("## The protections, and what people put together without them")
	p.line("")
	p.line("A handler that does nothing, one POST at a time from one address, by itself and behind middleware. %d rounds of %v, one after the other in one run.", r.plan.loops, r.plan.loop)
	p.line("The limits are never reached: what is timed is counting. The chains are in [chains.go](chains.go). The other packages have no keys, no limit on")
	p.line("what is in flight, no record of the request and no counting by network; nothing here makes up for that.")
	p.table("chain", "µs", "allocations", "bytes")
	for _, c := range r.chains {
		p.row(c.name+": "+c.detail, figures(c.micros, 2), fmt.Sprintf("%.1f", c.allocs), fmt.Sprintf("%.0f", c.bytes))
	}
}

func (r *results) addressTable(p *page) {
	a := r.addresses
	p.line("")
	p.line("A flood of %d million different IPv6 addresses, each in a /64 of its own, one decision of `ratelimit` with the in-process store for each:", a.addresses/million)
	p.table("", "")
	p.row("a decision, mean of the first million", fmt.Sprintf("%d ns", a.first.Nanoseconds()))
	p.row("a decision, mean of the last million", fmt.Sprintf("%d ns", a.last.Nanoseconds()))
	p.row("memory that the store may take", fmt.Sprintf("%.0f MiB", float64(a.budget)/(1<<20)))
	p.row("growth of the heap", fmt.Sprintf("%.0f MiB", float64(a.heap)/(1<<20)))
}

func (r *results) memory(p *page) {
	if r.bareMemory == nil && r.noMemory == "" {
		return
	}
	p.line("")
	p.line("## Memory")
	p.line("")
	if r.bareMemory == nil || r.fullMemory == nil {
		p.line("%s.", r.noMemory)
		return
	}
	p.line("Resident memory in MiB, from `/proc/PID/smaps_rollup`: RSS counts pages that processes share (the program itself, above all) in each of them, PSS")
	p.line("divides them. Each server was started anew, then put under all loads, %v each; *peak* is the highest of each figure in a look every 50 ms.", r.plan.memory)
	p.table("", "", "at rest, before", "peak under load", "at rest, after")
	f, b := r.fullMemory, r.bareMemory
	mib := func(kib int64) string { return fmt.Sprintf("%.0f", float64(kib)/1024) }
	p.row("bare handler", "RSS", mib(b.fresh.server.rss), mib(b.peak.server.rss), mib(b.after.server.rss))
	p.row("", "PSS", mib(b.fresh.server.pss), mib(b.peak.server.pss), mib(b.after.server.pss))
	p.row("Sallyport, server", "RSS", mib(f.fresh.server.rss), mib(f.peak.server.rss), mib(f.after.server.rss))
	p.row("", "PSS", mib(f.fresh.server.pss), mib(f.peak.server.pss), mib(f.after.server.pss))
	p.row(fmt.Sprintf("Sallyport, %d workers together", f.fresh.count), "RSS", mib(f.fresh.children.rss), mib(f.peak.children.rss), mib(f.after.children.rss))
	p.row("", "PSS", mib(f.fresh.children.pss), mib(f.peak.children.pss), mib(f.after.children.pss))
}

// settings say what was run, so that it can be run again.
func (r *results) settings(p *page) {
	p.line("")
	p.line("## Settings and commands")
	p.line("")
	p.line("Both: %d threads for DuckDB in each process that has it, the same Parquet file ([examples/flights](../examples/flights/README.md)) as a view, GOMAXPROCS and GOGC as Go sets them.", threads)
	p.line("The bare handler has one DuckDB with %s for all its clients and keeps %d connections open. Sallyport has %d workers with %s each, so %d queries run at once and the others wait, but for what its spare worker takes.",
		bareMemory, connections, workers, workerMemory, workers)
	p.line("")
	p.line("```sh")
	p.line("go build -trimpath -o $DIR/sallyport ./cmd/sallyport")
	p.line("SALLYPORT_API_KEY=$KEY $DIR/sallyport serve --config $DIR/bench.yaml 2>$DIR/stderr-2")
	p.line("bench %s examples/flights/flights.parquet 2>$DIR/stderr-1", bareWord)
	p.line("perf record --quiet --freq %d --event cpu-clock -g --pid $SERVER,$WORKERS -- sleep %v", profileRate, r.plan.profile.Seconds())
	p.line("```")
	p.line("")
	p.line("`bench.yaml` spells out the defaults, but for rates that are never reached and as many places for a client as it has connections:")
	p.line("")
	p.line("```yaml")
	p.line("%s```", r.yaml)
	if r.streams != nil {
		p.line("")
		p.line("For the streams, `bench %s $DIR/%s.parquet`, `bench %s $DIR/%s.parquet` and `bench-stream.yaml`, whose source is:", scanWord, streamTable, bareWord, streamTable)
		p.source(r.streams.yaml)
	}
	if r.pgCompared == nil {
		return
	}
	p.line("")
	p.line("Over Postgres, `bench %s $URL` and `bench-postgres.yaml`, whose source is:", barePostgresWord)
	p.source(r.pgYAML)
}

// source shows the sources of a configuration.
func (p *page) source(yaml string) {
	p.line("")
	p.line("```yaml")
	_, source, _ := strings.Cut(yaml, "sources:\n")
	p.line("%s```", source)
}

// figures is a spread as "median (minimum to maximum)".
func figures(s spread, decimals int) string {
	return fmt.Sprintf("%.*f (%.*f to %.*f)", decimals, s.median, decimals, s.low, decimals, s.high)
}

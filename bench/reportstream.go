package main

import "fmt"

// streamed shows the large result.
func (r *results) streamed(p *page) {
	s := r.streams
	if s == nil {
		return
	}
	p.line("")
	p.line("## The large result as a stream")
	p.line("")
	p.line("%s rows of a Parquet file of %.1f MB, which has the flights several times: `%s`. One client reads the answer and throws it away, %d times,", grouped(s.rows), float64(s.file)/1e6, streamQuery, r.plan.streams)
	p.line("a new connection each time. *The engine by itself* is [scan.go](scan.go): DuckDB in a process of its own with a worker's threads and memory, the same query")
	p.line("streamed through its C API, every chunk fetched and none looked at. It takes turns with Sallyport; a ratio is that of neighbouring rounds.")
	p.line("*With the row limit* is the same with the `LIMIT %s` that the guard writes into the query.", streamLimit)
	p.table("answer", "seconds", "million rows/s", "MB/s", "answer, MB", "speed over the engine's", "over that with the row limit")
	for _, l := range s.list {
		p.streamRow("the engine by itself", l.scan, s.rows)
		p.streamRow("the engine by itself, with the row limit", l.limited, s.rows, figures(l.limitedSpeed(), 2))
		p.streamRow(l.load.name, l.full, s.rows, "**"+figures(l.speed(l.scan), 2)+"**", figures(l.speed(l.limited), 2))
	}
	if s.bare != nil {
		p.streamRow("the bare handler, JSON, once", []drained{*s.bare}, s.rows)
	}
	if s.noBare != "" {
		p.line("")
		p.line("The bare handler: %s.", s.noBare)
	}
	s.memory(p)
}

func (p *page) streamRow(name string, list []drained, rows int64, ratios ...string) {
	took := spreadOf(seconds(list))
	cells := []string{name, figures(took, 2), fmt.Sprintf("%.1f", float64(rows)/took.median/1e6), "", ""}
	if bytes := float64(list[0].bytes) / 1e6; bytes >= 1 {
		cells[3], cells[4] = fmt.Sprintf("%.0f", bytes/took.median), fmt.Sprintf("%.0f", bytes)
	}
	cells = append(cells, ratios...)
	for len(cells) < 7 {
		cells = append(cells, "")
	}
	p.row(cells...)
}

// memory shows how far it moved.
func (s *streams) memory(p *page) {
	if s.slow == nil {
		return
	}
	p.line("")
	p.line("Resident memory in MB from `/proc/PID/statm`, looked at every %v from before the first counted stream to after the last:", lookEvery)
	p.table("process", "before", "lowest", "highest", "moved", "looks")
	for _, l := range s.list {
		p.swing("Sallyport, server: "+l.load.name, l.memory.server)
		p.swing("its workers together", l.memory.workers)
	}
	p.swing(fmt.Sprintf("Sallyport, server: a client that reads %d kB/s, then hangs up", sipsPerSecond/1000), s.slow.server)
	p.swing("its workers together", s.slow.workers)
	if s.bare != nil {
		p.swing("bare handler: the same rows as JSON, once", s.bareMemory)
	}
}

func (p *page) swing(name string, s swing) {
	mb := func(bytes int64) string { return fmt.Sprintf("%.0f", float64(bytes)/1e6) }
	p.row(name, mb(s.start), mb(s.low), mb(s.high), s.String(), fmt.Sprint(s.looks))
}

// streamGoals are those of the first format.
func (r *results) streamGoals(judge judge) {
	if r.streams == nil {
		return
	}
	for _, l := range r.streams.list {
		if l.load.goal == 0 {
			continue
		}
		speed := l.speed(l.scan)
		judge(l.load.name+", beside the engine's own scan", fmt.Sprintf("≥ %.0f%%", 100*l.load.goal), percent(speed), speed.median >= l.load.goal, r.reason(l.load.name))
		asked := fmt.Sprintf("± %d MB", flatGoal/1_000_000)
		if r.streams.slow == nil {
			continue
		}
		judge("the server's memory during that stream", asked, l.memory.server.String()+" MB", l.memory.server.flat(), "See what it holds below.")
		judge("the server's memory beside a slow client", asked, r.streams.slow.server.String()+" MB", r.streams.slow.server.flat(), "See what it holds below.")
	}
}

// grouped is a number with commas.
func grouped(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

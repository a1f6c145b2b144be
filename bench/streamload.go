package main

import "strings"

// streamRows are the rows of the large result.
const streamRows = 5_000_000

// streamLoad is one format of the large result.
type streamLoad struct {
	name, format string
	// goal is the least ratio of its speed to the engine's own; 0: none.
	goal float64
}

// streamQuery is what is streamed: all of the table.
const streamQuery = "SELECT date, delay, distance, origin, destination FROM " + streamTable

// streamLoads are the formats in which it is asked for. The first has the
// goals.
var streamLoads = []streamLoad{
	{name: "5 million rows as an Arrow stream", format: "arrow", goal: 0.70},
	{name: "5 million rows as TSV", format: "tsv"},
}

// wantedStreams are those that are to be measured.
func (p plan) wantedStreams() []streamLoad {
	var list []streamLoad
	for _, l := range streamLoads {
		if p.wants(l.name) {
			list = append(list, l)
		}
	}
	return list
}

// What the memory of a server that streams may do (± 20 MB), and how fast a
// slow client reads.
const (
	flatGoal      = 20_000_000
	sipsPerSecond = 1_000_000
)

// capped is the query with the row limit that the guard writes into it.
func capped() string { return strings.TrimSpace(streamQuery) + " LIMIT " + streamLimit }

// streamLimit is the row limit of the source: more than it has, so that the end
// of a stream is the end of the rows.
const streamLimit = "6000000"

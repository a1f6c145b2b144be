package main

import "time"

// plan says how much is measured. Every part of it is bounded in time.
type plan struct {
	// rounds is how often both servers take their turn under each load.
	rounds int
	// round is how long one server is under one load at a time; requests ends
	// a round sooner.
	round    time.Duration
	requests int64
	// warmup is a round before the first that is not counted.
	warmup time.Duration
	// settle is how long a server is left alone after its start.
	settle time.Duration
	// loops and loop are the same for what is measured without a server.
	loops int
	loop  time.Duration
	// millions of addresses come to the limits.
	millions int
	// memory is how long a server is under each load while its memory is
	// watched.
	memory time.Duration
	// profile is how long each load lasts while perf watches; 0: never.
	profile time.Duration
	// streams is how often the large result of streamRows is read in each format,
	// slow how long by a client that reads slowly.
	streams    int
	streamRows int64
	slow       time.Duration
	// only is a piece of the names of what is measured; "": everything.
	only string
}

// wholePlan takes about five minutes.
var wholePlan = plan{
	rounds: 7, round: 1500 * time.Millisecond, requests: 100_000, warmup: 500 * time.Millisecond, settle: time.Second,
	loops: 7, loop: 150 * time.Millisecond,
	millions: 10,
	memory:   2 * time.Second, profile: 3 * time.Second,
	streams: 7, streamRows: streamRows, slow: 3 * time.Second,
}

// connections is how many clients ask at once.
const connections = 8

// load is one kind of request.
type load struct {
	name string
	// what the result means, for the page
	what string
	// sql is the query; fresh makes a different one for each n instead.
	sql   string
	fresh func(n int64) string
	rows  int // in every answer
	// goal is the least ratio of requests/s that the design asks for; 0: none.
	goal float64
}

// query is the SQL of the nth request.
func (l load) query(n int64) string {
	if l.fresh != nil {
		return l.fresh(n)
	}
	return l.sql
}

// settings are the limits that both servers are given.
const (
	workers      = 2
	threads      = 2
	workerMemory = "512MiB"
	bareMemory   = "1GiB" // that of all workers
)

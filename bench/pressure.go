package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// round is what one server did under one load for a while.
type round struct {
	requests int
	perSec   float64
	p50, p99 time.Duration
	bytes    int // of the last answer's body
}

// serial numbers the queries of a run, so that fresh ones stay fresh.
var serial atomic.Int64

// press puts a server under a load from all connections until the time or the
// number of requests is used up. Any answer but 200 is an error.
func press(ctx context.Context, s *contender, l load, limit time.Duration, requests int64) (round, error) {
	clients, err := dialAll(ctx, s, l)
	defer func() {
		for _, c := range clients {
			_ = c.conn.Close() // only read from
		}
	}()
	if err != nil {
		return round{}, fmt.Errorf("%s: %w", s.name, err)
	}
	var left atomic.Int64
	left.Store(requests)
	latencies := make([][]time.Duration, len(clients))
	problems := make([]error, len(clients))
	var group sync.WaitGroup
	start := time.Now()
	for i, c := range clients {
		group.Go(func() {
			latencies[i], problems[i] = c.repeat(ctx, s, l, start.Add(limit), &left)
		})
	}
	group.Wait()
	took := time.Since(start)
	if err := errors.Join(problems...); err != nil {
		return round{}, fmt.Errorf("%s under %q: %w\n%s", s.name, l.name, err, s.tail())
	}
	all := slices.Concat(latencies...)
	if len(all) == 0 {
		return round{}, fmt.Errorf("%s under %q: no request was answered in %v", s.name, l.name, limit)
	}
	slices.Sort(all)
	return round{
		requests: len(all), perSec: float64(len(all)) / took.Seconds(),
		p50: percentile(all, 0.50), p99: percentile(all, 0.99), bytes: clients[0].body.Len(),
	}, nil
}

// dialAll opens the connections, and looks into an answer before any is timed.
func dialAll(ctx context.Context, s *contender, l load) ([]*client, error) {
	clients := make([]*client, 0, connections)
	for range connections {
		c, err := dial(ctx, s.address)
		if err != nil {
			return clients, err
		}
		clients = append(clients, c)
	}
	if err := clients[0].ask(s.request(l.query(serial.Add(1)))); err != nil {
		return clients, err
	}
	return clients, clients[0].checkAnswer(l)
}

// repeat asks again and again until the end, and times each answer.
func (c *client) repeat(ctx context.Context, s *contender, l load, end time.Time, left *atomic.Int64) ([]time.Duration, error) {
	var latencies []time.Duration
	request := s.request(l.query(serial.Add(1)))
	for now := time.Now(); now.Before(end) && left.Add(-1) >= 0; {
		if err := ctx.Err(); err != nil {
			return latencies, err
		}
		if l.fresh != nil {
			request = s.request(l.query(serial.Add(1)))
			now = time.Now()
		}
		if err := c.ask(request); err != nil {
			// The end of the context ends the server too, and so the connection.
			return latencies, errors.Join(ctx.Err(), err)
		}
		next := time.Now()
		latencies = append(latencies, next.Sub(now))
		now = next
	}
	return latencies, nil
}

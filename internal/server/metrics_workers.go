package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/sallyport-dev/sallyport/internal/engine/duckdb"
	"github.com/sallyport-dev/sallyport/internal/membudget"
)

// The metrics of the workers, by source where they have one.
var (
	workersUp      = metric("workers", "Worker processes that are up.", "source")
	workersEnded   = metric("workers_ended_total", "Worker processes that were ended: killed, or retired after enough work.", "source", "how")
	workersBusy    = metric("worker_places_held", "Queries that have a place, by kind of place.", "source", "place")
	workersWaiting = metric("worker_queue", "Queries that wait for a place.", "source")
	workersRefused = metric("worker_queue_refused_total", "Queries that got no place, by reason.", "source", "reason")

	memoryLimit    = metric("memory_limit_bytes", "The memory budget of the server and its workers.")
	memoryUsed     = metric("memory_bytes", "Resident memory, by part: the server, its workers, and workers that were ended and have not given it back.", "part")
	memoryEnded    = metric("memory_ended_total", "Workers that the memory budget has ended, by reason.", "reason")
	memoryRelieved = metric("memory_relieved_total", "How often the server was asked to give memory back.")
)

// workers collects what the engines and the budget count themselves.
type workers struct {
	engines map[string]*duckdb.Engine
	budget  *membudget.Budget
}

// Describe implements [prometheus.Collector], as that of the perimeter does.
func (w workers) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector].
func (w workers) Collect(out chan<- prometheus.Metric) {
	c := collection{out}
	for source, engine := range w.engines {
		s := engine.Stats()
		c.gauge(workersUp, s.Workers, source)
		c.count(workersEnded, s.Killed, source, "killed")
		c.count(workersEnded, s.Retired, source, "retired")
		c.gauge(workersBusy, s.Schedule.Running-s.Schedule.Spare, source, "regular")
		c.gauge(workersBusy, s.Schedule.Spare, source, "spare")
		c.gauge(workersWaiting, s.Schedule.Waiting, source)
		for reason, n := range map[string]uint64{
			"queue full": s.Schedule.RefusedQueueFull, "client's queue full": s.Schedule.RefusedClientQueueFull,
			"pushed out": s.Schedule.RefusedPushedOut, "waited": s.Schedule.RefusedWaited,
		} {
			c.count(workersRefused, n, source, reason)
		}
	}
	if w.budget == nil {
		return
	}
	u := w.budget.Usage()
	c.gauge(memoryLimit, int(u.Limit))
	c.gauge(memoryUsed, int(u.Server), "server")
	c.gauge(memoryUsed, int(u.Workers), "workers")
	c.gauge(memoryUsed, int(u.Leaving), "leaving")
	c.count(memoryEnded, u.EndedKept, "kept")
	c.count(memoryEnded, u.EndedQuery, "query")
	c.count(memoryEnded, u.EndedVanished, "vanished")
	c.count(memoryRelieved, u.Relieved)
}

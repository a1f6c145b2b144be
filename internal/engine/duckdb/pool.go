package duckdb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/engine/schedule"
)

const (
	// maxQueries is how many queries a worker answers before it is replaced:
	// what leaks or fragments in it does so for a bounded time.
	maxQueries = 10_000
	// maxCPU is the processor time after which the kernel kills a worker that
	// the server has lost control of. One that has used half of it is replaced.
	maxCPU = time.Hour
	// restartPause is between attempts to replace a worker that did not start.
	restartPause = time.Second
)

// pool keeps the workers of one source, and lets queries have them in turns.
// There are as many workers as places, the spare ones included: whoever gets a
// place finds a worker that is idle, or one about to be.
type pool struct {
	config   Config
	setup    setup
	temp     string
	spawner  *spawner
	schedule *schedule.Schedule
	idle     idle
	serial   atomic.Int64
	// killed and retired count workers that ended by force, and in peace.
	killed, retired atomic.Uint64
	// generation counts how often files of the source were replaced.
	generation atomic.Int64

	// ctx ends when the pool closes. restarts counts the goroutines that replace
	// workers, watches those that wait for the end of one or look at disks.
	ctx      context.Context
	cancel   context.CancelFunc
	restarts sync.WaitGroup
	watches  sync.WaitGroup

	mu     sync.Mutex
	closed bool
	live   map[*process]struct{}
}

func newPool(c Config, s setup, temp string, sp *spawner) (*pool, error) {
	turns, err := schedule.New(schedule.Config{Places: c.Workers, Spares: c.Spares, Queue: c.Queue, Wait: c.Wait})
	if err != nil {
		return nil, err
	}
	p := &pool{config: c, setup: s, temp: temp, spawner: sp, schedule: turns, live: map[*process]struct{}{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p, nil
}

// start spawns the first worker, whose catalog counts for all, and leaves the
// others to the background.
func (p *pool) start(ctx context.Context) (ready, error) {
	first, answer, err := p.spawn(ctx)
	if err != nil {
		return ready{}, err
	}
	p.idle.put(first)
	for range p.config.Workers + p.config.Spares - 1 {
		p.replace()
	}
	p.watches.Go(p.watchDisk)
	return answer, nil
}

func (p *pool) spawn(ctx context.Context) (*process, ready, error) {
	s, c := p.setup, p.config
	serial := strconv.FormatInt(p.serial.Add(1), 10)
	s.Temp = filepath.Join(p.temp, serial)
	generation, seen := p.generation.Load(), lookAt(s.Paths)
	worker, answer, err := spawn(ctx, c, s, p.spawner)
	if err != nil {
		return nil, ready{}, err
	}
	if missing := worker.sandbox.Missing(); c.RequireSandbox && len(missing) > 0 {
		return nil, ready{}, errors.Join(incomplete(missing), worker.kill())
	}
	worker.generation, worker.files = generation, seen
	p.mu.Lock()
	p.live[worker] = struct{}{}
	p.mu.Unlock()
	p.watches.Go(func() { p.watchExit(worker) })
	return worker, answer, nil
}

// watchExit replaces a worker that dies while nobody has it: by the memory
// budget, the kernel or an administrator.
func (p *pool) watchExit(worker *process) {
	<-worker.exited
	p.mu.Lock()
	delete(p.live, worker)
	p.mu.Unlock()
	if !p.idle.remove(worker) {
		return // whoever has it notices
	}
	p.lost(worker, errors.New(worker.cmd.ProcessState.String()))
	p.replace()
}

// lost ends a worker by force, and says so.
func (p *pool) lost(worker *process, cause error) {
	p.killed.Add(1)
	err := worker.kill()
	if why := worker.ended(); why != nil {
		cause = why
	}
	level := slog.LevelWarn
	if errors.Is(cause, errTakenOver) || errors.Is(cause, errCrashed) {
		level = slog.LevelError
	}
	p.config.Logger.LogAttrs(p.ctx, level, "worker killed",
		slog.String("source", p.config.Name), slog.Int("pid", worker.cmd.Process.Pid), slog.Any("cause", cause))
	p.cleaned(err)
}

// retire ends a worker that has done enough.
func (p *pool) retire(worker *process) {
	p.retired.Add(1)
	p.cleaned(worker.stop())
}

func (p *pool) cleaned(err error) {
	if err != nil {
		p.config.Logger.LogAttrs(p.ctx, slog.LevelWarn, "worker not cleaned up",
			slog.String("source", p.config.Name), slog.Any("error", err))
	}
}

// replace spawns a worker in the background, as often as it takes, unless the
// pool is closed.
func (p *pool) replace() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.restarts.Go(func() {
		for {
			worker, _, err := p.spawn(p.ctx)
			if err == nil {
				p.idle.put(worker)
				return
			}
			if p.ctx.Err() != nil {
				return
			}
			p.config.Logger.LogAttrs(p.ctx, slog.LevelError, "a worker does not start",
				slog.String("source", p.config.Name), slog.Any("error", err))
			select {
			case <-p.ctx.Done():
				return
			case <-time.After(restartPause):
			}
		}
	})
}

// acquire waits for a place and a worker.
func (p *pool) acquire(ctx context.Context, r schedule.Request) (*process, *schedule.Place, error) {
	place, err := p.schedule.Acquire(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	worker, err := p.takeWorker(ctx)
	if err != nil {
		place.Release()
		return nil, nil, err
	}
	return worker, place, nil
}

// takeWorker waits for an idle worker: as a rule there is one, unless workers
// have died faster than others start.
func (p *pool) takeWorker(ctx context.Context) (*process, error) {
	for {
		worker := p.idle.pop()
		if worker == nil {
			var err error
			if worker, err = p.awaitWorker(ctx); err != nil {
				return nil, err
			}
		}
		select {
		case <-worker.exited:
			// It died this moment, before watchExit could take it away.
			p.lost(worker, errors.New(worker.cmd.ProcessState.String()))
			p.replace()
			continue
		default:
		}
		if p.current(worker) {
			worker.busy(true)
			return worker, nil
		}
		p.retire(worker)
		p.replace()
	}
}

// awaitWorker waits until a worker has started.
func (p *pool) awaitWorker(ctx context.Context) (*process, error) {
	limited, cancel := context.WithTimeout(ctx, p.config.Wait)
	defer cancel()
	worker, err := p.idle.take(limited)
	switch {
	case err == nil:
		return worker, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	default:
		return nil, fmt.Errorf("%w: no worker started in %v", engine.ErrUnavailable, p.config.Wait)
	}
}

// release takes a worker back, or replaces it.
func (p *pool) release(worker *process, usable bool, cause error) {
	worker.busy(false)
	if usable && p.current(worker) && !worker.state.Spent && worker.number < maxQueries && worker.state.CPU < maxCPU/2 {
		p.idle.put(worker)
		return
	}
	if usable {
		p.retire(worker)
	} else {
		p.lost(worker, cause)
	}
	p.replace()
}

// close ends every worker. No query may run any more.
func (p *pool) close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cancel()
	p.schedule.Close()
	p.restarts.Wait()
	var problems []error
	for worker := p.idle.pop(); worker != nil; worker = p.idle.pop() {
		problems = append(problems, worker.stop())
	}
	p.watches.Wait()
	return errors.Join(problems...)
}

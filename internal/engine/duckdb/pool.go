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

// pool keeps the workers of one source: each is idle, or has one query.
type pool struct {
	config Config
	setup  setup
	temp   string
	// idle holds the workers that wait for a query.
	idle    chan *process
	waiting atomic.Int64
	serial  atomic.Int64

	// ctx ends when the pool closes; restarts counts the goroutines that
	// replace workers.
	ctx      context.Context
	cancel   context.CancelFunc
	restarts sync.WaitGroup
}

func newPool(c Config, s setup, temp string) *pool {
	p := &pool{config: c, setup: s, temp: temp, idle: make(chan *process, c.Workers)}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// start spawns the first worker, whose catalog counts for all, and leaves the
// others to the background.
func (p *pool) start(ctx context.Context) (ready, error) {
	first, answer, err := p.spawn(ctx)
	if err != nil {
		return ready{}, err
	}
	p.idle <- first
	for range p.config.Workers - 1 {
		p.replace()
	}
	return answer, nil
}

func (p *pool) spawn(ctx context.Context) (*process, ready, error) {
	s := p.setup
	s.Temp = filepath.Join(p.temp, strconv.FormatInt(p.serial.Add(1), 10))
	return spawn(ctx, p.config, s)
}

// replace spawns a worker in the background, as often as it takes.
func (p *pool) replace() {
	p.restarts.Go(func() {
		for {
			worker, _, err := p.spawn(p.ctx)
			if err == nil {
				p.idle <- worker // has room for all
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

// acquire waits for an idle worker.
func (p *pool) acquire(ctx context.Context) (*process, error) {
	select {
	case worker := <-p.idle:
		return worker, nil
	default:
	}
	if p.waiting.Add(1) > int64(p.config.Queue) {
		p.waiting.Add(-1)
		return nil, fmt.Errorf("%w: %d queries wait already", engine.ErrUnavailable, p.config.Queue)
	}
	defer p.waiting.Add(-1)
	timer := time.NewTimer(p.config.Wait)
	defer timer.Stop()
	select {
	case worker := <-p.idle:
		return worker, nil
	case <-timer.C:
		return nil, fmt.Errorf("%w: no worker became free in %v", engine.ErrUnavailable, p.config.Wait)
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.ctx.Done():
		return nil, fmt.Errorf("%w: closed", engine.ErrUnavailable)
	}
}

// release takes a worker back, or replaces it.
func (p *pool) release(worker *process, usable bool, cause error) {
	if usable && !worker.spent && worker.number < maxQueries && worker.cpu < maxCPU/2 {
		p.idle <- worker
		return
	}
	var err error
	if usable {
		err = worker.stop()
	} else {
		err = worker.kill()
		p.config.Logger.LogAttrs(p.ctx, slog.LevelWarn, "worker killed",
			slog.String("source", p.config.Name), slog.Int("pid", worker.cmd.Process.Pid), slog.Any("cause", cause))
	}
	if err != nil {
		p.config.Logger.LogAttrs(p.ctx, slog.LevelWarn, "worker not cleaned up",
			slog.String("source", p.config.Name), slog.Any("error", err))
	}
	p.replace()
}

// close ends every worker. No query may run any more.
func (p *pool) close() error {
	p.cancel()
	p.restarts.Wait()
	var problems []error
	for {
		select {
		case worker := <-p.idle:
			problems = append(problems, worker.stop())
		default:
			return errors.Join(problems...)
		}
	}
}

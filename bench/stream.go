package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// streamed is the large result in one format, round by round.
type streamed struct {
	load streamLoad
	// scan is the engine by itself, limited the engine by itself with the row
	// limit that the guard sets.
	scan, limited, full []drained
	memory              swings
}

// streams is everything about the large result.
type streams struct {
	rows, file int64 // of the source
	list       []streamed
	// slow is the memory beside a client that reads slowly.
	slow *swings
	// bare is the bare handler's answer, as JSON, and bareMemory what it took for
	// it; noBare says why there is none.
	bare       *drained
	bareMemory swing
	noBare     string
	yaml       string
}

// measureStreams compares Sallyport's streams with the engine's own speed.
func (r *results) measureStreams(ctx context.Context, w *workshop, say func(string)) (err error) {
	list := r.plan.wantedStreams()
	say("a file of many rows")
	parquet, size, err := makeStreamFile(ctx, w.data, w.dir, r.plan.streamRows)
	if err != nil {
		return err
	}
	s := &streams{rows: r.plan.streamRows, file: size}
	engine, err := w.startScan(ctx, parquet)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.stop()) }()
	full, yaml, err := w.startStreaming(ctx, parquet)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, full.stop()) }()
	s.yaml = strings.ReplaceAll(yaml, w.dir, "$DIR")
	for _, l := range list {
		say("streams: " + l.name)
		measured, err := r.plan.compareStreams(ctx, l, engine, full)
		if err != nil {
			return err
		}
		s.list = append(s.list, measured)
	}
	if err := s.besideSlowClient(ctx, r.plan, full, list[0]); err != nil {
		return err
	}
	if r.noProfile == "" {
		if err := r.profileStreams(ctx, w, full, list); err != nil {
			return err
		}
	}
	say("streams: the bare handler")
	r.streams = s
	return s.measureBare(ctx, w, parquet, say)
}

// compareStreams lets the engine and Sallyport take turns. The first round is
// not counted.
func (p plan) compareStreams(ctx context.Context, l streamLoad, engine, full *contender) (streamed, error) {
	s := streamed{load: l}
	for i := range p.streams + 1 {
		scan, err := drainOnce(ctx, engine, streamQuery, "", p.streamRows)
		if err != nil {
			return s, err
		}
		limited, err := drainOnce(ctx, engine, capped(), "", p.streamRows)
		if err != nil {
			return s, err
		}
		var answer drained
		stream := func() (err error) {
			answer, err = drainOnce(ctx, full, streamQuery, l.format, p.streamRows)
			return err
		}
		if i == 0 {
			err = stream()
		} else {
			err = s.memory.watched(ctx, full, stream)
		}
		if err != nil {
			return s, err
		}
		if i > 0 {
			s.scan, s.limited, s.full = append(s.scan, scan), append(s.limited, limited), append(s.full, answer)
		}
	}
	return s, nil
}

// watched is watch where memory can be watched.
func (s *swings) watched(ctx context.Context, c *contender, f func() error) error {
	if runtime.GOOS != "linux" {
		return f()
	}
	return s.watch(ctx, c.cmd.Process.Pid, f)
}

// drainOnce reads one answer on a connection of its own, and counts its rows.
func drainOnce(ctx context.Context, s *contender, sql, format string, rows int64) (drained, error) {
	if err := ctx.Err(); err != nil {
		return drained{}, err
	}
	c, err := dial(ctx, s.address)
	if err != nil {
		return drained{}, err
	}
	defer func() { _ = c.conn.Close() }() // only read from
	answer, err := c.drain(s.requestAs(sql, format))
	if err == nil && answer.rows != rows {
		err = fmt.Errorf("%d rows where there are %d", answer.rows, rows)
	}
	if err != nil {
		return answer, fmt.Errorf("%s, %s: %w\n%s", s.name, sql, errors.Join(ctx.Err(), err), s.tail())
	}
	return answer, nil
}

// besideSlowClient watches the memory while a client reads slowly, and hangs up
// in the end.
func (s *streams) besideSlowClient(ctx context.Context, p plan, full *contender, l streamLoad) error {
	if runtime.GOOS != "linux" {
		return nil
	}
	c, err := dial(ctx, full.address)
	if err != nil {
		return err
	}
	s.slow = &swings{}
	return s.slow.watch(ctx, full.cmd.Process.Pid, func() error {
		return c.sip(ctx, full.requestAs(streamQuery, l.format), sipsPerSecond, p.slow)
	})
}

// bareNeeds is the free memory, in bytes, without which the bare handler is not
// asked for the large result: it has all of it in memory, several times over.
const bareNeeds = 12 << 30

// measureBare asks the bare handler once: it is slow, and no goal is about it.
func (s *streams) measureBare(ctx context.Context, w *workshop, parquet string, say func(string)) (err error) {
	if free := availableBytes(); free < bareNeeds {
		s.noBare = fmt.Sprintf("not measured: it has the whole answer in memory, and %d GiB are free, less than the %d GiB that it is given", free>>30, int64(bareNeeds)>>30)
		return nil
	}
	bare, err := w.startBareOver(ctx, parquet)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	var memory swings
	var answer drained
	err = memory.watched(ctx, bare, func() (err error) {
		answer, err = drainOnce(ctx, bare, strings.Replace(streamQuery, streamTable, "flights", 1), "", s.rows)
		return err
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil: // the rest of the page does without
		say(err.Error())
		s.noBare = "it gave no whole answer"
		if errors.Is(err, os.ErrDeadlineExceeded) {
			s.noBare += fmt.Sprintf(" in %v", streamTime)
		}
	default:
		s.bare, s.bareMemory = &answer, memory.server
	}
	return nil
}

// availableBytes is what the machine could give to a process, 0 where unknown.
func availableBytes() int64 {
	kib, _, _ := strings.Cut(field("/proc/meminfo", "MemAvailable"), " ")
	n, err := strconv.ParseInt(kib, 10, 64)
	if err != nil {
		return 0
	}
	return n << 10
}

// seconds maps answers to the time that they took.
func seconds(list []drained) []float64 {
	took := make([]float64, len(list))
	for i, d := range list {
		took[i] = d.took.Seconds()
	}
	return took
}

// speed is Sallyport's over that of the engine, by neighbouring rounds: rows are
// as many on both sides.
func (s streamed) speed(engine []drained) spread {
	return spreadOf(ratios(seconds(engine), seconds(s.full)))
}

// limitedSpeed is that of the engine with the row limit, over without.
func (s streamed) limitedSpeed() spread {
	return spreadOf(ratios(seconds(s.scan), seconds(s.limited)))
}

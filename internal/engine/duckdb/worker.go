package duckdb

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
)

// workerFD is the descriptor at which a worker finds its end of the socket
// pair: the first after standard input, output and error.
const workerFD = 3

// RunWorker is the whole life of a worker process. It returns when the server
// has closed the channel, or cannot go on.
func RunWorker() error {
	file := os.NewFile(workerFD, "channel")
	if file == nil {
		return errors.New("duckdb: this process was not started as a worker")
	}
	conn, err := net.FileConn(file)
	if err != nil {
		return fmt.Errorf("duckdb: this process was not started as a worker: %w", err)
	}
	if err := file.Close(); err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // the process ends with it
	return serve(conn)
}

func serve(conn net.Conn) error {
	frames := newFrameReader(conn)
	kind, payload, err := frames.next()
	if err != nil {
		return err
	}
	var s setup
	if kind != frameSetup {
		return errFrame
	}
	if err := json.Unmarshal(payload, &s); err != nil {
		return err
	}
	if len(s.Convert) > 0 {
		return answerSetup(conn, ready{}, convert(s))
	}
	if err := applyLimits(s); err != nil {
		return answerSetup(conn, ready{}, err)
	}
	// The kernel sandbox belongs here: the file is not yet open, and no
	// stranger's query has run.
	db, catalog, err := open(s)
	if err := answerSetup(conn, catalog, err); err != nil {
		return err
	}
	defer db.close()
	w := &worker{conn: conn, db: db, memory: newGauge(s.Memory)}
	return w.loop(frames)
}

// answerSetup tells the server how setup went; an error ends the worker.
func answerSetup(conn io.Writer, answer ready, problem error) error {
	if problem == nil {
		err := writeMessage(conn, frameReady, answer)
		if !errors.Is(err, errTooLong) {
			return err
		}
		problem = fmt.Errorf("the catalog cannot be told, with its comments and the texts of its views: %w", err)
	}
	return errors.Join(problem, writeMessage(conn, frameFailed, failure(reasonBroken, problem)))
}

// worker runs queries one after another.
type worker struct {
	conn   net.Conn
	db     *database
	memory *gauge

	mu      sync.Mutex
	running work // the query being run or planned, its number 0 between queries
}

// loop reads frames in the one goroutine and runs queries in another, so that
// an interrupt is heard while a query runs.
func (w *worker) loop(frames *frameReader) error {
	queries := make(chan work)
	finished := make(chan error, 1)
	go func() {
		for q := range queries {
			answer := w.answer
			if q.kind == frameEstimate {
				answer = w.answerEstimate
			}
			if err := answer(q); err != nil {
				finished <- err
				break
			}
		}
		close(finished)
	}()
	err := w.read(frames, queries)
	close(queries)
	if errors.Is(err, io.EOF) {
		// The server is gone or done with us. A query that ignores its
		// interrupt must not keep the process alive.
		os.Exit(0)
	}
	return errors.Join(err, <-finished)
}

func (w *worker) read(frames *frameReader, queries chan<- work) error {
	for {
		kind, payload, err := frames.next()
		if err != nil {
			return err
		}
		switch kind {
		case frameQuery, frameEstimate:
			q := work{kind: kind}
			if err := json.Unmarshal(payload, &q); err != nil {
				return err
			}
			w.begin(q)
			queries <- q
		case frameInterrupt:
			var i interrupt
			if err := json.Unmarshal(payload, &i); err != nil {
				return err
			}
			w.interrupt(i.Number)
		default:
			return errFrame
		}
	}
}

func (w *worker) begin(q work) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running = q
}

// end says that no query runs.
func (w *worker) end() { w.begin(work{}) }

// interrupt ends the query if it is still the one running.
func (w *worker) interrupt(number uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.running.Number != number:
	case w.running.kind == frameEstimate:
		w.db.planner.Interrupt()
	default:
		w.db.conn.Interrupt()
	}
}

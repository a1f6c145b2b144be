package duckdb

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
	"github.com/sallyport-dev/sallyport/internal/encode"
)

// The descriptors at which a worker finds its ends of the two socket pairs:
// the first ones after standard input, output and error.
const (
	channelFD   = 3 // queries and answers
	interruptFD = 4 // interrupts
	firstFreeFD = 5
)

// RunWorker is the whole life of a worker process. It returns when the server
// has closed the channel, or cannot go on.
func RunWorker() error {
	closeInherited()
	// Reads and writes of the channel block their thread: the query runs in the
	// very thread that reads it and writes its answer, with no scheduler between.
	runtime.LockOSThread()
	channel, interrupts := os.NewFile(channelFD, "channel"), os.NewFile(interruptFD, "interrupts")
	if channel == nil || interrupts == nil {
		return errors.New("duckdb: this process was not started as a worker")
	}
	defer func() { _ = errors.Join(channel.Close(), interrupts.Close()) }() // the process ends with them
	return serve(channel, interrupts)
}

func serve(channel io.ReadWriter, interrupts io.Reader) error {
	frames := newFrameReader(channel)
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
	kept, err := enclose(s)
	if err != nil {
		return answerSetup(channel, ready{}, err)
	}
	if len(s.Convert) > 0 {
		return answerSetup(channel, ready{Sandbox: kept.report}, convert(s))
	}
	db, answer, err := open(s)
	answer.Sandbox, answer.Tried = kept.report, kept.tried
	if err := answerSetup(channel, answer, err); err != nil {
		return err
	}
	defer db.close()
	w := &worker{channel: channel, db: db, memory: kept.gauge, temp: s.Temp}
	w.out.channel, w.out.sender = channel, newSender(channel)
	defer w.out.sender.close()
	go w.listen(newFrameReader(interrupts)) // ends with the process
	return w.loop(frames)
}

// answerSetup tells the server how setup went; an error ends the worker.
func answerSetup(channel io.Writer, answer ready, problem error) error {
	if problem == nil {
		_, err := writeMessage(channel, nil, frameReady, answer)
		if !errors.Is(err, errTooLong) {
			return err
		}
		problem = fmt.Errorf("the catalog cannot be told, with its comments and the texts of its views: %w", err)
	}
	_, err := writeMessage(channel, nil, frameFailed, failure(reasonBroken, problem))
	return errors.Join(problem, err)
}

// worker runs queries one after another.
type worker struct {
	channel io.Writer
	db      *database
	memory  *gauge
	temp    string
	out     output          // of the query being answered
	columns []encode.Vector // the encoder's view of a chunk, kept for the next

	mu      sync.Mutex
	running running
}

// running is the query being run or planned.
type running struct {
	number  uint64 // 0: none
	conn    *duckdblib.Conn
	stopped bool // it has been interrupted
}

// loop answers queries until the server closes the channel.
func (w *worker) loop(frames *frameReader) error {
	for {
		kind, payload, err := frames.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if kind != frameQuery && kind != frameEstimate {
			return errFrame
		}
		q, err := readWork(kind, payload)
		if err != nil {
			return err
		}
		if w.misbehave(q) {
			continue
		}
		w.begin(q)
		if kind == frameEstimate {
			err = w.answerEstimate(q)
		} else {
			err = w.answer(q)
		}
		if err != nil {
			return err
		}
	}
}

// listen hears interrupts while queries run.
func (w *worker) listen(frames *frameReader) {
	for {
		kind, payload, err := frames.next()
		if err != nil {
			// The server is gone or done with us. A query that ignores its
			// interrupt must not keep the process alive.
			os.Exit(0)
		}
		i, err := readInterrupt(payload)
		if kind != frameInterrupt || err != nil {
			os.Exit(1)
		}
		w.interrupt(i.Number)
	}
}

func (w *worker) begin(q work) {
	w.mu.Lock()
	defer w.mu.Unlock()
	conn := w.db.planner
	if q.kind == frameQuery {
		conn, _ = w.db.route(q.SQL)
	}
	w.running = running{number: q.Number, conn: conn}
}

// end says that no query runs.
func (w *worker) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running = running{}
}

// interrupt ends the query if it is still the one running.
func (w *worker) interrupt(number uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running.number != number {
		return
	}
	w.running.stopped = true
	w.running.conn.Interrupt()
}

// stopped reports whether the query has been interrupted. DuckDB forgets an
// interrupt that comes before it begins.
func (w *worker) stopped() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.running.stopped
}

// state is what the server hears of the process after each query.
func (w *worker) state() state { return state{CPU: cpuTime(), Spent: w.memory.spent()} }

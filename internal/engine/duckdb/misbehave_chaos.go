//go:build chaos

package duckdb

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// misbehave makes a worker do what no worker should: a query that holds the
// text 'chaos: word' is answered by what the word names, and one with 'chaos:
// stream word' so after the beginning of an answer. It is for the tests of what
// surrounds a worker (go build -tags chaos), and in no other build.
func (w *worker) misbehave(q work) bool {
	_, after, found := strings.Cut(q.SQL, "'chaos: ")
	if !found {
		return false
	}
	word, _, _ := strings.Cut(after, "'")
	if rest, midstream := strings.CutPrefix(word, "stream "); midstream {
		word = rest
		w.rows()
	}
	name, argument, _ := strings.Cut(word, " ")
	act, known := misdeeds[name]
	if !known {
		act = func(w *worker, _ string) { w.tell("there is no misdeed " + name) }
	}
	act(w, argument)
	return true
}

// misdeeds are what a worker may be told to do. Those that return have
// answered the query.
var misdeeds = map[string]func(w *worker, argument string){
	// Of the protocol.
	"silent":    func(*worker, string) { forever() },
	"malformed": func(w *worker, _ string) { w.say([]byte("what?")); forever() },
	"kind":      func(w *worker, _ string) { w.say(appendFrame(nil, frameReady, []byte("{}"))); forever() },
	"huge":      func(w *worker, _ string) { w.say([]byte{byte(frameData), 0xff, 0xff, 0xff, 0xff}); w.flood() },
	"head":      func(w *worker, _ string) { w.say([]byte{byte(frameEnd), 3}); forever() },
	"half":      func(w *worker, _ string) { w.say([]byte{byte(frameData), 100, 0, 0, 0, 'x'}); forever() },
	"flood":     func(w *worker, _ string) { w.flood() },
	"lie":       func(w *worker, _ string) { w.say(appendFrame(nil, frameEnd, []byte{0xff, 0xff, 0xff})); forever() },
	"forge": func(w *worker, _ string) {
		frame, _ := appendMessage(nil, frameFailed, failed{Reason: reasonBroken + 1, Message: "forged"})
		w.say(frame)
		forever()
	},
	// Of the process.
	"die": func(w *worker, _ string) { _ = unix.Kill(os.Getpid(), unix.SIGKILL); forever() },
	"midway": func(w *worker, _ string) {
		w.say(appendFrame(nil, frameData, []byte(`{"col`)))
		_ = unix.Kill(os.Getpid(), unix.SIGKILL)
		forever()
	},
	"exit":    func(*worker, string) { os.Exit(0) },
	"panic":   func(*worker, string) { panic("as it was told") },
	"stop":    func(*worker, string) { _ = unix.Kill(os.Getpid(), unix.SIGSTOP); forever() },
	"spin":    func(*worker, string) { spin() },
	"memory":  func(*worker, string) { grow() },
	"disk":    func(w *worker, _ string) { w.fill() },
	"threads": func(*worker, string) { many() },
	// Of the system: the answer is what became of it.
	"syscall": func(w *worker, argument string) { w.tell(attempt(argument)) },
}

func (w *worker) say(b []byte) { _, _ = w.channel.Write(b) }

// tell answers the query with one text.
func (w *worker) tell(text string) {
	w.out.begin(1 << 20)
	w.out.buffer = fmt.Appendf(w.out.buffer, `{"said":%q}`, text)
	if w.out.finish(end{Rows: 1, state: w.state()}) != nil {
		os.Exit(1)
	}
}

// forever blocks the query's thread: interrupts are heard and help nothing.
func forever() { select {} }

func spin() {
	for i := uint64(0); ; i++ {
		if i == 1<<63 {
			return
		}
	}
}

// rows sends more of an answer than the server holds back.
func (w *worker) rows() {
	frame := appendFrame(nil, frameData, bytes.Repeat([]byte("{\"n\":1}\n"), dataFrame/8))
	for range (3 << 20) / dataFrame {
		w.say(frame)
	}
}

func (w *worker) flood() {
	frame := appendFrame(nil, frameData, bytes.Repeat([]byte("x"), dataFrame))
	for {
		w.say(frame)
	}
}

// grow takes memory as fast as it can, and touches it.
func grow() {
	for {
		b, err := unix.Mmap(-1, 0, 16<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
		if err != nil {
			forever() // keeps what it has
		}
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
	}
}

// fill writes files until there is no room, and keeps them.
func (w *worker) fill() {
	block := make([]byte, 1<<20)
	for n := 0; ; n++ {
		f, err := os.Create(filepath.Join(w.temp, fmt.Sprint("fill", n)))
		if err != nil {
			forever()
		}
		for range 256 {
			if _, err := f.Write(block); err != nil {
				break
			}
		}
	}
}

// many makes threads until there is no room for another.
func many() {
	for range 100_000 {
		go func() {
			runtime.LockOSThread()
			forever()
		}()
	}
	forever()
}

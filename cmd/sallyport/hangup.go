package main

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// hangups are the SIGHUPs of a server that reads its files again at one: they
// no longer stop the process, from the first moment to the last.
type hangups struct {
	signals chan os.Signal
	done    chan struct{}
	running sync.WaitGroup
}

// catchHangups begins to catch them. Those that come before handle are one, and
// wait for it: a server that is still opening its sources is not stopped by a
// SIGHUP, and loses none.
func catchHangups() *hangups {
	h := &hangups{signals: make(chan os.Signal, 1), done: make(chan struct{})}
	// In this order, lest one come in between and end the process: Reset takes
	// it from start, which stops at it, and from everybody.
	signal.Ignore(syscall.SIGHUP)
	signal.Notify(h.signals, syscall.SIGHUP)
	return h
}

// handle calls f for each, until stop.
func (h *hangups) handle(f func()) {
	h.running.Go(func() {
		for {
			select {
			case <-h.done:
				return
			case <-h.signals:
				f()
			}
		}
	})
}

// stop ends that. What comes from now on is ignored: the server is closing.
func (h *hangups) stop() {
	signal.Ignore(syscall.SIGHUP)
	close(h.done)
	h.running.Wait()
}

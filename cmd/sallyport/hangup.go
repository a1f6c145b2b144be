package main

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// onHangup calls f for each SIGHUP, which then no longer stops the process,
// until the function it returns is called.
func onHangup(f func()) (stop func()) {
	signal.Reset(syscall.SIGHUP) // from start, which stops at it
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-hangups:
				f()
			}
		}
	})
	return func() {
		signal.Stop(hangups)
		close(done)
		running.Wait()
	}
}

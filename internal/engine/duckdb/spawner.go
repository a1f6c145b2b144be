package duckdb

import (
	"os/exec"
	"runtime"
	"sync"
)

// spawner starts processes from one thread that lives until it is closed. The
// kernel kills a worker when the *thread* that started it ends (prctl(2),
// PR_SET_PDEATHSIG), and Go ends threads as it likes.
type spawner struct {
	starts chan start
	ended  sync.WaitGroup
}

type start struct {
	cmd    *exec.Cmd
	result chan<- error
}

func newSpawner() *spawner {
	s := &spawner{starts: make(chan start)}
	s.ended.Go(func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		for next := range s.starts {
			next.result <- next.cmd.Start()
		}
	})
	return s
}

func (s *spawner) start(cmd *exec.Cmd) error {
	result := make(chan error)
	s.starts <- start{cmd, result}
	return <-result
}

// close ends the thread. Every process that it started must have ended.
func (s *spawner) close() {
	close(s.starts)
	s.ended.Wait()
}

package membudget

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// A peak samples the whole resident memory of processes by itself, every 2 ms,
// with nothing of the package.
type peak struct {
	wg    sync.WaitGroup
	stop  chan struct{}
	most  int64 // sum of RSS, also of what is shared
	anon  int64 // growth of all anonymous memory of the machine
	reads int
}

func measure(pids ...int) *peak {
	p := &peak{stop: make(chan struct{})}
	before := anonymous()
	p.wg.Go(func() {
		ticker := time.NewTicker(2 * time.Millisecond)
		defer ticker.Stop()
		for {
			var sum int64
			for _, pid := range pids {
				sum += residentOf(pid)
			}
			p.most = max(p.most, sum)
			p.anon = max(p.anon, anonymous()-before)
			p.reads++
			select {
			case <-p.stop:
				return
			case <-ticker.C:
			}
		}
	})
	return p
}

func (p *peak) end() {
	close(p.stop)
	p.wg.Wait()
}

func residentOf(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	fields := bytes.Fields(text)
	if err != nil || len(fields) < 2 {
		return 0
	}
	n, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	return n * int64(os.Getpagesize())
}

// anonymous is AnonPages of /proc/meminfo: it also has what exiting processes
// have not given back, and what everybody else on the machine does.
func anonymous() int64 {
	text, _ := os.ReadFile("/proc/meminfo")
	_, rest, _ := bytes.Cut(text, []byte("AnonPages:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(string(fields[0]), 10, 64)
	return n << 10
}

func mustBudget(t testing.TB, cfg Config) *Budget {
	t.Helper()
	b, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

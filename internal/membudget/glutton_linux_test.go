package membudget

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// beGlutton obeys lines on its standard input and answers each with one.
func beGlutton() {
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, 10) // as workers do: the monitor goes before them
	runtime.LockOSThread()                         // "leader" must end the process's first thread
	lines := bufio.NewScanner(os.Stdin)
	var held []byte
	for lines.Scan() {
		var word string
		var mib, threads int
		_, _ = fmt.Sscan(lines.Text(), &word, &mib, &threads)
		switch word {
		case "take": // and keep
			held = append(held, take(mib<<20)...)
		case "grow": // until somebody ends it
			for range threads {
				go func() {
					for {
						take(64 << 20)
					}
				}()
			}
		case "leader":
			go take(mib << 20)
			fmt.Fprintln(os.Stdout, "ok")
			_, _, _ = unix.Syscall(unix.SYS_EXIT, 0, 0, 0) // this thread alone
		}
		fmt.Fprintln(os.Stdout, "ok")
	}
	runtime.KeepAlive(held)
}

// take maps memory and touches each page of it, as fast as can be.
func take(bytes int) []byte {
	b, err := unix.Mmap(-1, 0, bytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		os.Exit(3)
	}
	for i := 0; i < len(b); i += 4096 {
		b[i] = 1
	}
	return b[:1:1] // what append copies; the mapping stays
}

// A glutton is such a process, watched.
type glutton struct {
	*Watched
	cmd   *exec.Cmd
	in    io.Writer
	out   *bufio.Reader
	ended chan Cause
	gone  chan struct{}
}

func startGlutton(t *testing.T, b *Budget) *glutton {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	g := &glutton{cmd: exec.CommandContext(t.Context(), exe), ended: make(chan Cause, 1), gone: make(chan struct{})}
	g.cmd.Env = []string{asGlutton + "=1"}
	in, err := g.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := g.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := g.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	g.in, g.out = in, bufio.NewReader(out)
	if b != nil {
		g.Watched, err = b.Watch(g.cmd.Process.Pid, func(c Cause) {
			_ = g.cmd.Process.Kill()
			g.ended <- c
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	go func() {
		defer close(g.gone)
		_ = g.cmd.Wait()
		if g.Watched != nil {
			g.Done()
		}
	}()
	t.Cleanup(func() {
		_ = g.cmd.Process.Kill()
		<-g.gone
	})
	return g
}

// do gives an order and waits until it has been followed.
func (g *glutton) do(t *testing.T, order string) {
	t.Helper()
	g.begin(t, order)
	if answer, err := g.out.ReadString('\n'); strings.TrimSpace(answer) != "ok" {
		t.Fatalf("%s: %q, %v", order, answer, err)
	}
}

// begin gives an order and does not wait.
func (g *glutton) begin(t *testing.T, order string) {
	t.Helper()
	if _, err := fmt.Fprintln(g.in, order); err != nil {
		t.Fatal(err)
	}
}

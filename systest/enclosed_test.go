//go:build linux

package systest

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What becomes of a system call of a hostile worker.
const (
	byLandlock = "permission denied"       // EACCES
	bySeccomp  = "operation not permitted" // EPERM, from the filter
	noTerminal = "inappropriate ioctl for device"
	unknown    = "function not implemented" // to the filter
	killed     = "SIGSYS"
)

// A worker that has been taken over gets nowhere: every attempt fails, each by
// the mechanism that is meant for it, and one that no library makes by accident
// ends the worker, which the log tells in plain words.
func TestHostileWorker(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("k4n4ry"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := misdeeds(t, placed{limits: "deadline: 5s, memory: 128MiB"})
	if strings.Contains(s.banner.String(), "missing") {
		t.Fatalf("the sandbox is not whole:\n%s", s.banner)
	}
	before := s.holds(t)
	beside := s.bystander(t, 50*time.Millisecond)
	client := s.from("127.0.66.1")
	data, temp := s.served(t), filepath.Join(s.temp, "escaped")
	bystanders := strconv.Itoa(os.Getpid())
	for _, c := range []struct{ attempt, want string }{
		// Files outside of its own: Landlock.
		{"open " + secret, byLandlock},
		{"open /etc/passwd", byLandlock},
		{"open " + outside + "/../" + filepath.Base(outside) + "/secret", byLandlock},
		{"write " + secret, byLandlock},
		{"write " + data, byLandlock},
		{"create " + outside + "/made", byLandlock},
		{"create " + temp, byLandlock},
		{"mkdir " + outside + "/made", bySeccomp},
		{"unlink " + secret, byLandlock},
		{"unlink " + data, byLandlock},
		{"rmdir " + outside, byLandlock},
		{"rename " + secret, byLandlock},
		{"list " + outside, byLandlock},
		{"list /", byLandlock},
		{"list /proc", byLandlock},
		{"open-self", byLandlock},
		{"memory-self", byLandlock},
		{"open-parent", byLandlock},
		{"open /dev/null", byLandlock},
		// What Landlock does not know of, or newer versions only, and the network: seccomp.
		{"truncate " + secret, bySeccomp},
		{"truncate " + data, bySeccomp},
		{"chmod " + secret, bySeccomp},
		{"link " + secret, bySeccomp},
		{"symlink " + outside + "/made", bySeccomp},
		{"chdir /", bySeccomp},
		{"memfd", bySeccomp},
		{"socket", bySeccomp},
		{"socket-udp", bySeccomp},
		{"socket-unix", bySeccomp},
		{"socket-netlink", bySeccomp},
		{"socketpair", bySeccomp},
		{"connect", bySeccomp},
		{"bind", bySeccomp},
		{"listen", bySeccomp},
		{"sendmsg", bySeccomp},
		{"recvmsg", bySeccomp},
		{"send-to", bySeccomp},
		{"setrlimit", bySeccomp},
		{"limit-parent", bySeccomp},
		{"slow-parent", bySeccomp},
		{"dumpable", bySeccomp},
		{"outlive", bySeccomp},
		{"map-code", bySeccomp},
		{"seccomp", bySeccomp},
		{"ioctl-input", noTerminal},
		{"clone3", unknown},
		{"openat2", unknown},
		{"unknown", unknown},
		{"unheard-of", unknown},
		// What only an attacker does: the end.
		{"exec", killed},
		{"fork", killed},
		{"ptrace", killed},
		{"read-parent", killed},
		{"read " + bystanders, killed},
		{"pidfd " + bystanders, killed},
		{"kill-parent", killed},
		{"kill " + bystanders, killed},
		{"mount " + outside, killed},
		{"chroot " + outside, killed},
		{"unshare", killed},
		{"setns", killed},
		{"bpf", killed},
		{"io-uring", killed},
		{"keyctl", killed},
		{"perf", killed},
		{"userfaultfd", killed},
		{"module", killed},
		{"open-handle", killed},
		{"setuid", killed},
		{"capset", killed},
		{"personality", killed},
	} {
		logged := len(s.log.String())
		a := client.query(t, chaos("syscall "+c.attempt))
		if c.want != killed {
			if a.status != http.StatusOK || a.body != fmt.Sprintf(`{"said":%q}`, c.want) {
				t.Errorf("%s: %d %s, want %q", c.attempt, a.status, a.body, c.want)
			}
			continue
		}
		if outcome(a) != "sql.failed" {
			t.Errorf("%s: %s, want sql.failed", c.attempt, outcome(a))
		}
		eventually(t, "the line in the log about "+c.attempt, func() bool {
			return takenOver.MatchString(s.log.String()[logged:])
		})
	}
	// The attempts are real: what a worker may do comes about by the same calls.
	if a := client.query(t, chaos("syscall open "+data)); a.body != `{"said":"done"}` {
		t.Errorf("the data: %d %s", a.status, a.body)
	}
	client.client.CloseIdleConnections()
	beside.allAnswered(t)
	if text, err := os.ReadFile(secret); string(text) != "k4n4ry" {
		t.Errorf("the file outside holds %q: %v", text, err)
	}
	if entries, err := os.ReadDir(outside); len(entries) != 1 {
		t.Errorf("outside there are %v: %v", entries, err)
	}
	s.wantLevel(t, before)
}

var takenOver = regexp.MustCompile(`"level":"ERROR","msg":"worker killed".*taken over.*signal: bad system call`)

// served is the file that the workers read.
func (s *server) served(t *testing.T) string {
	t.Helper()
	for _, w := range s.workers() {
		for _, link := range opened(t, w.pid) {
			if strings.HasSuffix(link, ".duckdb") {
				return link
			}
		}
	}
	t.Fatal("no worker has the data open")
	return ""
}

// opened is what a process has open, by descriptor.
func opened(t *testing.T, pid int) map[int]string {
	t.Helper()
	entries, err := os.ReadDir(proc(pid, "fd"))
	if err != nil {
		t.Fatal(err)
	}
	list := map[int]string{}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if link, err := os.Readlink(proc(pid, "fd/"+e.Name())); err == nil {
			list[fd] = link
		}
	}
	return list
}

// ownDescriptors are what a worker opens itself: to wait, to measure itself, and its data.
var ownDescriptors = regexp.MustCompile(`^(anon_inode:\[(eventpoll|eventfd)\]|/proc/\d+/statm|/sys/fs/cgroup/.*cpu\.[a-z_]+|.*\.duckdb)$`)

// Of its server a worker has the channels and nothing else: no variable of the
// environment, and no descriptor that somebody left open.
func TestWorkersInheritNothing(t *testing.T) {
	t.Parallel()
	const canary = "k4n4ry"
	path := writeFile(t, "inherited", canary)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // only read
	p := program{path: binary, env: []string{"SECRET_CANARY=" + canary}}
	p.files = []*os.File{3: file, 9 - 3: file} // 6 and 9
	s := p.start(t, placed{location: writeFile(t, "data.csv", bystanderRows), limits: "memory: 128MiB"}.arguments(t)...)
	if a := s.query(t, "SELECT n FROM data"); a.status != http.StatusOK {
		t.Errorf("%d %s", a.status, a.body)
	}
	workers := s.atRest(t)
	if got := opened(t, s.cmd.Process.Pid); got[6] != path || got[9] != path {
		t.Fatalf("the server itself has not inherited it: %v", got)
	}
	kill(t, workers[0].pid, 9)
	ended(t, workers[:1])
	for _, w := range s.atRest(t) { // one that was started later, too
		environment, err := os.ReadFile(proc(w.pid, "environ"))
		if err != nil || len(environment) > 0 {
			t.Errorf("a worker's environment holds %q (%v)", environment, err)
		}
		for fd, link := range opened(t, w.pid) {
			kinds := map[int]string{0: "/dev/null", 1: "/dev/null", 2: "pipe:", 3: "socket:", 4: "socket:"}
			if kind, standard := kinds[fd]; standard && strings.HasPrefix(link, kind) || !standard && ownDescriptors.MatchString(link) {
				continue
			}
			t.Errorf("a worker has %d open: %s", fd, link)
		}
		arguments, err := os.ReadFile(proc(w.pid, "cmdline"))
		if err != nil || slices.Contains(strings.Split(string(arguments), "\x00"), path) {
			t.Errorf("its arguments are %q (%v)", arguments, err)
		}
	}
}

// The banner says what holds and what was tried, and with a sandbox that is
// required nothing less is served.
func TestBannerTellsOfSandbox(t *testing.T) {
	t.Parallel()
	p := program{path: binary}
	s := p.start(t, placed{location: writeFile(t, "data.csv", bystanderRows), limits: "memory: 128MiB"}.arguments(t)...)
	for _, part := range []string{
		"landlock ABI", "seccomp", "no new privileges", "rlimits", "parent death", "not dumpable", "descriptors",
		"tried in a worker, and refused: read /etc/passwd, list /, make a file in /tmp, make a socket, connect to 127.0.0.1",
	} {
		if !strings.Contains(s.banner.String(), part) {
			t.Errorf("the banner does not say %q:\n%s", part, s.banner)
		}
	}
	for _, bad := range []string{"missing", "NOT refused"} {
		if strings.Contains(s.banner.String(), bad) {
			t.Errorf("the banner says %q:\n%s", bad, s.banner)
		}
	}
}

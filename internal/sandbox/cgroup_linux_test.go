package sandbox

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// tree is a directory that looks like the kernel's, without its rules.
type tree struct {
	root, proc, own string
	fail            string // mkdir of this name makes a directory without files
}

func newTree(t *testing.T) tree {
	t.Helper()
	f := tree{root: t.TempDir(), proc: t.TempDir()}
	f.own = f.root + "/mount point/a.slice/server.service"
	f.put(t, f.proc+"/cgroup", "4:memory:/old\n0::/a.slice/server.service\n")
	f.put(t, f.proc+"/mountinfo", "23 1 8:1 / / rw - ext4 /dev/sda rw\n31 23 0:28 / "+strings.ReplaceAll(f.root+"/mount point", " ", `\040`)+" rw shared:4 - cgroup2 cgroup2 rw\n")
	f.put(t, f.own+"/cgroup.type", "domain\n")
	f.put(t, f.own+"/cgroup.controllers", "cpu io memory pids\n")
	f.put(t, f.own+"/cgroup.subtree_control", "")
	f.put(t, f.own+"/cgroup.procs", strconv.Itoa(os.Getpid())+"\n")
	return f
}

func (tree) put(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

func (f tree) open() (*Cgroups, error) {
	return newCgroups(f.proc, os.Getpid(), func(path string) error {
		err := os.Mkdir(path, 0o755)
		if filepath.Base(path) == f.fail {
			return err
		}
		for _, file := range []string{"cgroup.procs", "cgroup.kill", "memory.max", "memory.swap.max", "memory.oom.group", "pids.max"} {
			err = errors.Join(err, os.WriteFile(filepath.Join(path, file), nil, 0o644))
		}
		return err
	})
}

func TestCgroups(t *testing.T) {
	t.Parallel()
	f := newTree(t)
	c, err := f.open()
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, f.own+"/server/cgroup.procs"); got != strconv.Itoa(os.Getpid()) {
		t.Errorf("in the leaf: %q", got)
	}
	if got := get(t, f.own+"/cgroup.subtree_control"); got != "+memory +pids" {
		t.Errorf("handed down: %q", got)
	}
	dir, _, err := c.Make("worker-1", CgroupLimits{Memory: 1 << 30, Processes: 100})
	if err != nil {
		t.Fatal(err)
	}
	if dir.Name() != f.own+"/worker-1" {
		t.Error(dir.Name())
	}
	if err := dir.Close(); err != nil {
		t.Error(err)
	}
	for file, want := range map[string]string{"memory.max": "1073741824", "memory.swap.max": "0", "memory.oom.group": "1", "pids.max": "100"} {
		if got := get(t, f.own+"/worker-1/"+file); got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
	if _, _, err := c.Make("worker-1", CgroupLimits{Memory: 1, Processes: 1}); !errors.Is(err, os.ErrExist) {
		t.Errorf("the same name again: %v", err)
	}
	for _, name := range []string{"", "..", "a/b", "server", "A", strings.Repeat("a", 101)} {
		if _, _, err := c.Make(name, CgroupLimits{Memory: 1, Processes: 1}); err == nil {
			t.Errorf("a cgroup named %q", name)
		}
	}
	for _, l := range []CgroupLimits{{}, {Memory: 1}, {Processes: 1}, {Memory: -1, Processes: 1}} {
		if _, _, err := c.Make("worker-2", l); err == nil {
			t.Errorf("limits %+v", l)
		}
	}
}

// The kernel's directories go away with their files; here only an empty one does.
func TestCgroupRemove(t *testing.T) {
	t.Parallel()
	f := newTree(t)
	f.fail = "worker-1"
	c, err := f.open()
	if err != nil {
		t.Fatal(err)
	}
	// The limits cannot be set: nothing remains.
	if _, _, err := c.Make("worker-1", CgroupLimits{Memory: 1, Processes: 1}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := os.Stat(f.own + "/worker-1"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	_, remove, err := c.Make("worker-2", CgroupLimits{Memory: 1, Processes: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := remove(); err == nil {
		t.Error("a directory with files is gone")
	}
	if got := get(t, f.own+"/worker-2/cgroup.kill"); got != "1" {
		t.Errorf("killed: %q", got)
	}
}

func TestNoCgroups(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, text string // one that is other than it should be; no text: it is missing
		want       string
	}{
		"version 1 only":      {"proc/cgroup", "4:memory:/a\n", "in no cgroup of version 2"},
		"above the namespace": {"proc/cgroup", "0::/../a\n", "root cgroup, or in none"},
		"no proc":             {"proc/cgroup", "", "no such file"},
		"no mount":            {"proc/mountinfo", "31 23 0:28 / /x rw - cgroup cgroup rw\n", "is mounted"},
		"a mount cut short":   {"proc/mountinfo", "31 23 0:28 - cgroup2\n", "is mounted"},
		"mounted elsewhere":   {"proc/mountinfo", "31 23 0:28 /other /x rw - cgroup2 cgroup2 rw\n", "not below what is mounted"},
		"root":                {"own/cgroup.type", "", "root cgroup"},
		"no memory":           {"own/cgroup.controllers", "cpu pids\n", `controller "memory" is not handed down`},
		"no pids":             {"own/cgroup.controllers", "memory\n", `controller "pids" is not handed down`},
		"nothing delegated":   {"own/cgroup.subtree_control", "", "is not delegated"},
		"not alone":           {"own/cgroup.procs", "1\n2\n", "2 processes share"},
		"only others":         {"own/cgroup.procs", "1\n", "1 processes share"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newTree(t)
			path := strings.NewReplacer("proc/", f.proc+"/", "own/", f.own+"/").Replace(c.file)
			if c.text != "" {
				f.put(t, path, c.text)
			} else if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			_, err := f.open()
			if !errors.Is(err, ErrNoCgroups) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if _, err := os.Stat(f.own + "/server"); !errors.Is(err, os.ErrNotExist) {
				t.Error("a leaf was made")
			}
		})
	}
}

// A leaf that cannot be entered, or a controller that cannot be handed down,
// leaves everything as it was.
func TestCgroupsGoBack(t *testing.T) {
	t.Parallel()
	f := newTree(t)
	f.fail = serverLeaf
	if _, err := f.open(); !errors.Is(err, ErrNoCgroups) {
		t.Error(err)
	}
	if _, err := os.Stat(f.own + "/server"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the leaf is still there: %v", err)
	}
	if got := get(t, f.own+"/cgroup.subtree_control"); got != "" {
		t.Errorf("handed down: %q", got)
	}
}

// Whatever this machine has, the answer is cgroups or the reason.
func TestCgroupsHere(t *testing.T) {
	t.Parallel()
	// The test's own process is not moved: only the checks run.
	dir, err := ownCgroup("/proc/self")
	if err == nil {
		err = (&Cgroups{dir: dir}).checkDelegated()
	}
	t.Logf("%s: %v", dir, err)
	if (dir == "") && err == nil {
		t.Error("neither a directory nor a reason")
	}
}

func TestUnescape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "/a": "/a", `/a\040b\134`: `/a b\`, `\04`: `\04`, `\999x`: `\999x`} {
		if got := unescape(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

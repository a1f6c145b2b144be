package sandbox

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// ErrOrphan is returned by Apply when the parent has died.
var ErrOrphan = errors.New("sandbox: the parent process is gone")

// kernel is what Apply asks of the kernel and tests take away.
type kernel struct {
	landlockABI func() (int, error)
	loadFilter  func([]unix.SockFilter) error
	oomScore    string // the file
}

func theKernel() kernel {
	return kernel{landlockABI: landlockABI, loadFilter: loadFilter, oomScore: "/proc/self/oom_score_adj"}
}

// Apply puts the calling process, with all its threads, into the sandbox. It
// cannot be taken back. What the kernel lacks is in the report; after an error
// the process must end.
func Apply(p Policy) (Report, error) { return apply(p, theKernel()) }

func apply(p Policy, k kernel) (Report, error) {
	if err := p.validate(); err != nil {
		return Report{}, err
	}
	rules, err := landlockRules(p)
	if err != nil {
		return Report{}, err
	}
	// no_new_privs and seccomp must happen on one thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	// The order matters: later steps take away what earlier ones need (/proc,
	// the right to call prctl).
	descriptors := closeInherited(p.Descriptors)
	score := os.WriteFile(k.oomScore, []byte("1000"), 0)
	limits := setLimits(p.Limits)
	dumpable := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	death := followParent(p.Parent)
	if errors.Is(death, ErrOrphan) {
		return Report{}, death
	}
	privileges := onAllThreads(unix.PR_SET_NO_NEW_PRIVS, 1)
	abi, files := restrict(rules, k.landlockABI)
	calls := filterCalls(k.loadFilter)

	var n notes
	n.note(PartLandlock, fmt.Sprintf("ABI %d", abi), files)
	n.note(PartSeccomp, "", calls)
	n.note(PartNoNewPrivs, "", privileges)
	n.note(PartRlimits, "", limits)
	n.note(PartParentDeath, "", death)
	n.note(PartDumpable, "", dumpable)
	n.note(PartDescriptors, "", descriptors)
	n.note(PartOOMScore, "", score)
	return Report{Parts: n}, nil
}

// followParent has the kernel kill this process when its parent ends. The
// setting belongs to the thread that made it and is lost with that thread, so
// every thread makes it; the first one never ends.
func followParent(parent int) error {
	err := onAllThreads(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL))
	// A parent that died before this sends no signal any more.
	if os.Getppid() != parent {
		return ErrOrphan
	}
	return err
}

// onAllThreads calls prctl on every thread. The library finds them in /proc
// and kills the process where it cannot.
func onAllThreads(option int, value uintptr) error {
	if err := threadsVisible(); err != nil {
		return errors.Join(err, unix.Prctl(option, value, 0, 0, 0))
	}
	return ll.AllThreadsPrctl(option, value, 0, 0, 0)
}

func threadsVisible() error {
	dir, err := os.Open(fmt.Sprintf("/proc/%d/task", os.Getpid()))
	if err != nil {
		return errors.New("/proc is not readable")
	}
	return dir.Close()
}

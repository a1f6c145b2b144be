package sandbox

import (
	"encoding/binary"
	"runtime"
	"slices"
	"testing"

	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

const testPID = 4242

var machines = map[string]*arch.Info{"amd64": arch.X86_64, "arm64": arch.AARCH64}

// virtual runs the filter for one machine in Go's interpreter of BPF.
func virtual(t *testing.T, machine *arch.Info) func(id uint32, number uint32, args ...uint64) uint32 {
	t.Helper()
	program, err := buildFilter(machine, testPID)
	if err != nil {
		t.Fatal(err)
	}
	vm, err := bpf.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	return func(id uint32, number uint32, args ...uint64) uint32 {
		// The interpreter loads words as the network does, the kernel as the
		// machine does: each word is written the interpreter's way.
		var data [64]byte
		binary.BigEndian.PutUint32(data[offsetNumber:], number)
		binary.BigEndian.PutUint32(data[offsetArch:], id)
		for i, a := range args {
			binary.BigEndian.PutUint32(data[offsetArgs+8*i:], uint32(a))
			binary.BigEndian.PutUint32(data[offsetArgs+8*i+4:], uint32(a>>32))
		}
		answer, err := vm.Run(data[:])
		if err != nil {
			t.Fatal(err)
		}
		return uint32(answer)
	}
}

// Every number that exists, and some that do not, gets the answer of its list.
func TestFilterAnswers(t *testing.T) {
	t.Parallel()
	for name, machine := range machines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := virtual(t, machine)
			want := map[string]uint32{}
			for _, list := range unconditional() {
				for _, n := range list.names {
					want[n] = list.answer
				}
			}
			judged := map[string]bool{}
			for _, c := range conditional(testPID) {
				judged[c.name] = true
			}
			for number := range uint32(1024) {
				name, known := machine.SyscallNumbers[int(number)]
				if known && judged[name] {
					continue
				}
				answer, ok := want[name]
				if !ok || !known {
					answer = fail(unix.ENOSYS)
				}
				// Whatever the arguments are.
				for _, arg := range []uint64{0, 1, testPID, 72, ^uint64(0)} {
					if got := run(uint32(machine.ID), number, arg, arg, arg, arg, arg, arg); got != answer {
						t.Errorf("%d %s(%d): %#x, want %#x", number, name, arg, got, answer)
					}
				}
			}
		})
	}
}

// A call that is judged by its arguments gets no other call's answer, whatever
// the arguments are: also where one is the number of a call that is allowed.
func TestConditionsStayApart(t *testing.T) {
	t.Parallel()
	for name, machine := range machines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := virtual(t, machine)
			for _, c := range conditional(testPID) {
				number, ok := machine.SyscallNames[c.name]
				if !ok {
					continue
				}
				allowed := 0
				for first := range uint64(512) {
					for second := range uint64(8) {
						for _, high := range []uint64{0, 1 << 32} {
							for _, args := range [][]uint64{
								{first | high, second | high, first | high, second, high},
								{fromRoot | high, second | high, first | high, second, high},
								{fromRoot | high, second | high, fromRoot, second, high},
							} {
								got := run(uint32(machine.ID), uint32(number), args...)
								want := c.otherwise
								if expected(c, args) {
									want, allowed = allow, allowed+1
								}
								if got != want {
									t.Fatalf("%s%d: %#x, want %#x", c.name, args, got, want)
								}
							}
						}
					}
				}
				if allowed == 0 && c.name != "clone" && c.name != "kill" && c.name != "tgkill" {
					t.Errorf("%s is never allowed", c.name)
				}
			}
		})
	}
}

// expected says the same as the filter, in Go.
func expected(c call, args []uint64) bool {
	return slices.ContainsFunc(c.any, func(tests []test) bool {
		return !slices.ContainsFunc(tests, func(t test) bool {
			word := uint32(args[t.arg])
			if t.high {
				word = uint32(args[t.arg] >> 32)
			}
			return word&t.mask != t.want
		})
	})
}

func TestFilterTable(t *testing.T) {
	t.Parallel()
	const exec = unix.PROT_READ | unix.PROT_EXEC
	// As glibc and Go make a thread, and as they make a process.
	const thread = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SYSVSEM | unix.CLONE_SIGHAND | unix.CLONE_THREAD |
		unix.CLONE_SETTLS | unix.CLONE_PARENT_SETTID | unix.CLONE_CHILD_CLEARTID
	for name, machine := range machines {
		run := virtual(t, machine)
		for _, c := range []struct {
			call string
			args []uint64
			want uint32
		}{
			{"clone", []uint64{thread}, allow},
			{"clone", []uint64{uint64(unix.SIGCHLD)}, kill},
			{"clone", []uint64{thread &^ unix.CLONE_VM}, kill},
			{"clone", []uint64{thread &^ unix.CLONE_THREAD}, kill},
			{"clone", []uint64{thread | unix.CLONE_NEWNET}, kill},
			{"clone", []uint64{thread | unix.CLONE_NEWNS}, kill},
			{"clone", []uint64{unix.CLONE_VM | unix.CLONE_VFORK | uint64(unix.SIGCHLD)}, kill},
			{"kill", []uint64{testPID, 9}, allow},
			{"kill", []uint64{72, unix.F_GETFL}, kill},
			{"kill", []uint64{1, 9}, kill},
			{"kill", []uint64{0, 9}, kill},
			{"kill", []uint64{^uint64(0), 9}, kill},
			{"kill", []uint64{0xffffffff, 9}, kill},
			{"tgkill", []uint64{testPID, 1, 23}, allow},
			{"tgkill", []uint64{testPID + 1, 1, 23}, kill},
			{"mmap", []uint64{0, 4096, unix.PROT_READ | unix.PROT_WRITE}, allow},
			{"mmap", []uint64{0, 4096, exec}, fail(unix.EPERM)},
			{"mprotect", []uint64{0, 4096, exec}, fail(unix.EPERM)},
			{"openat", []uint64{fromRoot, 0, unix.O_RDWR | unix.O_CREAT | unix.O_TRUNC, 0o666}, allow},
			{"openat", []uint64{^uint64(0) - 99, 0, unix.O_RDWR | unix.O_CREAT | unix.O_TRUNC, 0o666}, allow}, // -100
			{"openat", []uint64{fromRoot, 0, unix.O_TRUNC}, fail(unix.EACCES)},
			{"openat", []uint64{fromRoot, 0, unix.O_ACCMODE | unix.O_TRUNC}, fail(unix.EACCES)},
			{"openat", []uint64{3, 0, 0}, fail(unix.EACCES)},
			{"openat", []uint64{fromRoot, 0, unix.O_RDWR | unix.O_CREAT, 0o4600}, fail(unix.EACCES)},
			{"openat", []uint64{fromRoot, 0, unix.O_RDWR | unix.O_CREAT, 0o2600}, fail(unix.EACCES)},
			{"openat", []uint64{fromRoot, 0, unix.O_RDWR, 0o6777}, allow}, // the mode means nothing
			{"openat", []uint64{fromRoot, 0, unix.O_RDWR | unix.O_TMPFILE, 0o600}, fail(unix.EACCES)},
			{"openat", []uint64{fromRoot, 0, unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC, 0o6777}, allow},
			{"mkdirat", []uint64{fromRoot, 0, 0o700}, fail(unix.EPERM)},
			{"unlinkat", []uint64{fromRoot, 0, 0}, allow},
			{"unlinkat", []uint64{3, 0, 0}, fail(unix.EPERM)},
			{"renameat2", []uint64{fromRoot, 0, fromRoot, 0, 0}, allow},
			{"renameat2", []uint64{fromRoot, 0, 3, 0, 0}, fail(unix.EPERM)},
			{"renameat2", []uint64{3, 0, fromRoot, 0, 0}, fail(unix.EPERM)},
			{"renameat", []uint64{3, 0, fromRoot, 0, 0}, fail(unix.EPERM)},
			{"fallocate", []uint64{3, 0, 0, 4096}, allow},
			{"fallocate", []uint64{3, unix.FALLOC_FL_PUNCH_HOLE | unix.FALLOC_FL_KEEP_SIZE, 0, 4096}, allow},
			{"fallocate", []uint64{3, unix.FALLOC_FL_KEEP_SIZE, 0, 4096}, fail(unix.EPERM)},
			{"fallocate", []uint64{3, unix.FALLOC_FL_INSERT_RANGE, 0, 4096}, fail(unix.EPERM)},
			{"umask", []uint64{0o077}, allow},
			{"umask", []uint64{0o300}, fail(unix.EPERM)},
			{"prlimit64", []uint64{0, 7, 0, 1}, allow},
			{"prlimit64", []uint64{0, 7, 1 << 32, 0}, fail(unix.EPERM)},
			{"prlimit64", []uint64{1, 7, 0, 1}, fail(unix.EPERM)},
			{"prctl", []uint64{unix.PR_SET_NO_NEW_PRIVS, 1}, fail(unix.EPERM)},
			{"fcntl", []uint64{3, unix.F_SETOWN}, fail(unix.EPERM)},
			{"fcntl", []uint64{3, unix.F_SETLK}, allow},
		} {
			if got := run(uint32(machine.ID), uint32(machine.SyscallNames[c.call]), c.args...); got != c.want {
				t.Errorf("%s: %s%#x: %#x, want %#x", name, c.call, c.args, got, c.want)
			}
		}
	}
}

// Another machine's calls have other numbers: none is judged, all kill.
func TestForeignMachines(t *testing.T) {
	t.Parallel()
	for name, machine := range machines {
		run := virtual(t, machine)
		for _, foreign := range []*arch.Info{arch.I386, arch.ARM, arch.X86_64, arch.AARCH64, arch.S390X} {
			if foreign == machine {
				continue
			}
			for number := range uint32(500) {
				if got := run(uint32(foreign.ID), number); got != kill {
					t.Fatalf("%s: call %d of %s: %#x", name, number, foreign.Name, got)
				}
			}
		}
	}
	run := virtual(t, arch.X86_64)
	for _, number := range []uint32{x32Bit, x32Bit | 39, x32Bit | 520, ^uint32(0)} {
		if got := run(uint32(arch.X86_64.ID), number); got != kill {
			t.Errorf("x32 call %#x: %#x", number, got)
		}
	}
}

// Names are spelt as some machine spells them, and stand in one list.
func TestNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	check := func(name string) {
		if seen[name] {
			t.Errorf("%s is listed twice", name)
		}
		seen[name] = true
		for _, machine := range machines {
			if _, ok := machine.SyscallNames[name]; ok {
				return
			}
		}
		t.Errorf("no machine has %s", name)
	}
	for _, c := range conditional(testPID) {
		check(c.name)
	}
	for _, list := range unconditional() {
		for _, name := range list.names {
			check(name)
		}
	}
	if machine := machines[runtime.GOARCH]; machine == nil {
		t.Errorf("there is no filter for %s", runtime.GOARCH)
	}
}

// open, which newer machines lack, has no directory and the mode one earlier.
func TestOldOpen(t *testing.T) {
	t.Parallel()
	run := virtual(t, arch.X86_64)
	for _, c := range []struct {
		flags, mode uint64
		want        uint32
	}{
		{unix.O_RDONLY, 0o6777, allow},
		{unix.O_RDWR | unix.O_CREAT, 0o600, allow},
		{unix.O_RDWR | unix.O_CREAT, 0o4600, fail(unix.EACCES)},
		{unix.O_RDWR | unix.O_TMPFILE, 0o600, fail(unix.EACCES)},
	} {
		if got := run(uint32(arch.X86_64.ID), uint32(arch.X86_64.SyscallNames["open"]), 0, c.flags, c.mode); got != c.want {
			t.Errorf("open(%#x, %#o): %#x, want %#x", c.flags, c.mode, got, c.want)
		}
	}
}

package sandbox

import (
	"fmt"

	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Offsets in struct seccomp_data, on a little-endian machine.
const (
	offsetNumber = 0
	offsetArch   = 4
	offsetArgs   = 16

	x32Bit = 0x40000000 // set in the number of a call by the x32 ABI
)

// What a filter answers.
const (
	allow = uint32(unix.SECCOMP_RET_ALLOW)
	kill  = uint32(unix.SECCOMP_RET_KILL_PROCESS)
)

func fail(errno unix.Errno) uint32 { return unix.SECCOMP_RET_ERRNO | uint32(errno) } //nolint:gosec // an errno is small

// test compares 32 bits of an argument: arg&mask == want.
type test struct {
	arg        int
	high       bool // the upper half of a pointer; else the lower half, which is all of an int
	mask, want uint32
}

// call allows a system call whose arguments pass all tests of one alternative.
type call struct {
	name      string
	any       [][]test
	otherwise uint32
}

// buildFilter assembles the program for one architecture.
//
// The library that has the tables of system calls also assembles filters, but
// after an argument did not match it goes on comparing that argument with the
// numbers of the calls that follow: kill(72, 3) passes as fcntl(72, F_GETFL).
// Here every conditional call ends in an answer of its own.
func buildFilter(machine *arch.Info, pid int) ([]bpf.Instruction, error) {
	load := func(offset uint32) bpf.Instruction { return bpf.LoadAbsolute{Off: offset, Size: 4} }
	program := []bpf.Instruction{
		load(offsetArch),
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(machine.ID), SkipTrue: 1},
		bpf.RetConstant{Val: kill},
		load(offsetNumber),
	}
	if machine == arch.X86_64 {
		program = append(program, bpf.JumpIf{Cond: bpf.JumpLessThan, Val: x32Bit, SkipTrue: 1}, bpf.RetConstant{Val: kill})
	}
	for _, c := range conditional(pid) {
		number, ok := machine.SyscallNames[c.name]
		if !ok {
			continue // newer machines lack the oldest calls
		}
		var block []bpf.Instruction
		for _, tests := range c.any {
			length := 1 // the answer
			for _, t := range tests {
				length += t.length()
			}
			for _, t := range tests {
				offset := uint32(offsetArgs + 8*t.arg) //nolint:gosec // 0 to 5
				if t.high {
					offset += 4
				}
				block = append(block, load(offset))
				if t.mask != every {
					block = append(block, bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: t.mask})
				}
				length -= t.length()
				block = append(block, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: t.want, SkipTrue: uint8(length)}) //nolint:gosec // a few
			}
			block = append(block, bpf.RetConstant{Val: allow})
		}
		block = append(block, bpf.RetConstant{Val: c.otherwise})
		if len(block) > 255 {
			return nil, fmt.Errorf("sandbox: %s has too many conditions", c.name)
		}
		program = append(program, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: uint32(number), SkipTrue: uint8(len(block))}) //nolint:gosec // checked above
		program = append(program, block...)
	}
	for _, list := range unconditional() {
		for _, name := range list.names {
			if number, ok := machine.SyscallNames[name]; ok {
				program = append(program,
					bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: uint32(number), SkipTrue: 1}, //nolint:gosec // a call's number
					bpf.RetConstant{Val: list.answer})
			}
		}
	}
	return append(program, bpf.RetConstant{Val: fail(unix.ENOSYS)}), nil
}

// length is how many instructions the test takes.
func (t test) length() int {
	if t.mask == every {
		return 2
	}
	return 3
}

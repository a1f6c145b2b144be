package membudget

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// statm is an open /proc/PID/statm. It stays with its process: when the process
// has been waited for, reading fails even if another has got its number.
type statm struct {
	fd   int
	page int64
	text [128]byte // seven numbers; kept here so that reading allocates nothing
}

// openMeter opens the meter of a process; pid 0 is this one.
func openMeter(pid int) (meter, error) {
	name := "/proc/self/statm"
	if pid != 0 {
		name = "/proc/" + strconv.Itoa(pid) + "/statm"
	}
	// Not os.File: a plain read of 1 µs without locks of its own.
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("membudget: %s: %w", name, err)
	}
	return &statm{fd: fd, page: int64(os.Getpagesize())}, nil
}

func (s *statm) read() (reading, bool) {
	n, err := unix.Pread(s.fd, s.text[:], 0)
	if err != nil || n <= 0 {
		return reading{}, false
	}
	return parseStatm(s.text[:n], s.page)
}

func (s *statm) close() { _ = unix.Close(s.fd) } // it was only read

// parseStatm takes the second and third of the numbers in statm (proc(5)).
func parseStatm(text []byte, page int64) (reading, bool) {
	_, rest, _ := bytes.Cut(text, []byte{' '})
	resident, rest, ok := bytes.Cut(rest, []byte{' '})
	if !ok {
		return reading{}, false
	}
	shared, _, _ := bytes.Cut(rest, []byte{' '})
	r, okR := pages(resident, page)
	s, okS := pages(shared, page)
	return reading{resident: r, shared: s}, okR && okS && r > 0
}

// pages reads a number of pages as bytes: digits alone, and no more than fit.
func pages(digits []byte, page int64) (int64, bool) {
	if len(digits) == 0 || len(digits) > 12 {
		return 0, false
	}
	var n int64
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n * page, true
}

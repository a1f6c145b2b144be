package sandbox

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ownCgroup finds the directory of the process's own cgroup, version 2.
func ownCgroup(proc string) (string, error) {
	// "0::/system.slice/sallyport.service"; other lines are of version 1.
	own, err := findLine(proc+"/cgroup", func(line string) (string, bool) { return strings.CutPrefix(line, "0::") })
	if err != nil {
		return "", err
	}
	if own == "" {
		return "", errors.New("this process is in no cgroup of version 2")
	}
	mount, err := findLine(proc+"/mountinfo", func(line string) (string, bool) {
		// 31 23 0:26 /root /mount/point options… - cgroup2 source options
		before, after, ok := strings.Cut(line, " - ")
		return before, ok && strings.HasPrefix(after, "cgroup2 ")
	})
	if err != nil {
		return "", err
	}
	fields := strings.Fields(mount)
	if len(fields) < 5 {
		return "", errors.New("no file system of cgroups of version 2 is mounted")
	}
	// A part of the tree may be mounted, and the cgroup be elsewhere.
	root, point := unescape(fields[3]), unescape(fields[4])
	below, err := filepath.Rel(root, own)
	if err != nil || below == ".." || strings.HasPrefix(below, "../") {
		return "", fmt.Errorf("the cgroup %s is not below what is mounted, %s", own, root)
	}
	return filepath.Join(point, below), nil
}

// findLine returns what it finds in the first line that fits, or nothing.
func findLine(path string, fits func(string) (string, bool)) (string, error) {
	f, err := os.Open(path) //nolint:gosec // a file of the kernel
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if found, ok := fits(lines.Text()); ok {
			return found, nil
		}
	}
	return "", lines.Err()
}

// unescape undoes how the kernel writes spaces and the like in mountinfo: \040.
func unescape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+3 < len(text) {
			if n, err := strconv.ParseUint(text[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

package membudget

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

const (
	maxTable  = 1 << 20 // bytes of mountinfo; hosts with thousands of mounts stay below
	maxLevels = 64      // of control groups
	// unlimited is where limits end that are meant: v1 writes about 1<<63 for none.
	unlimited = 1 << 60
)

// groupLimit is the least memory limit of the control groups that this process
// is in, and of their ancestors as far as they can be seen, with the file that
// says so. 0: there is none. What cannot be read or understood is no limit: a
// wrong guess upwards is bounded by the machine's memory.
func groupLimit(root fs.FS) (limit int64, file string) {
	groups := parseGroups(readBounded(root, "proc/self/cgroup"))
	for _, m := range parseMounts(readBounded(root, "proc/self/mountinfo")) {
		group, ok := groups[m.v2]
		if !ok {
			continue
		}
		for _, dir := range m.dirs(group) {
			for _, name := range m.files() {
				n, ok := parseLimit(readBounded(root, dir+"/"+name))
				if ok && (limit == 0 || n < limit) {
					limit, file = n, dir+"/"+name
				}
			}
		}
	}
	return limit, file
}

// parseGroups takes from /proc/self/cgroup (cgroups(7)) the path of the v2
// group, under true, and of the v1 group of the memory controller, under false.
func parseGroups(text []byte) map[bool]string {
	groups := map[bool]string{}
	for line := range bytes.Lines(text) {
		fields := strings.SplitN(strings.TrimSuffix(string(line), "\n"), ":", 3)
		if len(fields) != 3 || !strings.HasPrefix(fields[2], "/") {
			continue
		}
		switch {
		case fields[0] == "0" && fields[1] == "":
			groups[true] = fields[2]
		case hasOption(fields[1], "memory"):
			groups[false] = fields[2]
		}
	}
	return groups
}

// A mount is where a hierarchy of control groups is seen.
type mount struct {
	v2    bool
	root  string // the group that the directory shows
	point string // the directory
}

// parseMounts takes the hierarchies that may limit memory from
// /proc/self/mountinfo (proc_pid_mountinfo(5)).
func parseMounts(text []byte) []mount {
	var mounts []mount
	for line := range bytes.Lines(text) {
		// 36 35 98:0 ROOT POINT OPTIONS [TAG…] - TYPE SOURCE SUPEROPTIONS
		before, after, ok := strings.Cut(strings.TrimSuffix(string(line), "\n"), " - ")
		place, kind := strings.Fields(before), strings.Fields(after)
		if !ok || len(place) < 6 || len(kind) < 3 {
			continue
		}
		v2 := kind[0] == "cgroup2"
		if !v2 && (kind[0] != "cgroup" || !hasOption(kind[2], "memory")) {
			continue
		}
		if len(mounts) == maxLevels { // a machine has one or two
			break
		}
		mounts = append(mounts, mount{v2: v2, root: unescape(place[3]), point: unescape(place[4])})
	}
	return mounts
}

// files are what limits memory in a group's directory. What a group is throttled
// at (memory.high) is no less a limit: beyond it everything crawls.
func (m mount) files() []string {
	if m.v2 {
		return []string{"memory.max", "memory.high"}
	}
	return []string{"memory.limit_in_bytes"}
}

// dirs are the directories of a group and its ancestors, as far as the mount
// shows them, in the way of [fs.FS].
func (m mount) dirs(group string) []string {
	point := strings.Trim(path.Clean(m.point), "/")
	below, ok := strings.CutPrefix(group, strings.TrimSuffix(m.root, "/"))
	if !ok || below != "" && below[0] != '/' || hasDots(group) {
		below = "" // the group is outside of what is shown: what is shown is all there is
	}
	dir := strings.Trim(path.Clean("/"+point+below), "/")
	var dirs []string
	for len(dirs) < maxLevels {
		dirs = append(dirs, dir)
		if dir == point || len(dir) <= len(point) {
			break
		}
		dir = path.Dir(dir)
	}
	return dirs
}

// hasDots reports whether a path leads upwards, as that of a group outside of
// the process's namespace does.
func hasDots(p string) bool {
	for part := range strings.SplitSeq(p, "/") {
		if part == ".." {
			return true
		}
	}
	return false
}

// hasOption looks for a word in a list with commas.
func hasOption(list, word string) bool {
	for option := range strings.SplitSeq(list, ",") {
		if option == word {
			return true
		}
	}
	return false
}

// unescape undoes what mountinfo does to blanks and backslashes in paths.
func unescape(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// parseLimit reads a number of bytes. "max" and numbers beyond all memory are none.
func parseLimit(text []byte) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil && n > 0 && n < unlimited
}

// readBounded reads a file as far as it may matter; nil if it cannot be read.
func readBounded(root fs.FS, name string) []byte {
	f, err := root.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxTable))
	if err != nil {
		return nil
	}
	return text
}

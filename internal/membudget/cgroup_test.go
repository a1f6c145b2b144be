package membudget

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func files(pairs ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return m
}

const (
	groupFile = "proc/self/cgroup"
	mountFile = "proc/self/mountinfo"
	v2Mount   = "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
	v1Mount   = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
	otherV1   = "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
)

func TestGroupLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		root fs.FS
		want int64
		file string
	}{
		{"nothing at all", files(), 0, ""},
		{"v2, its own", files(groupFile, "0::/system.slice/a.service\n", mountFile, v2Mount,
			"sys/fs/cgroup/system.slice/a.service/memory.max", "1073741824\n"), 1 << 30, "sys/fs/cgroup/system.slice/a.service/memory.max"},
		{"v2, an ancestor's is less", files(groupFile, "0::/a/b/c\n", mountFile, v2Mount,
			"sys/fs/cgroup/a/b/c/memory.max", "max\n", "sys/fs/cgroup/a/b/memory.max", "300\n", "sys/fs/cgroup/a/memory.max", "200\n"), 200, "sys/fs/cgroup/a/memory.max"},
		{"v2, throttled below", files(groupFile, "0::/a\n", mountFile, v2Mount,
			"sys/fs/cgroup/a/memory.max", "300\n", "sys/fs/cgroup/a/memory.high", "250\n"), 250, "sys/fs/cgroup/a/memory.high"},
		{"v2 in a container", files(groupFile, "0::/\n", mountFile, v2Mount, "sys/fs/cgroup/memory.max", "400\n"), 400, "sys/fs/cgroup/memory.max"},
		{"v2, outside of the namespace", files(groupFile, "0::/../../other\n", mountFile, v2Mount, "sys/fs/cgroup/memory.max", "400\n"), 400, "sys/fs/cgroup/memory.max"},
		{"v1", files(groupFile, "4:cpu:/x\n3:memory:/a/b\n", mountFile, otherV1+v1Mount,
			"sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "9223372036854771712\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes", "500\n"), 500, "sys/fs/cgroup/memory/a/memory.limit_in_bytes"},
		{"v1, controllers together", files(groupFile, "3:cpu,memory:/a\n", mountFile,
			"35 31 0:32 / /cg rw - cgroup cgroup rw,cpu,memory\n", "cg/a/memory.limit_in_bytes", "600\n"), 600, "cg/a/memory.limit_in_bytes"},
		{"v1 in a container without a namespace", files(groupFile, "3:memory:/docker/abc\n", mountFile,
			"35 31 0:32 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes", "700\n"), 700, "sys/fs/cgroup/memory/memory.limit_in_bytes"},
		{"both", files(groupFile, "3:memory:/a\n0::/b\n", mountFile, v1Mount+strings.ReplaceAll(v2Mount, "/sys/fs/cgroup ", "/sys/fs/cgroup/unified "),
			"sys/fs/cgroup/memory/a/memory.limit_in_bytes", "800\n", "sys/fs/cgroup/unified/b/memory.max", "700\n"), 700, "sys/fs/cgroup/unified/b/memory.max"},
		{"a blank in the path", files(groupFile, "0::/a b\n", mountFile, `31 23 0:28 / /my\040groups rw - cgroup2 none rw`+"\n",
			"my groups/a b/memory.max", "900\n"), 900, "my groups/a b/memory.max"},
		{"colons in the path", files(groupFile, "0::/a:b:c\n", mountFile, v2Mount, "sys/fs/cgroup/a:b:c/memory.max", "900\n"), 900, "sys/fs/cgroup/a:b:c/memory.max"},
		{"a neighbour's name begins alike", files(groupFile, "3:memory:/docker/abcd\n", mountFile,
			"35 31 0:32 /docker/abc /cg rw - cgroup cgroup rw,memory\n", "cg/memory.limit_in_bytes", "700\n", "cgd/memory.limit_in_bytes", "1\n"), 700, "cg/memory.limit_in_bytes"},
		{"no numbers", files(groupFile, "0::/a\n", mountFile, v2Mount, "sys/fs/cgroup/a/memory.max", "-5\n", "sys/fs/cgroup/a/memory.high", "0x10\n"), 0, ""},
		{"no group", files(groupFile, "garbage\n0::relative\n::\n", mountFile, v2Mount, "sys/fs/cgroup/memory.max", "400\n"), 0, ""},
		{"no mounts", files(groupFile, "0::/\n", mountFile, "a b c\n - \n31 23 0:28 / /x rw -\n", "x/memory.max", "400\n"), 0, ""},
	} {
		if got, file := groupLimit(c.root); got != c.want || file != c.file {
			t.Errorf("%s: %d from %q, want %d from %q", c.name, got, file, c.want, c.file)
		}
	}
}

func TestDefault(t *testing.T) {
	t.Parallel()
	group := files(groupFile, "0::/\n", mountFile, v2Mount, "sys/fs/cgroup/memory.max", "2147483648\n")
	for _, c := range []struct {
		name   string
		root   fs.FS
		memory int64
		want   int64
		source string
	}{
		{"the machine", files(), 10 << 30, 10 << 30 / 100 * 80, "80% of 10GiB (the machine's memory)"},
		{"the group", group, 10 << 30, 2 << 30 / 100 * 80, "80% of 2GiB (/sys/fs/cgroup/memory.max)"},
		{"the group allows more than there is", group, 1 << 30, 1 << 30 / 100 * 80, "80% of 1GiB (the machine's memory)"},
		{"only the group", group, 0, 2 << 30 / 100 * 80, "80% of 2GiB (/sys/fs/cgroup/memory.max)"},
		{"nothing is known", files(), 0, 1 << 30 / 100 * 80, "80% of 1GiB (assumed, since the system does not tell its memory)"},
	} {
		if got, source := defaultFrom(c.root, c.memory); got != c.want || source != c.source {
			t.Errorf("%s: %d, %q", c.name, got, source)
		}
	}
	if limit, source := Default(); limit <= 0 || source == "" {
		t.Errorf("this machine: %d, %q", limit, source)
	}
}

func FuzzGroupLimit(f *testing.F) {
	f.Add("0::/a/b\n", v2Mount, "100")
	f.Add("3:cpu,memory:/a\n0::/\n", v1Mount+v2Mount, "max")
	f.Add("0::/../..\n", `1 2 3:4 /x /a\040b rw - cgroup2 c rw`, "9223372036854775807")
	f.Add("0::/"+strings.Repeat("a/", 500), v2Mount, "1")
	f.Fuzz(func(t *testing.T, groups, mounts, limit string) {
		root := files(groupFile, groups, mountFile, mounts, "sys/fs/cgroup/memory.max", limit)
		n, file := groupLimit(root)
		if n < 0 || n >= unlimited || (n == 0) != (file == "") {
			t.Fatalf("%d from %q", n, file)
		}
		for _, m := range parseMounts([]byte(mounts)) {
			for _, group := range parseGroups([]byte(groups)) {
				for _, dir := range m.dirs(group) {
					if hasDots(dir) && !hasDots(m.point) {
						t.Fatalf("%q leads upwards", dir)
					}
				}
			}
		}
	})
}

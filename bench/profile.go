package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// profileRate is how many samples a second perf takes of each running thread.
const profileRate = 499

// profile is where a server and its workers spent the processor's time under
// one load.
type profile struct {
	load            string
	server, workers part
}

// part is one side of a profile.
type part struct {
	cores float64 // processors in use on average
	areas []area  // the largest first
}

// area is a piece of the code with a share of a part's samples.
type area struct {
	name   string
	share  float64
	kernel float64 // of the whole part: in the kernel on behalf of the area
}

// guardLoad is the name of the profile of the guard by itself.
const guardLoad = "guard, typical query, cold"

// profiles lets perf(1) watch the guard, then a server and its workers under
// each load. An error says why there is no profile; the rest of a run does
// without.
func (p plan) profiles(ctx context.Context, w *workshop, s *contender) ([]profile, error) {
	if p.profile == 0 {
		return nil, errors.New("the plan has none")
	}
	perf, err := exec.LookPath("perf")
	if err != nil {
		return nil, errors.New("perf is not installed")
	}
	r := recorder{perf: perf, file: filepath.Join(w.dir, "perf.data"), time: p.profile}
	guard, err := r.profileGuard(ctx, p)
	if err != nil {
		return nil, err
	}
	list, err := p.profileLoads(ctx, w, s, loads)
	return append([]profile{guard}, list...), err
}

// profileLoads watches a server and its workers under each load.
func (p plan) profileLoads(ctx context.Context, w *workshop, s *contender, list []load) ([]profile, error) {
	perf, err := exec.LookPath("perf")
	if err != nil {
		return nil, err
	}
	r := recorder{perf: perf, file: filepath.Join(w.dir, "perf.data"), time: p.profile}
	var found []profile
	for _, l := range list {
		// The pool may have replaced a worker since.
		workers, err := childrenOf(s.cmd.Process.Pid)
		if err != nil {
			return nil, err
		}
		stacks, err := r.record(ctx, append(workers, s.cmd.Process.Pid), func() error {
			_, err := press(ctx, s, l, r.longer(), 10*p.requests)
			return err
		})
		if err != nil {
			return nil, err
		}
		found = append(found, summarise(l.name, stacks, s.cmd.Process.Pid, p.profile))
	}
	return found, nil
}

// profileGuard profiles this process while it does nothing but judge.
func (r recorder) profileGuard(ctx context.Context, p plan) (_ profile, err error) {
	guard, closeGuard, err := openGuard(duckDialect)
	if err != nil {
		return profile{}, err
	}
	defer func() { err = errors.Join(err, closeGuard()) }()
	p.loops, p.loop = 1, r.longer()
	i := slices.IndexFunc(guarded, func(q guardedQuery) bool { return q.name == typical })
	stacks, err := r.record(ctx, []int{os.Getpid()}, func() error {
		_, err := measureLoop(ctx, p, func() error {
			_, err := guard.Check(ctx, guarded[i].sql)
			return err
		})
		return err
	})
	return summarise(guardLoad, stacks, os.Getpid(), r.time), err
}

// recorder runs perf.
type recorder struct {
	perf, file string
	time       time.Duration
}

// longer is how long the work lasts that is recorded: perf takes a moment to
// begin.
func (r recorder) longer() time.Duration { return r.time + r.time/2 }

// record samples processes while work runs, and returns perf's text.
func (r recorder) record(ctx context.Context, pids []int, work func() error) (string, error) {
	worked := make(chan error, 1)
	go func() { worked <- work() }()
	list := strings.Trim(strings.ReplaceAll(fmt.Sprint(pids), " ", ","), "[]")
	args := []string{
		"record", "--quiet", "--freq", strconv.Itoa(profileRate), "--event", "cpu-clock", "-g", "--output", r.file, "--pid", list,
		"--", "sleep", strconv.FormatFloat(r.time.Seconds(), 'f', 2, 64),
	}
	said, err := exec.CommandContext(ctx, r.perf, args...).CombinedOutput() //nolint:gosec // perf, on processes of the run
	if err := errors.Join(err, <-worked); err != nil {
		return "", fmt.Errorf("perf record: %w: %.300s", err, said)
	}
	stacks, err := exec.CommandContext(ctx, r.perf, "script", "--input", r.file, "--fields", "pid,ip,sym,dso").Output() //nolint:gosec // likewise
	if err != nil {
		return "", fmt.Errorf("perf script: %w", err)
	}
	return string(stacks), nil
}

// tally counts the samples of a part.
type tally struct {
	all           int
	areas, kernel map[string]int
}

func (t *tally) add(stack []string) {
	name, kernel := areaOf(stack)
	t.all++
	t.areas[name]++
	if kernel {
		t.kernel[name]++
	}
}

// part turns counts into shares.
func (t *tally) part(took time.Duration) part {
	p := part{cores: float64(t.all) / profileRate / took.Seconds()}
	for _, name := range slices.Sorted(maps.Keys(t.areas)) {
		p.areas = append(p.areas, area{
			name: name, share: float64(t.areas[name]) / float64(t.all), kernel: float64(t.kernel[name]) / float64(t.all),
		})
	}
	slices.SortStableFunc(p.areas, func(a, b area) int { return cmp.Compare(b.share, a.share) })
	return p
}

// summarise reads what perf script writes: for each sample a line with the
// process, then its stack from the leaf on, then an empty line.
func summarise(load, stacks string, server int, took time.Duration) profile {
	ours := tally{areas: map[string]int{}, kernel: map[string]int{}}
	theirs := tally{areas: map[string]int{}, kernel: map[string]int{}}
	for sample := range strings.SplitSeq(stacks, "\n\n") {
		lines := strings.Split(strings.Trim(sample, "\n"), "\n")
		pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
		if err != nil {
			continue // the end
		}
		if pid == server {
			ours.add(lines[1:])
		} else {
			theirs.add(lines[1:])
		}
	}
	return profile{load: load, server: ours.part(took), workers: theirs.part(took)}
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
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

// profileServer lets perf(1) watch a server and its workers under each load.
// An error says why there is no profile; the rest of a run does without.
func (p plan) profileServer(ctx context.Context, w *workshop, s *contender) ([]profile, error) {
	if p.profile == 0 {
		return nil, errors.New("the plan has none")
	}
	perf, err := exec.LookPath("perf")
	if err != nil {
		return nil, errors.New("perf is not installed")
	}
	var list []profile
	for _, l := range loads {
		// The pool may have replaced a worker since.
		workers, err := childrenOf(s.cmd.Process.Pid)
		if err != nil {
			return nil, err
		}
		pids := strconv.Itoa(s.cmd.Process.Pid)
		for _, pid := range workers {
			pids += "," + strconv.Itoa(pid)
		}
		stacks, err := p.record(ctx, perf, filepath.Join(w.dir, "perf.data"), pids, func() error {
			_, err := press(ctx, s, l, p.profile+p.profile/2, 10*p.requests)
			return err
		})
		if err != nil {
			return nil, err
		}
		list = append(list, summarise(l.name, stacks, s.cmd.Process.Pid, p.profile))
	}
	return list, nil
}

// record samples processes while work runs, and returns perf's text.
func (p plan) record(ctx context.Context, perf, file, pids string, work func() error) (string, error) {
	worked := make(chan error, 1)
	go func() { worked <- work() }()
	args := []string{
		"record", "--quiet", "--freq", strconv.Itoa(profileRate), "--event", "cpu-clock", "-g", "--output", file, "--pid", pids,
		"--", "sleep", strconv.FormatFloat(p.profile.Seconds(), 'f', 2, 64),
	}
	said, err := exec.CommandContext(ctx, perf, args...).CombinedOutput() //nolint:gosec // perf, on processes of the run
	if err := errors.Join(err, <-worked); err != nil {
		return "", fmt.Errorf("perf record: %w: %.300s", err, said)
	}
	stacks, err := exec.CommandContext(ctx, perf, "script", "--input", file, "--fields", "pid,ip,sym,dso").Output() //nolint:gosec // likewise
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

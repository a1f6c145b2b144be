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
	// functions are the largest of a folded area.
	functions string
}

// newRecorder finds perf. An error says why there is no profile; the rest of a
// run does without.
func newRecorder(w *workshop, p plan) (recorder, error) {
	if p.profile == 0 {
		return recorder{}, errors.New("the plan has none")
	}
	perf, err := exec.LookPath("perf")
	if err != nil {
		return recorder{}, errors.New("perf is not installed")
	}
	return recorder{perf: perf, file: filepath.Join(w.dir, "perf.data"), time: p.profile}, nil
}

// profileLoads watches a server and its workers under each load.
func (p plan) profileLoads(ctx context.Context, w *workshop, s *contender, list []load) ([]profile, error) {
	r, err := newRecorder(w, p)
	if err != nil {
		return nil, err
	}
	var found []profile
	for _, l := range list {
		one, err := r.profileServer(ctx, s, l.name, func() error {
			_, err := press(ctx, s, l, r.longer(), 10*p.requests)
			return err
		})
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}

// profileServer watches a server and its workers while work runs.
func (r recorder) profileServer(ctx context.Context, s *contender, name string, work func() error) (profile, error) {
	// The pool may have replaced a worker since.
	pids, err := childrenOf(s.cmd.Process.Pid)
	if err != nil {
		return profile{}, err
	}
	stacks, err := r.record(ctx, append(pids, s.cmd.Process.Pid), work)
	return summarise(name, stacks, s.cmd.Process.Pid, r.time), err
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
	said, err := r.sample(ctx, args)
	if err := errors.Join(err, <-worked); err != nil {
		return "", fmt.Errorf("perf record: %w: %.300s", err, said)
	}
	stacks, err := exec.CommandContext(ctx, r.perf, "script", "--input", r.file, "--fields", "pid,ip,sym,dso").Output() //nolint:gosec // likewise
	if err != nil {
		return "", fmt.Errorf("perf script: %w", err)
	}
	return string(stacks), nil
}

// attempts is how often perf is started: it gives up, without a word, when one of
// the threads that it has listed ends before it has opened it.
const attempts = 5

// sample runs perf, again if it has ended at once.
func (r recorder) sample(ctx context.Context, args []string) (said []byte, err error) {
	for range attempts {
		start := time.Now()
		said, err = exec.CommandContext(ctx, r.perf, args...).CombinedOutput() //nolint:gosec // perf, on processes of the run
		if err == nil || time.Since(start) > r.time/2 || ctx.Err() != nil {
			break
		}
	}
	return said, err
}

// tally counts the samples of a part.
type tally struct {
	all           int
	areas, kernel map[string]int
	functions     map[string]map[string]int // of folded areas
}

func newTally() *tally {
	return &tally{areas: map[string]int{}, kernel: map[string]int{}, functions: map[string]map[string]int{}}
}

func (t *tally) add(stack []string) {
	at := placeOf(stack)
	t.all++
	t.areas[at.area]++
	if at.kernel {
		t.kernel[at.area]++
	}
	if at.function == "" {
		return
	}
	if t.functions[at.area] == nil {
		t.functions[at.area] = map[string]int{}
	}
	t.functions[at.area][at.function]++
}

// largest names the functions with the most samples of a folded area.
func (t *tally) largest(area string) string {
	const most = 4
	counts := t.functions[area]
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	return strings.Join(names[:min(most, len(names))], ", ")
}

// part turns counts into shares.
func (t *tally) part(took time.Duration) part {
	p := part{cores: float64(t.all) / profileRate / took.Seconds()}
	for _, name := range slices.Sorted(maps.Keys(t.areas)) {
		p.areas = append(p.areas, area{
			name: name, share: float64(t.areas[name]) / float64(t.all), kernel: float64(t.kernel[name]) / float64(t.all),
			functions: t.largest(name),
		})
	}
	slices.SortStableFunc(p.areas, func(a, b area) int { return cmp.Compare(b.share, a.share) })
	return p
}

// summarise reads what perf script writes: for each sample a line with the
// process, then its stack from the leaf on, then an empty line.
func summarise(load, stacks string, server int, took time.Duration) profile {
	ours, theirs := newTally(), newTally()
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

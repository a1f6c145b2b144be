package main

import (
	"strings"

	"github.com/sallyport-dev/sallyport/internal/sandbox"
	"github.com/sallyport-dev/sallyport/internal/server"
)

// liner prints a line of the banner under a name.
type liner func(name, format string, args ...any)

// printSandbox says what holds whatever runs a query, and what was tried to
// prove it.
func printSandbox(line liner, sources []server.Served) {
	name := "sandbox"
	say := func(format string, args ...any) {
		line(name, format, args...)
		name = ""
	}
	files, databases := false, false
	for _, s := range sources {
		if s.Source.Postgres() {
			databases = true
			continue
		}
		if files {
			continue // every worker has the same
		}
		files = true
		say("separate processes, read-only, external access off; %s", s.Sandbox)
		refused, done := attempts(s.Tried)
		if len(refused) > 0 {
			say("tried in a worker, and refused: %s", strings.Join(refused, ", "))
		}
		if len(done) > 0 {
			say("tried in a worker, and NOT refused: %s", strings.Join(done, ", "))
		}
	}
	if databases {
		say("of a database: its own, for its role")
	}
}

// attempts tells what the sandbox has refused from what it has not.
func attempts(tried []sandbox.Finding) (refused, done []string) {
	for _, f := range tried {
		if f.Refused {
			refused = append(refused, f.Attempt)
		} else {
			done = append(done, f.Attempt)
		}
	}
	return refused, done
}

// printMemory says what the server and its workers may take.
func printMemory(line liner, m server.Memory) {
	if m.Heap == 0 {
		return // there are no workers to hold to it
	}
	from := ""
	if m.Source != "" {
		from = ", " + m.Source
	}
	line("memory", "%.1f GiB at most for the server and all workers%s", float64(m.Limit)/(1<<30), from)
	line("", "%s", m.Groups)
}

package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// judge takes down one goal: what was asked for, what was measured, and the
// reason if it is not met.
type judge func(name, asked, measured string, met bool, reason string)

// goals compares what was measured with what the design asks for.
func (r *results) goals(p *page) {
	p.line("")
	p.line("## The design's goals")
	p.table("goal", "asked for", "measured", "")
	var short []string
	judge := judge(func(name, asked, measured string, met bool, reason string) {
		verdict := "met"
		if !met {
			verdict = "**short**"
			short = append(short, fmt.Sprintf("**%s** falls short: %s where %s is asked for. %s", name, measured, asked, reason))
		}
		p.row(name, asked, measured, verdict)
	})
	for _, c := range slices.Concat(r.compared, r.pgCompared) {
		if c.load.goal == 0 {
			continue
		}
		got := c.ratio(perSec)
		judge(c.load.name+", requests/s beside the bare handler", fmt.Sprintf("≥ %.0f%%", 100*c.load.goal), percent(got), got.median >= c.load.goal, r.reason(c.load.name))
		slow := c.ratio(p99)
		judge(c.load.name+", p99 beside the bare handler", "≤ 100%", percent(slow), slow.median <= 1, r.reason(c.load.name))
	}
	r.streamGoals(judge)
	for _, g := range r.guard {
		if g.name != typical {
			continue
		}
		name, goal, reason := "guard, typical query, ", coldGoal, r.reason(guardLoad)
		if g.dialect == postgresDialect {
			name, goal, reason = "guard of Postgres, typical query, ", coldPostgresGoal, "See the benchmarks of sqlguard/postgres."
		}
		judge(name+"cold", fmt.Sprintf("< %d µs", goal), fmt.Sprintf("%.0f µs", g.cold.micros.median), g.cold.micros.median < float64(goal),
			reason)
		judge(name+"cached", fmt.Sprintf("< %d µs", cachedGoal), fmt.Sprintf("%.2f µs", g.cached.micros.median), g.cached.micros.median < cachedGoal,
			"It is one look into the cache and one event record.")
	}
	for _, c := range r.chains {
		if c.name == ownName {
			judge("all protections of tier 1 together", fmt.Sprintf("< %d µs", chainGoal), fmt.Sprintf("%.2f µs", c.micros.median), c.micros.median < chainGoal,
				"It is the sum of nine packages; see their own benchmarks.")
			// A mean over all calls, in which the runtime's own few show.
			judge("their allocations", fmt.Sprintf("≤ %d", chainAllocs), fmt.Sprintf("%.1f", c.allocs), math.Round(10*c.allocs) <= 10*chainAllocs, "See the packages' own benchmarks.")
		}
	}
	for _, s := range short {
		p.line("")
		p.line("%s", s)
	}
}

func percent(s spread) string {
	return fmt.Sprintf("%.0f%% (%.0f to %.0f)", 100*s.median, 100*s.low, 100*s.high)
}

// reason is what the profile says about a load.
func (r *results) reason(load string) string {
	for _, f := range r.allProfiles() {
		if f.load == load {
			if f.workers.areas == nil {
				return fmt.Sprintf("Profile: %s.", top(f.server))
			}
			return fmt.Sprintf("Profile: the server uses %.2f cores, most of it in %s; the workers together use %.2f cores, most of it in %s.",
				f.server.cores, top(f.server), f.workers.cores, top(f.workers))
		}
	}
	return "There is no profile to say why (" + r.noProfile + ")."
}

// allProfiles are those that there are, in the order of the page.
func (r *results) allProfiles() []profile {
	var first []profile
	if r.guardProfile != nil {
		first = []profile{*r.guardProfile}
	}
	return slices.Concat(first, r.profiles, r.streamProfiles, r.pgProfiles)
}

// shown is how many areas of a profile are named.
const shown = 3

func top(p part) string {
	var names []string
	for _, a := range p.areas[:min(shown, len(p.areas))] {
		names = append(names, fmt.Sprintf("%s (%.0f%%)", a.title(), 100*a.share))
	}
	return strings.Join(names, ", ")
}

// title is the name with the largest functions, if it is a folded one.
func (a area) title() string {
	if a.functions == "" {
		return codeName(a.name)
	}
	return codeName(a.name) + ": `" + strings.ReplaceAll(a.functions, ", ", "`, `") + "`"
}

// codeName sets the name of a function apart from the name of an area.
func codeName(name string) string {
	if strings.ContainsAny(name, " ") {
		return name
	}
	return "`" + name + "`"
}

// whereTime shows the profiles.
func (r *results) whereTime(p *page) {
	p.line("")
	p.line("## Where Sallyport's time goes")
	p.line("")
	if r.allProfiles() == nil {
		p.line("Not measured: %s.", cmp.Or(r.noProfile, "no load was asked for"))
		return
	}
	p.line("Samples of the processor's time by `perf`, %v for each load in rounds of their own. A sample belongs to the function of this", r.plan.profile)
	p.line("project, or the area outside it, that is nearest to the leaf of its stack; *in the kernel* is the part of a share spent there, on system calls as a rule.")
	p.line("A share of little processor time is not what a client waits for: with %d connections and %d workers, most of a wait can be the line before them.", connections, workers)
	p.line("Stacks inside DuckDB are cut short, because its library keeps no frame pointers: its areas go by the names of functions.")
	p.table("load, process", "cores", "area", "share", "in the kernel")
	for _, f := range r.allProfiles() {
		name := f.load
		if f.workers.areas != nil {
			name += ", server"
		}
		p.part(name, f.server)
		if f.workers.areas != nil {
			p.part(f.load+", workers", f.workers)
		}
	}
}

func (p *page) part(name string, f part) {
	const rows = 6
	cores := fmt.Sprintf("%.2f", f.cores)
	for _, a := range f.areas[:min(rows, len(f.areas))] {
		p.row(name, cores, a.title(), fmt.Sprintf("%.0f%%", 100*a.share), fmt.Sprintf("%.0f%%", 100*a.kernel))
		name, cores = "", ""
	}
}

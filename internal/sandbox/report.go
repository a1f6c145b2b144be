package sandbox

import (
	"fmt"
	"strings"
)

// The parts of a sandbox, by the names they have in reports.
const (
	PartLandlock    = "landlock"
	PartSeccomp     = "seccomp"
	PartNoNewPrivs  = "no new privileges"
	PartRlimits     = "rlimits"
	PartParentDeath = "parent death"
	PartDumpable    = "not dumpable"
	PartDescriptors = "descriptors"
	PartOOMScore    = "oom score"
)

// required are the parts without which a sandbox is not complete. The OOM score
// is not among them: it decides who dies first, not what a worker may do.
var required = []string{
	PartLandlock, PartSeccomp, PartNoNewPrivs, PartRlimits, PartParentDeath, PartDumpable, PartDescriptors,
}

// Part is one part of the sandbox.
type Part struct {
	Name string `json:"name"`
	Held bool   `json:"held"`
	// Detail is why it does not hold, in a few words, or more about how it does.
	Detail string `json:"detail,omitempty"`
}

// Report says what holds. The zero Report says that nothing does.
type Report struct {
	Parts []Part `json:"parts"`
}

// notes are the parts of a report that is being written.
type notes []Part

// note records a part that holds unless there is an error.
func (n *notes) note(name, detail string, err error) {
	if err != nil {
		detail = err.Error()
	}
	*n = append(*n, Part{Name: name, Held: err == nil, Detail: detail})
}

// Holds reports whether the part of this name holds.
func (r Report) Holds(name string) bool {
	found := false
	for _, p := range r.Parts {
		if p.Name == name {
			if !p.Held {
				return false
			}
			found = true
		}
	}
	return found
}

// Complete reports whether every part holds that keeps a worker in.
func (r Report) Complete() bool {
	for _, name := range required {
		if !r.Holds(name) {
			return false
		}
	}
	return true
}

// Missing lists what does not hold, as "name (why)". A required part that the
// report does not mention is missing too.
func (r Report) Missing() []string {
	var list []string
	mentioned := map[string]bool{}
	for _, p := range r.Parts {
		mentioned[p.Name] = true
		if !p.Held {
			list = append(list, fmt.Sprintf("%s (%s)", p.Name, p.Detail))
		}
	}
	for _, name := range required {
		if !mentioned[name] {
			list = append(list, name+" (not reported)")
		}
	}
	return list
}

// String is the report in one line.
func (r Report) String() string {
	var held []string
	for _, p := range r.Parts {
		switch {
		case p.Held && p.Detail != "":
			held = append(held, p.Name+" "+p.Detail)
		case p.Held:
			held = append(held, p.Name)
		}
	}
	text := strings.Join(held, ", ")
	if text == "" {
		text = "nothing"
	}
	if missing := r.Missing(); len(missing) > 0 {
		text += "; missing: " + strings.Join(missing, ", ")
	}
	// Details come from the kernel and from paths: a log line stays one line.
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
}

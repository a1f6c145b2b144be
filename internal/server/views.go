package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// viewJudge decides which of the names that a file holds are not served. What
// a view runs, or a table with generated columns, was written by whoever made
// the file, not by a client, so no query that reads it shows what it does.
//
// Names are compared more widely than engines do, which fold ASCII only: for
// withholding, what may be alike is.
type viewJudge struct {
	catalog engine.Catalog
	// definitions are the texts that run, by the name that is read.
	definitions map[string]string
	withheld    map[string]error
	// suspects find the names that nothing served may depend on, of which the
	// definitions have not been searched for yet.
	suspects []suspect
	// searched is how much text has been searched for suspects, in bytes.
	searched int
}

// maxSearched bounds the search, which takes a second or so for that much. If
// a file needs more, what has not been searched is withheld.
const maxSearched = 1 << 30

// suspect is a name whose uses are looked for in the texts of definitions.
type suspect struct {
	what string // to the operator
	name string // folded, as it is written between quotes
}

// withhold returns the names that are not served, each with the reason.
//
// A definition is judged by its own text, which does not show what the views
// and macros do that it uses in turn. So whatever mentions a withheld name, or
// a macro of the file (which may have the name of a built-in function), is
// withheld as well. The mention is looked for in the text, where a name counts
// even if it means something else there: one too many is refused, never one
// too few.
func (s *Server) withhold(ctx context.Context, source string, catalog engine.Catalog, definitions map[string]string) map[string]error {
	j := &viewJudge{catalog: catalog, definitions: definitions, withheld: map[string]error{}}
	j.ambiguous()
	redefined := ""
	for _, macro := range catalog.Macros {
		j.suspect("the macro "+macro, macro)
		if _, builtIn := s.adapter.Function(strings.ToLower(macro)); builtIn {
			redefined = macro
		}
	}
	for _, t := range catalog.Tables {
		switch {
		case !j.runs(t) || j.withheld[t.Name] != nil:
		case redefined != "":
			// [1, 2], a LIKE b and much else call functions without naming them.
			j.refuse(t.Name, fmt.Errorf("the file's macro %s has the name of a built-in function, which may be called unseen; drop or rename it", redefined))
		default:
			if err := sqlguard.CheckView(ctx, s.adapter, definitions[t.Name]); err != nil {
				j.refuse(t.Name, reasonOf(err))
			}
		}
	}
	j.spread()
	for _, t := range catalog.Tables {
		if err := j.withheld[t.Name]; err != nil {
			s.options.Logger.LogAttrs(ctx, slog.LevelWarn, "not served: what is stored under this name may do what no query may",
				slog.String("source", source), slog.String("name", t.Name), slog.Any("reason", err))
		}
	}
	return j.withheld
}

// runs reports whether reading a name runs a definition. A view without one is
// judged as well, and cannot pass.
func (j *viewJudge) runs(t engine.Table) bool { return t.View || j.definitions[t.Name] != "" }

// reasonOf is a refusal with its cause, for the operator who owns the file.
func reasonOf(err error) error {
	var refusal *sqlguard.Refusal
	if errors.As(err, &refusal) {
		return fmt.Errorf("%s: %w", refusal.Rule, refusal.Unwrap())
	}
	return err
}

// ambiguous withholds what cannot be told apart: "a.b" is the table b of the
// schema a, but a table of the main schema may be called so too.
func (j *viewJudge) ambiguous() {
	same := map[string][]string{}
	for _, t := range j.catalog.Tables {
		name := fold(t.Name)
		same[name] = append(same[name], t.Name)
	}
	for _, names := range same {
		for _, name := range names {
			if len(names) > 1 {
				j.refuse(name, errors.New("two tables or views have this name, or names that differ in case only"))
			}
		}
	}
}

// fold makes alike what anybody may think alike: "k" and the Kelvin sign, "s"
// and "ſ", "i" and "İ".
func fold(name string) string { return strings.ToLower(strings.ToUpper(name)) }

func (j *viewJudge) refuse(name string, reason error) {
	j.withheld[name] = reason
	j.suspect(name+", which is not served", name)
	// With its schema before it, it is called by what stands after a dot.
	for rest := name; ; {
		_, after, _ := strings.Cut(rest, ".")
		if after == "" {
			return
		}
		rest = after
		j.suspect(name+", which is not served", rest)
	}
}

func (j *viewJudge) suspect(what, name string) {
	j.suspects = append(j.suspects, suspect{what: what, name: fold(strings.ReplaceAll(name, `"`, `""`))})
}

// spread withholds what uses a suspect. What it withholds becomes a suspect in
// turn, and comes up later in the same loop.
func (j *viewJudge) spread() {
	texts := map[string]string{}
	for name, text := range j.definitions {
		texts[name] = fold(text)
	}
	for len(j.suspects) > 0 {
		s := j.suspects[0]
		j.suspects = j.suspects[1:]
		for _, t := range j.catalog.Tables {
			if !j.runs(t) || j.withheld[t.Name] != nil {
				continue
			}
			text := texts[t.Name]
			j.searched += len(text)
			switch {
			case j.searched > maxSearched:
				j.refuse(t.Name, errors.New("the file has more views and macros that it might use than can be looked for"))
			case mentions(text, s.name):
				j.refuse(t.Name, fmt.Errorf("it uses %s", s.what))
			}
		}
	}
}

// mentions reports whether a text has a name that does not go on on either
// side. Names are letters, digits and underscores unless they are quoted; the
// quotes bound them then, which count as no letters.
func mentions(text, name string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], name)
		if at < 0 {
			return false
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(name):])
		if !isWord(before) && !isWord(after) {
			return true
		}
		from = at + 1
	}
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }

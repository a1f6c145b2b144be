package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// viewJudge decides which of the names that a file holds are not served. What
// a view runs was written by whoever made the file, not by a client, so no
// query that reads it shows what it does.
type viewJudge struct {
	catalog     engine.Catalog
	definitions map[string]string
	withheld    map[string]error
	// suspects find the names that nothing served may depend on, of which the
	// definitions have not been searched for yet.
	suspects []suspect
}

// suspect finds uses of one name in the text of a definition.
type suspect struct {
	name string
	use  *regexp.Regexp
}

// withhold returns the names that are not served, each with the reason.
//
// A view is judged by its own text, which does not show what the views and
// macros do that it uses in turn. So whatever mentions a withheld view, or a
// macro of the file (which may have the name of a built-in function), is
// withheld as well. The mention is looked for in the text, where a name counts
// even if it means something else there: a view too many is refused, never
// one too few.
func (s *Server) withhold(ctx context.Context, source string, catalog engine.Catalog, definitions map[string]string) map[string]error {
	j := &viewJudge{catalog: catalog, definitions: definitions, withheld: map[string]error{}}
	j.ambiguous()
	redefined := ""
	for _, macro := range catalog.Macros {
		j.suspect("the macro "+macro, macro)
		if _, builtIn := s.adapter.Function(macro); builtIn {
			redefined = macro
		}
	}
	for _, t := range catalog.Tables {
		switch {
		case !t.View || j.withheld[t.Name] != nil:
		case redefined != "":
			// [1, 2], a LIKE b and much else call functions without naming them.
			j.refuse(t.Name, fmt.Errorf("the file's macro %s has the name of a built-in function, which a view may call unseen; drop or rename it", redefined))
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
		name := strings.ToLower(t.Name)
		same[name] = append(same[name], t.Name)
	}
	for _, names := range same {
		for _, name := range names {
			if len(names) > 1 {
				j.refuse(name, errors.New("two tables or views have this name"))
			}
		}
	}
}

func (j *viewJudge) refuse(name string, reason error) {
	j.withheld[name] = reason
	j.suspect("the view "+name, name)
	// With its schema before it, it is called by what stands after a dot.
	for rest := name; ; {
		_, after, found := strings.Cut(rest, ".")
		if !found {
			return
		}
		rest = after
		j.suspect("the view "+name, rest)
	}
}

func (j *viewJudge) suspect(what, name string) {
	inText := regexp.QuoteMeta(strings.ReplaceAll(name, `"`, `""`))
	// Names are letters, digits and underscores unless they are quoted. There
	// the quotes bound them, which count as no letters.
	j.suspects = append(j.suspects, suspect{name: what, use: regexp.MustCompile(`(?i)(^|[^\pL\pN_])` + inText + `($|[^\pL\pN_])`)})
}

// spread withholds what uses a suspect. What it withholds becomes a suspect in
// turn, and comes up later in the same loop.
func (j *viewJudge) spread() {
	for len(j.suspects) > 0 {
		s := j.suspects[0]
		j.suspects = j.suspects[1:]
		for _, t := range j.catalog.Tables {
			if t.View && j.withheld[t.Name] == nil && s.use.MatchString(j.definitions[t.Name]) {
				j.refuse(t.Name, fmt.Errorf("it uses %s", s.name))
			}
		}
	}
}

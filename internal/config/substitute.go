package config

import (
	"regexp"
	"strings"
)

// Lookup returns the value of an environment variable and whether it is set, as os.LookupEnv does. A nil Lookup knows
// none.
type Lookup func(name string) (string, bool)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// setVariable is the fix for a variable that is not set.
const setVariable = "set it before sallyport starts"

// substitute replaces ${NAME} by the variable's value and $$ by a dollar, once: what a variable holds is not looked
// through again. No problem repeats a variable's value.
func substitute(text string, lookup Lookup) (expanded, problem, fix string) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "$")
		b.WriteString(before)
		if !found {
			return b.String(), "", ""
		}
		switch {
		case strings.HasPrefix(after, "$"):
			b.WriteByte('$')
			text = after[1:]
		case strings.HasPrefix(after, "{"):
			name, rest, closed := strings.Cut(after[1:], "}")
			if !closed || !variableName.MatchString(name) {
				return "", "a ${ without the name of a variable and a } after it",
					"write ${NAME}, with letters, digits and _ only; a literal dollar is $$"
			}
			v, problem := lookup.value(name)
			if problem != "" {
				return "", problem, setVariable
			}
			b.WriteString(v)
			text = rest
		default:
			return "", "a single $", "write ${NAME} for an environment variable, $$ for a literal dollar"
		}
	}
}

// value refuses an empty variable as well: an empty path must not switch TLS or keys off unseen.
func (l Lookup) value(name string) (v, problem string) {
	set := false
	if l != nil {
		v, set = l(name)
	}
	switch {
	case !set:
		return "", "the environment variable " + clip(name) + " is not set"
	case v == "":
		return "", "the environment variable " + clip(name) + " is empty"
	}
	return v, ""
}

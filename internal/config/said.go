package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// said is how the mistakes that a package finds become ours: it speaks of the fields of its Config, and whoever wrote the
// file knows the settings.
type said struct {
	// prefix begins each message.
	prefix string
	// otherwise is the setting of a message that does not begin with a field, and whose line stands for one that the file
	// does not give.
	otherwise string
	// names are the settings' paths by field, and other words by words.
	names map[string]string
}

// predicate begins a sentence whose subject the field is.
var predicate = regexp.MustCompile(`^ (is|has|would|does|contradicts|may|must) `)

// report reports each mistake in err at the setting that it is about.
func (s said) report(v *validator, err error) {
	if list, isList := err.(interface{ Unwrap() []error }); isList {
		for _, e := range list.Unwrap() {
			s.report(v, e)
		}
		return
	}
	text, path := strings.TrimPrefix(err.Error(), s.prefix), s.otherwise
	if field := s.fields(`^`).FindString(text); field != "" {
		path = s.setting(field)
		switch rest := text[len(field):]; {
		case strings.HasPrefix(rest, ": "):
			text = rest[len(": "):]
		case strings.HasPrefix(rest, " item "):
			text = rest[len(" "):]
		case predicate.MatchString(rest):
			text = "it" + rest
		}
	}
	text = s.fields(quotedText.String()+`|\b`).ReplaceAllStringFunc(text, s.setting)
	problem, fix := cutFix(text)
	if known := settingAt(path); fix == "" && known != nil {
		fix = known.fix()
	}
	v.mistake(path, problem, fix, append([]string{s.otherwise}, slices.Sorted(maps.Values(s.names))...)...)
}

// fields matches before, or a field at which before ends.
func (s said) fields(before string) *regexp.Regexp {
	words := slices.SortedFunc(maps.Keys(s.names), func(a, b string) int { return len(b) - len(a) })
	for i, word := range words {
		words[i] = regexp.QuoteMeta(word)
	}
	return regexp.MustCompile(before + `(?:Config\.)?(?:` + strings.Join(words, "|") + `)\b`)
}

// setting is the setting of a field; any other word is itself.
func (s said) setting(word string) string {
	if path, known := s.names[strings.TrimPrefix(word, "Config.")]; known {
		return path
	}
	return word
}

// settingAt is the setting with this path; nil: there is none.
func settingAt(path string) *setting {
	for _, s := range settings {
		if s.path == path {
			return s
		}
	}
	return nil
}

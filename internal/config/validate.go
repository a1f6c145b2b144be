package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Facts are what the caller knows and the file does not say.
type Facts struct {
	// EnvKey: a key comes from the environment.
	EnvKey bool
}

// Validate returns every mistake in c, joined, each an *Error; nil: c may be served. Combinations of settings that would
// be unsafe or could not work are mistakes too.
func (c Config) Validate(facts Facts) error {
	v := validator{cfg: c, facts: facts, wrong: &mistakes{}}
	v.each()
	v.together()
	return v.wrong.err()
}

// validator judges one configuration.
type validator struct {
	cfg   Config
	facts Facts
	wrong *mistakes
	// given: judge only settings that the file gives. The others may be missing because they could not be read, which
	// was reported.
	given bool
}

// each judges every setting by itself.
func (v *validator) each() {
	for _, s := range settings {
		if s.at != nil {
			v.one(s, s.path, s.field(&v.cfg, nil))
		}
	}
	seen := map[string]bool{}
	for i := range v.cfg.Sources {
		source := &v.cfg.Sources[i]
		path := "sources." + source.Name
		if problem := sourceNameProblem(source.Name); problem != "" {
			path = "sources." + strconv.Quote(clip(source.Name))
			v.mistake(path, problem, sourceNameFix)
		}
		if seen[source.Name] {
			v.mistake(path, "two sources have this name", "rename one")
		}
		seen[source.Name] = true
		for _, s := range settings {
			if s.of != nil {
				v.one(s, strings.Replace(s.path, "sources."+sourceWildcard, path, 1), s.field(nil, source))
			}
		}
	}
}

// one judges a setting at its place in the file.
func (v *validator) one(s *setting, path string, field reflect.Value) {
	if _, given := v.cfg.places[path]; v.given && !given {
		return
	}
	if problem, fix := s.judge(field); problem != "" {
		v.mistake(path, problem, fix)
	}
}

func (v *validator) mistake(path, problem, fix string) {
	p := v.cfg.places[path]
	v.wrong.add(&Error{Path: path, Line: p.line, Column: p.column, Problem: problem, Fix: fix})
}

// judge says what is wrong with a setting's value; an empty problem: nothing.
func (s *setting) judge(field reflect.Value) (problem, fix string) {
	switch s.kind {
	case kindCount, kindDuration, kindSize:
		return s.judgeNumber(field.Int())
	case kindChoice:
		return s.judgeChoice(field.String())
	case kindNames:
		names, _ := field.Interface().([]string)
		return s.judgeNames(names)
	case kindAddress:
		return s.judgeAddress(field.String())
	case kindRate:
		return s.judgeRate(field.String())
	case kindSecrets:
		secrets, _ := field.Interface().([]string)
		return s.judgeSecrets(secrets)
	case kindStore:
		if !patternOf(s.item).MatchString(field.String()) {
			return "it is neither memory nor the URL of a Redis", s.fix() // never repeated: it may hold a password
		}
		return "", ""
	case kindPath:
		return s.judgePath(field.String())
	case kindText:
		return s.judgeText(field.String())
	case kindBool:
		return "", ""
	case kindUnknown:
	}
	return "the setting has no kind", ""
}

func (s *setting) judgeAddress(text string) (problem, fix string) {
	if text == "" && s.absent != "" || slices.Contains(s.oneOf, text) {
		return "", ""
	}
	_, problem = parseAddress(text)
	return problem, s.fix()
}

func (s *setting) judgeRate(text string) (problem, fix string) {
	if text == "" && s.absent != "" {
		return "", ""
	}
	return rateProblem(text), s.fix()
}

// judgeSecrets never repeats one.
func (s *setting) judgeSecrets(secrets []string) (problem, fix string) {
	const most = 16
	if len(secrets) > most {
		return "the list has more than " + grouped(most) + " secrets", "shorten it"
	}
	for i, secret := range secrets {
		switch item := "secret " + strconv.Itoa(i+1); {
		case len(secret) < int(s.least):
			return item + " is shorter than " + grouped(s.least) + " characters", "make one with `openssl rand -base64 32`"
		case len(secret) > int(s.most):
			return item + " is longer than " + grouped(s.most) + " characters", "shorten it"
		case !patternOf(s.item).MatchString(secret):
			return item + " has blanks or control characters", "remove them"
		case slices.Contains(secrets[:i], secret):
			return item + " is there twice", "keep one"
		}
	}
	return "", ""
}

func (s *setting) judgeNumber(n int64) (problem, fix string) {
	switch {
	case s.optional && n == 0:
	case n < s.least:
		return s.show(n) + " is below the least allowed, " + s.show(s.least), s.fix()
	case n > s.most:
		return s.show(n) + " is beyond the most allowed, " + s.show(s.most), s.fix()
	}
	return "", ""
}

func (s *setting) judgeChoice(word string) (problem, fix string) {
	if slices.Contains(s.oneOf, word) || word == s.defaultField().String() {
		return "", ""
	}
	if later, planned := s.notYet[word]; planned {
		return later, s.fix()
	}
	return strconv.Quote(clip(word)) + " is none of the values", s.fix()
}

func (s *setting) judgeNames(names []string) (problem, fix string) {
	if len(names) == 0 {
		if s.defaultText() == "" {
			return "", ""
		}
		return "the list is empty: it allows nothing", s.fix()
	}
	if int64(len(names)) > s.most {
		return "the list has more than " + grouped(s.most) + " names", "shorten it"
	}
	form := patternOf(s.item)
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if !form.MatchString(name) || !utf8.ValidString(name) {
			fix = s.fix()
			if strings.Contains(name, "*") {
				fix += "; there are no patterns"
			}
			return strconv.Quote(clip(name)) + " is not a name that can stand here", fix
		}
		folded := name
		if !s.exact {
			folded = strings.ToLower(name)
		}
		if seen[folded] {
			return strconv.Quote(clip(name)) + " is there twice", "names are the same whatever their case: keep one"
		}
		seen[folded] = true
	}
	if seen["*"] && len(names) > 1 {
		return `"*" stands beside other names`, `write ["*"] alone for all, or the names without it`
	}
	return "", ""
}

// judgePath never repeats the path: it may come from the environment.
func (s *setting) judgePath(path string) (problem, fix string) {
	switch {
	case path == "" && s.required:
		return "it is missing", s.fix()
	case path == "":
		return "", ""
	case utf8.RuneCountInString(path) > int(s.most):
		return "the path is longer than " + grouped(s.most) + " characters", s.fix()
	case !patternOf(s.item).MatchString(path) || !utf8.ValidString(path):
		return "the path has control characters", s.fix()
	case s.leaf() == "location":
		return locationProblem(path), s.fix()
	}
	return "", ""
}

func (s *setting) judgeText(text string) (problem, fix string) {
	if text == "" {
		return "", ""
	}
	if n := utf8.RuneCountInString(text); n > int(s.most) {
		return fmt.Sprintf("the text has %s characters, of %s allowed", grouped(int64(n)), grouped(s.most)), "shorten it"
	}
	if !utf8.ValidString(text) || !patternOf(s.item).MatchString(text) {
		return "the text has control characters", "remove them"
	}
	return "", ""
}

// patterns are the compiled patterns of the table.
var patterns = compilePatterns()

func compilePatterns() map[string]*regexp.Regexp {
	compiled := map[string]*regexp.Regexp{}
	for _, s := range settings {
		if s.item != "" {
			compiled[s.item] = regexp.MustCompile(s.item)
		}
	}
	return compiled
}

func patternOf(item string) *regexp.Regexp { return patterns[item] }

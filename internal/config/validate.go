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
	for _, f := range s.judge(field) {
		v.mistake(path, f.problem, f.fix)
	}
}

// mistake reports what is wrong with the setting at path. Where the file does not give it, the line is that of the first of
// the others that it gives: they are the reason.
func (v *validator) mistake(path, problem, fix string, others ...string) {
	p := v.cfg.places[path]
	for _, other := range others {
		if p == (place{}) {
			p = v.cfg.places[other]
		}
	}
	v.wrong.add(&Error{Path: path, Line: p.line, Column: p.column, Problem: problem, Fix: fix})
}

// judge says what is wrong with a setting's value.
func (s *setting) judge(field reflect.Value) []finding {
	switch s.kind {
	case kindCount, kindDuration, kindSize:
		return wrong(s.judgeNumber(field.Int()))
	case kindChoice:
		return wrong(s.judgeChoice(field.String()))
	case kindNames:
		names, _ := field.Interface().([]string)
		return s.judgeNames(names)
	case kindAddress:
		return wrong(s.judgeAddress(field.String()))
	case kindRate:
		return wrong(s.judgeRate(field.String()))
	case kindSecrets:
		secrets, _ := field.Interface().([]string)
		return s.judgeSecrets(secrets)
	case kindStore:
		if !patternOf(s.item).MatchString(field.String()) {
			return wrong("it is neither memory nor the URL of a Redis", s.fix()) // never repeated: it may hold a password
		}
		return nil
	case kindPath:
		return wrong(s.judgePath(field.String()))
	case kindText:
		return wrong(s.judgeText(field.String()))
	case kindBool:
		return nil
	case kindUnknown:
	}
	return wrong("the setting has no kind", "")
}

func (s *setting) judgeAddress(text string) (problem, fix string) {
	if text == "" && s.absent != "" || slices.Contains(s.oneOf, text) {
		return "", ""
	}
	_, problem = parseAddress(text)
	return problem, s.fix()
}

func (s *setting) judgeRate(text string) (problem, fix string) {
	if text == "" {
		if s.absent != "" {
			return "", ""
		}
		return "it is missing", s.fix()
	}
	if problem = rateProblem(text); strings.Contains(problem, "such as") {
		return problem, "" // which shows the right form
	}
	return problem, s.fix()
}

// judgeSecrets never repeats one.
func (s *setting) judgeSecrets(secrets []string) []finding {
	const most = 16
	if len(secrets) > most {
		return wrong("the list has more than "+grouped(most)+" secrets", "shorten it")
	}
	var found []finding
	for i, secret := range secrets {
		item := "secret " + strconv.Itoa(i+1)
		add := func(problem, fix string) { found = append(found, finding{problem: item + problem, fix: fix}) }
		switch {
		case len(secret) < int(s.least):
			add(" is shorter than "+grouped(s.least)+" characters", "make one with `openssl rand -base64 32`")
		case len(secret) > int(s.most):
			add(" is longer than "+grouped(s.most)+" characters", "shorten it")
		case !patternOf(s.item).MatchString(secret):
			add(" has blanks or control characters", "remove them")
		case slices.Contains(secrets[:i], secret):
			add(" is there twice", "keep one")
		}
	}
	return bounded(found)
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

func (s *setting) judgeNames(names []string) []finding {
	if len(names) == 0 {
		if s.defaultText() == "" {
			return nil
		}
		return wrong("the list is empty: it allows nothing", s.fix())
	}
	if int64(len(names)) > s.most {
		return wrong("the list has more than "+grouped(s.most)+" names", "shorten it")
	}
	var found []finding
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		folded, twice := name, "keep one"
		if !s.exact {
			folded, twice = strings.ToLower(name), "names are the same whatever their case: keep one"
		}
		switch problem, fix := s.judgeItem(name); {
		case problem != "":
			found = append(found, finding{problem: problem, fix: fix})
		case seen[folded]:
			found = append(found, finding{problem: strconv.Quote(clip(name)) + " is there twice", fix: twice})
		}
		seen[folded] = true
	}
	if seen["*"] && len(names) > 1 && len(found) == 0 {
		return wrong(`"*" stands beside other names`, `write ["*"] alone for all, or the names without it`)
	}
	return bounded(found)
}

// judgeItem judges an item of a list, or a text of which there is more to say than its characters.
func (s *setting) judgeItem(text string) (problem, fix string) {
	if s.check != nil {
		problem, fix = s.check(text)
	}
	if problem == "" && (!patternOf(s.item).MatchString(text) || !utf8.ValidString(text)) {
		problem = strconv.Quote(clip(text)) + " is not " + s.one
		if fix = s.fix(); strings.Contains(text, "*") {
			fix += "; there are no patterns"
		}
	}
	if problem != "" && fix == "" {
		fix = s.fix()
	}
	return problem, fix
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
	if s.one != "" {
		return s.judgeItem(text)
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

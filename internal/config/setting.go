package config

import (
	"reflect"
	"strconv"
	"strings"
	"time"
)

// kind is the form of a setting's value.
type kind int

const (
	kindUnknown  kind = iota
	kindAddress       // host:port
	kindPath          // a path, with ${ENV}
	kindText          // free text
	kindChoice        // one of a few words
	kindBool          // true or false
	kindCount         // a whole number
	kindDuration      // a whole number with ms, s, m or h
	kindSize          // a whole number with B, kB, MiB …
	kindNames         // a list of names
	kindRate          // so many in a time
	kindSecrets       // a list of secrets, with ${ENV}
	kindStore         // a word or a URL with a password, with ${ENV}
)

// sourceWildcard stands for a source's name in the path of a setting that each source has.
const sourceWildcard = "<name>"

// setting is one line of the table that drives decoding, defaults, validation, the schema and the reference.
type setting struct {
	// path is the place in the file, with <name> for a source's name.
	path string
	kind kind
	// least and most bound the value: nanoseconds, bytes, the number itself, characters of text, items of a list.
	least, most int64
	// oneOf are the words of a kindChoice, or words that stand for an address.
	oneOf []string
	// optional: a number of zero means that it is not given.
	optional bool
	// notYet maps a word that a later version will take to what to say of it.
	notYet map[string]string
	// exact: names that differ in case only are different names.
	exact bool
	// item is the pattern of a list's items or of a text; itemWord says in words what the items are, one what each is.
	item, itemWord, one string
	// check judges an item or a text more closely, or in other words, than the pattern does. Nil: there is no more to say.
	check func(text string) (problem, fix string)
	// required: there is no default, and it must be there.
	required bool
	// example is the value shown in a repair where there is no default.
	example string
	// absent says in words what holds when there is no default.
	absent string
	// doc says what the setting does, why the reason for its default and bounds.
	doc, why string

	// at finds the field of a setting of the whole, of the field of a setting of each source; one of them is set.
	at func(*Config) any
	of func(*Source) any
}

// leaf is the last part of the path.
func (s *setting) leaf() string { return s.path[strings.LastIndexByte(s.path, '.')+1:] }

// inSource returns the path for the source called name.
func (s *setting) inSource(name string) string {
	return strings.Replace(s.path, sourceWildcard, name, 1)
}

// takesEnv says whether ${NAME} is substituted.
func (s *setting) takesEnv() bool {
	return s.kind == kindPath || s.kind == kindSecrets || s.kind == kindStore
}

// show writes a number of the setting's kind as it would stand in the file.
func (s *setting) show(n int64) string {
	switch s.kind {
	case kindDuration:
		return Duration(n).String()
	case kindSize:
		return Size(n).String()
	default:
		return grouped(n)
	}
}

// defaultText is the default as it would stand in the file. Empty: there is none.
func (s *setting) defaultText() string {
	field := s.defaultField()
	switch field.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(field.Bool())
	case reflect.Int, reflect.Int64:
		if s.optional && field.Int() == 0 {
			return ""
		}
		if s.kind == kindCount {
			return strconv.FormatInt(field.Int(), 10)
		}
		return s.show(field.Int())
	case reflect.Slice:
		names, _ := field.Interface().([]string)
		if len(names) == 0 {
			return ""
		}
		return `["` + strings.Join(names, `", "`) + `"]`
	default:
		return field.String()
	}
}

// defaultField is the field as the defaults have it.
func (s *setting) defaultField() reflect.Value {
	if s.of != nil {
		source := DefaultSource("", "")
		return s.field(nil, &source)
	}
	cfg := Default()
	return s.field(&cfg, nil)
}

// field is the settable field behind the setting, of cfg or of source.
func (s *setting) field(cfg *Config, source *Source) reflect.Value {
	if s.of != nil {
		return reflect.ValueOf(s.of(source)).Elem()
	}
	return reflect.ValueOf(s.at(cfg)).Elem()
}

// sample is a right line for the file, such as `rows: 1000`.
func (s *setting) sample() string {
	value := s.example
	if value == "" {
		value = s.defaultText()
	}
	return s.leaf() + ": " + value
}

// form says in words what a right value looks like.
func (s *setting) form() string {
	switch s.kind {
	case kindAddress:
		return "an IP address or localhost, and a port"
	case kindPath:
		return "a path"
	case kindText:
		if s.one != "" {
			return s.one
		}
		return "text"
	case kindChoice:
		return "one of " + strings.Join(s.oneOf, ", ")
	case kindBool:
		return "true or false"
	case kindCount:
		return "a whole number"
	case kindDuration:
		return "a whole number with its unit (ms, s, m, h)"
	case kindSize:
		return "a whole number with its unit (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB)"
	case kindNames, kindSecrets:
		return "a list of " + s.itemWord
	case kindRate:
		return "a number of requests in a second, minute, hour or day"
	case kindStore:
		return "memory, or the URL of a Redis"
	case kindUnknown:
	}
	return ""
}

// fix says how to write the setting, with its bounds and a right line.
func (s *setting) fix() string {
	text := "write " + s.form()
	if s.kind == kindCount || s.kind == kindDuration || s.kind == kindSize {
		text += " from " + s.show(s.least) + " to " + s.show(s.most)
	}
	return text + ", such as `" + s.sample() + "`"
}

// grouped writes 1000000 as 1,000,000.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Bounds in the table are written in these.
const (
	kib = 1 << 10
	mib = 1 << 20
	gib = 1 << 30
	tib = 1 << 40

	millisecond = int64(time.Millisecond)
	second      = int64(time.Second)
	minute      = int64(time.Minute)
)

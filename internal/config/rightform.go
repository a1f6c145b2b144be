package config

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// plainScalar matches a value that means the same inside braces without quotes.
var plainScalar = regexp.MustCompile(`^[A-Za-z0-9./][A-Za-z0-9./_-]{0,59}$`)

// notPlain are words that a reader of YAML may take for something else than text.
var notPlain = []string{"off", "on", "yes", "no", "true", "false", "null"}

// rightForm shows how to write a section in whose place something else stands: with the value that stands there, where one
// of the section's settings would take it.
func (n *branch) rightForm(node ast.Node, path string) string {
	name := path[strings.LastIndexByte(path, '.')+1:]
	if path == "" {
		return "write `key: value` lines; the first is often `sources:`"
	}
	text, isText := "", false
	if scalar, isScalar := node.(ast.ScalarNode); isScalar {
		text, isText = scalar.GetToken().Value, true
	}
	if n.each != nil { // sources: data.duckdb
		return "write " + name + ": {flights: " + n.each.group(node, text, isText) + "}"
	}
	return "write " + name + ": " + n.group(node, text, isText)
}

// group is a right group of settings, in braces.
func (n *branch) group(node ast.Node, text string, isText bool) string {
	var parts []string
	chosen := ""
	if isText {
		chosen = n.taking(node, text)
	}
	if chosen != "" && !n.isKey(text) {
		parts = append(parts, chosen+": "+n.children[chosen].setting.inBraces(text))
	} else if chosen != "" {
		parts = append(parts, n.children[chosen].setting.sample())
	}
	for _, key := range n.keys {
		s := n.children[key].setting
		if s != nil && key != chosen && (s.required || slices.Contains(n.required(), key)) {
			parts = append(parts, s.sample())
		}
	}
	if first := n.firstSetting(); len(parts) == 0 && first != nil {
		parts = append(parts, first.sample())
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// taking is the key of the first setting that takes the text, or that the text names. Nothing dangerous is proposed.
func (n *branch) taking(node ast.Node, text string) string {
	if n.isKey(text) {
		return text
	}
	for _, key := range n.keys {
		s := n.children[key].setting
		if s == nil || s.dangerous() {
			continue
		}
		v, found := read(node, s)
		if s.kind == kindNames && text != "" {
			if problem, _ := s.judgeItem(text); problem == "" {
				return key
			}
			continue
		}
		if len(found) == 0 && len(s.judge(s.holding(v))) == 0 {
			return key
		}
	}
	return ""
}

// isKey says whether the text is the name of a setting of the section.
func (n *branch) isKey(text string) bool {
	child := n.children[text]
	return child != nil && child.setting != nil
}

func (n *branch) firstSetting() *setting {
	for _, key := range n.keys {
		if s := n.children[key].setting; s != nil {
			return s
		}
	}
	return nil
}

// required are the keys that the section must have, whatever else it has.
func (n *branch) required() []string {
	first := n.firstSetting()
	if first == nil {
		return nil
	}
	keys, _ := sectionRules[strings.TrimSuffix(first.path, "."+first.leaf())]["required"].([]string)
	return keys
}

// dangerous says whether the setting takes a protection away.
func (s *setting) dangerous() bool { return strings.HasPrefix(s.doc, "**Dangerous.**") }

// inBraces writes a value that the setting takes as it can stand between braces.
func (s *setting) inBraces(text string) string {
	if !plainScalar.MatchString(text) || s.kind == kindAddress || s.kind != kindBool && slices.Contains(notPlain, strings.ToLower(text)) {
		text = strconv.Quote(clip(text))
	}
	if s.kind == kindNames {
		return "[" + text + "]"
	}
	return text
}

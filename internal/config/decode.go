package config

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// File is what a configuration file says, before ${ENV} is substituted and defaults are filled in. Only Decode makes
// one.
type File struct {
	values  map[string]value // by the setting's path
	sources []fileSource     // in the order of the file
}

// fileSource is what the file says of one source.
type fileSource struct {
	name   string
	place  place
	values map[string]value // by the setting's path, with <name> for the source's
}

// value is what one setting was given; which of the fields counts follows from the setting's kind.
type value struct {
	text   string
	number int64 // also a duration in nanoseconds and a size in bytes
	flag   bool
	names  []string
	place  place
}

// Decode reads a configuration file: YAML, strictly, without looking at what the values mean together. It returns every
// mistake, or the first one where the text is not YAML at all.
func Decode(data []byte) (*File, error) {
	file, wrong := decode(data)
	if wrong.any() {
		return nil, wrong.err()
	}
	return file, nil
}

// decode also returns what could be read in spite of mistakes. The file is nil where the text is not YAML.
func decode(data []byte) (*File, *mistakes) {
	wrong := &mistakes{}
	tokens, e := tokenize(data)
	if e != nil {
		wrong.add(e)
		return nil, wrong
	}
	root, e := parse(tokens)
	if e != nil {
		wrong.add(e)
		return nil, wrong
	}
	d := decoder{wrong: wrong, file: &File{values: map[string]value{}}}
	if root != nil {
		d.section(root, tree, "")
	}
	return d.file, wrong
}

// parse returns the one document of the file; nil: it is empty.
func parse(tokens token.Tokens) (ast.Node, *Error) {
	// Duplicate keys are found below, all of them and not only the first.
	parsed, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var syntax yaml.Error
		if errors.As(err, &syntax) {
			return nil, at(syntax.GetToken(), "", "this is not YAML: "+syntax.GetMessage(), "")
		}
		return nil, &Error{Problem: "this is not YAML"}
	}
	switch {
	case len(parsed.Docs) == 0:
		return nil, nil
	case len(parsed.Docs) > 1:
		return nil, &Error{Problem: "the file has several documents", Fix: "keep one"}
	}
	return parsed.Docs[0].Body, nil
}

// decoder walks the parsed file along the tree of settings.
type decoder struct {
	wrong  *mistakes
	file   *File
	source *fileSource // the source whose settings are being read
}

// section reads a mapping whose keys are those of n. Path is its place in the file, empty at the top.
func (d *decoder) section(node ast.Node, n *branch, path string) {
	entries := d.entries(node, path)
	seen := map[string]bool{}
	for _, entry := range entries {
		key, known := d.key(entry, path)
		if !known {
			continue
		}
		here := join(path, key)
		if seen[key] {
			d.mistake(entry.Key, here, "the key is given twice", "keep one of them")
			continue
		}
		seen[key] = true
		switch child := n.children[key]; {
		case n.each != nil:
			d.oneSource(entry, n.each, key, here)
		case child == nil:
			d.mistake(entry.Key, here, "unknown setting", n.suggest(key))
		case child.setting != nil:
			d.leaf(entry.Value, child.setting, here)
		default:
			d.section(entry.Value, child, here)
		}
	}
}

// oneSource reads the settings of the source called name.
func (d *decoder) oneSource(entry *ast.MappingValueNode, n *branch, name, path string) {
	if problem := sourceNameProblem(name); problem != "" {
		d.mistake(entry.Key, path, problem, sourceNameFix)
		return
	}
	d.file.sources = append(d.file.sources, fileSource{
		name: name, place: placeOf(entry.Key), values: map[string]value{},
	})
	d.source = &d.file.sources[len(d.file.sources)-1]
	d.section(entry.Value, n, path)
	d.source = nil
}

// entries returns the entries of a mapping; anything else is a mistake.
func (d *decoder) entries(node ast.Node, path string) []*ast.MappingValueNode {
	var entries []*ast.MappingValueNode
	switch m := node.(type) {
	case *ast.MappingNode:
		entries = m.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{m}
	case *ast.NullNode:
	default:
		d.mistake(node, path, "settings are expected here, not "+describe(node), "write `key: value` lines, indented")
		return nil
	}
	if len(entries) == 0 && path != "" {
		d.mistake(node, path, "there is nothing in it", "remove it, or give it the settings you mean")
	}
	return entries
}

// key returns the text of an entry's key; keys that are no text are a mistake.
func (d *decoder) key(entry *ast.MappingValueNode, path string) (string, bool) {
	if text, isText := entry.Key.(*ast.StringNode); isText {
		return text.Value, true
	}
	d.mistake(entry.Key, path, "a key must be the name of a setting", "put it in quotes if it is a name")
	return "", false
}

// leaf reads the value of one setting.
func (d *decoder) leaf(node ast.Node, s *setting, path string) {
	v, problem, fix := read(node, s)
	if problem != "" {
		d.mistake(node, path, problem, fix)
		return
	}
	v.place = placeOf(node)
	if s.of != nil {
		d.source.values[s.path] = v
		return
	}
	d.file.values[s.path] = v
}

func (d *decoder) mistake(node ast.Node, path, problem, fix string) {
	if d.wrong.full() { // count it, without the cost of an excerpt
		d.wrong.add(&Error{})
		return
	}
	d.wrong.add(at(tokenOf(node), path, problem, fix))
}

func tokenOf(node ast.Node) *token.Token {
	if m, isMapping := node.(*ast.MappingNode); isMapping && len(m.Values) > 0 && !m.IsFlowStyle {
		return tokenOf(m.Values[0].Key) // a block mapping's own token is a colon
	}
	return node.GetToken()
}

func placeOf(node ast.Node) place {
	if tk := tokenOf(node); tk != nil && tk.Position != nil {
		return place{tk.Position.Line, tk.Position.Column}
	}
	return place{}
}

// join appends a key to a path. Keys are clipped and quoted where they are no plain word, as they end in messages.
func join(path, key string) string {
	if !plainKey.MatchString(key) {
		key = fmt.Sprintf("%q", clip(key))
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

package config

import (
	"errors"
	"fmt"
	"strings"

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
	d := decoder{wrong: wrong, file: &File{values: map[string]value{}}, text: data}
	if root != nil {
		d.section(root, root, tree, "")
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
			return nil, at(syntax.GetToken(), "this is not YAML: "+syntax.GetMessage(), "")
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
	text   []byte
	lines  []string // of text; nil: not needed yet
}

// section reads a mapping whose keys are those of n. Path is its place in the file, empty at the top; key is the node of
// its own name there.
func (d *decoder) section(key, node ast.Node, n *branch, path string) {
	entries := d.entries(key, node, n, path)
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
			d.leaf(entry.Key, entry.Value, child.setting, here)
		default:
			d.section(entry.Key, entry.Value, child, here)
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
	d.section(entry.Key, entry.Value, n, path)
	d.source = nil
}

// entries returns the entries of a mapping; anything else is a mistake.
func (d *decoder) entries(key, node ast.Node, n *branch, path string) []*ast.MappingValueNode {
	var entries []*ast.MappingValueNode
	switch m := node.(type) {
	case *ast.MappingNode:
		entries = m.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{m}
	case *ast.NullNode:
	default:
		d.mistake(node, path, "settings are expected here, not "+describe(node), n.rightForm(node, path))
		return nil
	}
	if len(entries) == 0 && path != "" {
		d.mistake(written(key, node), path, "there is nothing in it", "remove it, or give it the settings you mean")
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

// leaf reads the value of one setting, whose name is at key.
func (d *decoder) leaf(key, node ast.Node, s *setting, path string) {
	v, found := read(node, s)
	for _, f := range found {
		place := f.node
		if place == nil {
			place = written(key, node)
		}
		d.mistake(place, path, f.problem, f.fix)
	}
	if len(found) > 0 && len(v.names) == 0 {
		return
	}
	v.place = placeOf(node)
	if s.of != nil {
		d.source.values[s.path] = v
		return
	}
	d.file.values[s.path] = v
}

// written is the node of a value, or of its key where the value is nothing: the parser's token for that stands nowhere in
// the file.
func written(key, node ast.Node) ast.Node {
	if _, isNull := node.(*ast.NullNode); isNull {
		return key
	}
	return node
}

func (d *decoder) mistake(node ast.Node, path, problem, fix string) {
	if d.wrong.full() { // count it, without the cost of an excerpt
		d.wrong.add(&Error{})
		return
	}
	p := placeOf(node)
	if d.lines == nil {
		d.lines = strings.Split(strings.TrimPrefix(string(d.text), "\ufeff"), "\n")
	}
	d.wrong.add(&Error{
		Path: path, Line: p.line, Column: p.column, Problem: problem, Fix: fix, Excerpt: excerpt(d.lines, p),
	})
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

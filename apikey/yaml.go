package apikey

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// fileVersion is the version of the format that is read and written.
const fileVersion = 1

const (
	// maxLine and maxDepth bound what the YAML parser is given: its time grows
	// with the square of the nesting, to minutes on 100 kB of brackets.
	maxLine  = 1 << 10
	maxDepth = 8
)

// document is a keys file.
type document struct {
	Version text    `yaml:"version"`
	Keys    []entry `yaml:"keys"`
}

// entry is one key of a keys file. Its members are read as text, so that ids
// and names that look like numbers are what they look like, and mistakes in
// them can be reported with their line.
type entry struct {
	Name     text   `yaml:"name"`
	ID       text   `yaml:"id"`
	Hash     text   `yaml:"hash"`
	Scopes   []text `yaml:"scopes"`
	Created  text   `yaml:"created"`
	Expires  text   `yaml:"expires"`
	Disabled text   `yaml:"disabled"`
}

// text is a scalar as it is written, and its line (0 if absent).
type text struct {
	value string
	line  int
}

// UnmarshalYAML takes any scalar but null and block text.
func (t *text) UnmarshalYAML(node ast.Node) error {
	tk := node.GetToken()
	switch node.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		t.value, t.line = tk.Value, tk.Position.Line
		return nil
	default:
		return &yaml.SyntaxError{Message: "a plain value on one line was expected", Token: tk}
	}
}

// Parse reads the contents of a keys file:
//
//	version: 1
//	keys:
//	  - name: nightly-report
//	    id: 7k3m9x2pqa
//	    hash: sha256:…           # SHA-256 of the whole key
//	    scopes: [query]
//	    created: 2026-01-31T12:00:00Z
//	    expires: 2027-01-31T12:00:00Z   # optional; never if absent
//	    disabled: true                  # optional
//
// Unknown and repeated members, anchors, aliases, tags and further documents
// are errors. Errors name the line. Empty input is an empty set.
func Parse(data []byte) (*Set, error) {
	if err := checkShape(data); err != nil {
		return nil, err
	}
	d, err := decode(data)
	if err != nil {
		return nil, err
	}
	return d.set()
}

// decode reads the members as text. It calls the YAML package, and nothing
// else does.
func decode(data []byte) (d *document, err error) {
	// Fuzzing found inputs on which the package panics. The ones known are
	// refused below; one unknown must cost a reload, not the server.
	defer func() {
		if v := recover(); v != nil {
			d, err = nil, errors.New("apikey: the file is not understood")
		}
	}()
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, yamlError(err)
	}
	if len(file.Docs) > 1 {
		return nil, errors.New("apikey: there is more than one YAML document")
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return &document{Version: text{value: strconv.Itoa(fileVersion)}}, nil
	}
	body := file.Docs[0].Body
	if bad := findFeature(body); bad != nil {
		return nil, yamlError(&yaml.SyntaxError{Message: "anchors, aliases and tags are not allowed", Token: bad.GetToken()})
	}
	d = new(document)
	if err := yaml.NodeToValue(body, d, yaml.Strict()); err != nil {
		return nil, yamlError(err)
	}
	return d, nil
}

// yamlError gives the position of a mistake without the excerpt of the file
// that the YAML package would add: somebody may have put a key there in plain
// text, and the error goes to the log.
func yamlError(err error) error {
	return fmt.Errorf("apikey: %s", strings.TrimSpace(yaml.FormatError(err, false, false)))
}

// checkShape bounds the input before the parser sees it.
func checkShape(data []byte) error {
	if len(data) > maxFile {
		return fmt.Errorf("apikey: the file is larger than %d bytes", maxFile)
	}
	if !utf8.Valid(data) {
		return errors.New("apikey: the file is not UTF-8 text")
	}
	number, depth := 0, 0
	for line := range bytes.Lines(data) {
		number++
		if len(line) > maxLine {
			return fmt.Errorf("apikey: line %d is longer than %d bytes", number, maxLine)
		}
		for _, c := range line {
			switch {
			case c == '[' || c == '{':
				depth++
			case (c == ']' || c == '}') && depth > 0:
				depth--
			}
			if depth > maxDepth {
				return fmt.Errorf("apikey: line %d is nested deeper than %d levels", number, maxDepth)
			}
		}
	}
	return nil
}

// findFeature returns the first node under node of a kind that a keys file has
// no use for.
func findFeature(node ast.Node) ast.Node {
	for _, t := range []ast.NodeType{ast.AnchorType, ast.AliasType, ast.MergeKeyType, ast.TagType, ast.DirectiveType} {
		if found := ast.Filter(t, node); len(found) > 0 {
			return found[0]
		}
	}
	return nil
}

func (d *document) set() (*Set, error) {
	if d.Version.value != strconv.Itoa(fileVersion) {
		return nil, fmt.Errorf("apikey: the member version must be %d, the only one there is", fileVersion)
	}
	keys := make([]Key, 0, len(d.Keys))
	var errs []error
	for i := range d.Keys {
		k, err := d.Keys[i].key(i + 1)
		errs = append(errs, err)
		keys = append(keys, k)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return NewSet(keys...)
}

// key returns the key of an entry, the nth, or every mistake in it with its line.
func (e *entry) key(nth int) (Key, error) {
	k := Key{Name: e.Name.value, ID: e.ID.value}
	var errs []error
	fail := func(t text, err error) {
		if err == nil {
			return
		}
		line := t.line
		if line == 0 {
			line = e.line()
		}
		if line == 0 {
			errs = append(errs, fmt.Errorf("entry %d: %w", nth, err))
			return
		}
		errs = append(errs, fmt.Errorf("line %d: %w", line, err))
	}
	var err error
	if k.ID == "" {
		fail(e.Name, fmt.Errorf("apikey: key %q has no id", clip(k.Name)))
	}
	if e.Hash.value != "" {
		k.Hash, err = ParseHash(e.Hash.value)
		fail(e.Hash, err)
	}
	for _, s := range e.Scopes {
		scope, err := ParseScope(s.value)
		fail(s, err)
		k.Scopes = append(k.Scopes, scope)
	}
	k.Created, err = parseTime("created", e.Created)
	fail(e.Created, err)
	k.Expires, err = parseTime("expires", e.Expires)
	fail(e.Expires, err)
	switch e.Disabled.value {
	case "", "false":
	case "true":
		k.Disabled = true
	default:
		fail(e.Disabled, errors.New("apikey: disabled is true or false"))
	}
	if len(errs) == 0 {
		fail(e.Name, k.check())
	}
	return k, errors.Join(errs...)
}

// line returns the first line on which the entry has something.
func (e *entry) line() int {
	first := 0
	for _, t := range []text{e.Name, e.ID, e.Hash, e.Created, e.Expires, e.Disabled} {
		if t.line > 0 && (first == 0 || t.line < first) {
			first = t.line
		}
	}
	return first
}

func parseTime(member string, t text) (time.Time, error) {
	if t.value == "" {
		if t.line > 0 {
			return time.Time{}, fmt.Errorf("apikey: %s is empty; leave it out", member)
		}
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, t.value)
	if err != nil {
		return time.Time{}, fmt.Errorf("apikey: %s is not a time like 2026-01-31T12:00:00Z (RFC 3339)", member)
	}
	return at.UTC(), nil
}

// format returns the contents of the file for set. All values are of character
// sets in which quoting is plain.
func format(set *Set) ([]byte, error) {
	var b strings.Builder
	b.WriteString("# Sallyport keys. Each key is kept as a hash only; the key itself was shown once.\n")
	b.WriteString("# Change it with: sallyport key new|list|revoke\n")
	fmt.Fprintf(&b, "version: %d\n", fileVersion)
	if set.Len() == 0 {
		b.WriteString("keys: []\n")
		return []byte(b.String()), nil
	}
	b.WriteString("keys:\n")
	var errs []error
	for _, k := range set.Keys() {
		if k.ID == "" {
			errs = append(errs, fmt.Errorf("apikey: key %q is a secret of the operator's choice and is not written to a file", k.Name))
		}
		scopes := make([]string, len(k.Scopes))
		for i, s := range k.Scopes {
			scopes[i] = string(s)
		}
		fmt.Fprintf(&b, "  - name: %q\n    id: %q\n    hash: %q\n    scopes: [%s]\n", k.Name, k.ID, k.Hash.String(), strings.Join(scopes, ", "))
		if !k.Created.IsZero() {
			fmt.Fprintf(&b, "    created: %q\n", k.Created.UTC().Format(time.RFC3339))
		}
		if !k.Expires.IsZero() {
			fmt.Fprintf(&b, "    expires: %q\n", k.Expires.UTC().Format(time.RFC3339))
		}
		if k.Disabled {
			b.WriteString("    disabled: true\n")
		}
	}
	return []byte(b.String()), errors.Join(errs...)
}

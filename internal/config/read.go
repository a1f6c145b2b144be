package config

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// finding is one thing that is wrong with a setting, and what to write instead. The fix may be empty where the problem
// shows the right form.
type finding struct {
	problem, fix string
	node         ast.Node // where in the file, if it is another place than the setting's
}

// wrong is the findings of one problem; none, if it is empty.
func wrong(problem, fix string) []finding {
	if problem == "" {
		return nil
	}
	return []finding{{problem: problem, fix: fix}}
}

// read turns a node into the value of a setting, or says what is wrong with it. It judges the form only; bounds are
// Validate's. Of a list it returns the items that can be read, whatever is wrong with others.
func read(node ast.Node, s *setting) (v value, found []finding) {
	if _, isNull := node.(*ast.NullNode); isNull {
		return v, wrong("it has no value", "remove the line, or "+s.fix())
	}
	var problem string
	switch s.kind {
	case kindBool:
		b, isBool := node.(*ast.BoolNode)
		if !isBool {
			return v, wrong(describe(node)+" is neither true nor false", s.fix())
		}
		v.flag = b.Value
	case kindCount:
		v.number, problem = readCount(node)
		if problem == "" && s.optional && v.number == 0 { // which would pass for absent
			problem = "0 is below the least allowed, " + s.show(s.least)
		}
	case kindDuration:
		v.number, problem = readUnit(node, "duration", ParseDuration)
		problem, _, _ = strings.Cut(problem, ": write") // the fix says so, with the bounds
	case kindSize:
		v.number, problem = readUnit(node, "size", ParseSize)
	case kindNames, kindSecrets:
		return readNames(node, s)
	case kindRate:
		switch node.(type) {
		case *ast.IntegerNode, *ast.FloatNode:
			return v, wrong("the number "+clip(node.GetToken().Value)+" has no unit", s.fix())
		}
		return readText(node, s)
	case kindAddress, kindPath, kindText, kindChoice, kindStore:
		return readText(node, s)
	case kindUnknown:
		problem = "the setting has no kind"
	}
	return v, wrong(problem, s.fix())
}

// wholeNumber is narrower than YAML: no 0x10, 1_000 or 007, which read differently to different people.
var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

func readCount(node ast.Node) (int64, string) {
	number, isNumber := node.(*ast.IntegerNode)
	if !isNumber || !wholeNumber.MatchString(number.Token.Value) {
		return 0, describe(node) + " is not a whole number in plain digits"
	}
	n, err := strconv.ParseInt(number.Token.Value, 10, 64)
	if err != nil {
		return 0, "the number is too large"
	}
	return n, ""
}

// readUnit reads a duration or a size.
func readUnit[T ~int64](node ast.Node, what string, parse func(string) (T, error)) (int64, string) {
	text, isText := node.(*ast.StringNode)
	if !isText {
		switch node.(type) {
		case *ast.IntegerNode, *ast.FloatNode:
			return 0, "the number " + clip(node.GetToken().Value) + " has no unit"
		}
		return 0, describe(node) + " is not a " + what
	}
	v, err := parse(text.Value)
	if err != nil {
		return 0, err.Error()
	}
	return int64(v), ""
}

func readText(node ast.Node, s *setting) (v value, found []finding) {
	switch text := node.(type) {
	case *ast.StringNode:
		v.text = text.Value
	case *ast.LiteralNode:
		v.text = text.Value.Value
	default:
		fix := s.fix()
		if _, isScalar := node.(ast.ScalarNode); isScalar {
			fix = "put it in quotes if it is meant, or " + fix
		}
		return v, wrong(describe(node)+" is not text", fix)
	}
	if v.text == "" && (s.kind != kindText || s.least > 0) {
		// An empty path must not pass for a setting that is absent: it would switch TLS or keys off unseen.
		return v, wrong("it is empty", "remove the line, or "+s.fix())
	}
	return v, nil
}

// mostFindings bounds what is said of one list, so that it leaves room for other mistakes.
const mostFindings = 10

// bounded is the first of the findings, and how many more there are.
func bounded(found []finding) []finding {
	if len(found) <= mostFindings {
		return found
	}
	more := grouped(int64(len(found)-mostFindings)) + " more items of the list are wrong"
	return append(found[:mostFindings:mostFindings], finding{problem: more, fix: "repair these first"})
}

// readNames reads a list. One item that is wrong hides none of the others.
func readNames(node ast.Node, s *setting) (v value, found []finding) {
	list, isList := node.(*ast.SequenceNode)
	if !isList {
		return v, wrong(describe(node)+" is not a list", s.fix())
	}
	if len(list.Values) == 0 {
		return v, wrong("the list is empty", "remove the setting for its default, or "+s.fix())
	}
	v.names = make([]string, 0, len(list.Values))
	for i, item := range list.Values {
		if text, isText := item.(*ast.StringNode); isText {
			v.names = append(v.names, text.Value)
			continue
		}
		what := describe(item)
		if _, isNull := item.(*ast.NullNode); isNull {
			what = "null"
		}
		f := finding{
			problem: "item " + strconv.Itoa(i+1) + " is " + what + ", not a name",
			fix:     "put names like 2024 or null in quotes", node: item,
		}
		// Quotes do not help what would be wrong with them too.
		if _, isScalar := item.(ast.ScalarNode); isScalar && s.check != nil {
			if problem, fix := s.check(item.GetToken().Value); problem != "" {
				f.problem, f.fix = problem, fix
			}
		}
		found = append(found, f)
	}
	return v, bounded(found)
}

// describe says in words what a node is. It repeats scalars only, clipped, as the file's own author reads it.
func describe(node ast.Node) string {
	tk := node.GetToken()
	switch n := node.(type) {
	case *ast.NullNode:
		return "nothing"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a group of settings"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode:
		return strconv.Quote(clip(n.Value))
	case *ast.LiteralNode:
		return "a block of text"
	}
	if tk == nil || tk.Type == token.UnknownType {
		return "this"
	}
	return clip(tk.Value)
}

package config

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compiledSchema compiles Schema, which also checks it against the 2020-12 meta-schema.
func compiledSchema(tb testing.TB) *jsonschema.Schema {
	tb.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		tb.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("config.json", doc); err != nil {
		tb.Fatal(err)
	}
	compiled, err := c.Compile("config.json")
	if err != nil {
		tb.Fatal(err)
	}
	return compiled
}

// bySchema judges a YAML file, turned into JSON, by the schema.
func bySchema(tb testing.TB, schema *jsonschema.Schema, text []byte) error {
	tb.Helper()
	var plain any
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // the library takes it for a part of the first key
	if err := yaml.Unmarshal(text, &plain); err != nil {
		tb.Fatal(err)
	}
	converted, err := json.Marshal(plain)
	if err != nil {
		tb.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(converted))
	if err != nil {
		tb.Fatalf("%v in %s", err, converted)
	}
	return schema.Validate(value)
}

func TestSchemaAgreesWithLoad(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	for _, test := range allCases() {
		err := bySchema(t, schema, []byte(test.yaml))
		if accepts := test.path == "" || test.blind; (err == nil) != accepts {
			t.Errorf("%s: the schema says %v; to Load it is right: %v; marked as beyond the schema: %v", test.name, err, test.path == "", test.blind)
		}
	}
}

// What the schema calls the default of a setting is what Default has.
func TestSchemaKnowsEverySetting(t *testing.T) {
	t.Parallel()
	type node struct {
		Properties           map[string]node
		AdditionalProperties json.RawMessage
		Description          string
		Default              json.RawMessage
	}
	var root node
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	found := map[string]node{}
	var walk func(n node, path string)
	walk = func(n node, path string) {
		for key, child := range n.Properties {
			walk(child, path+"."+key)
		}
		switch {
		case len(n.Properties) == 0 && len(n.AdditionalProperties) > 0:
			var each node
			if err := json.Unmarshal(n.AdditionalProperties, &each); err != nil {
				t.Fatal(err)
			}
			walk(each, path+".<name>")
		case len(n.Properties) > 0:
			if string(n.AdditionalProperties) != "false" {
				t.Errorf("%q allows other keys", path)
			}
		default:
			found[path[1:]] = n
		}
	}
	walk(root, "")
	for _, s := range settings {
		n, there := found[s.path]
		if !there || n.Description == "" {
			t.Errorf("%s is not in the schema, or not described", s.path)
		}
		if (s.defaultText() != "") != (len(n.Default) > 0) {
			t.Errorf("%s: default %s in the schema, %s in the table", s.path, n.Default, s.defaultText())
		}
		delete(found, s.path)
	}
	for path := range found {
		t.Errorf("%s is in the schema only", path)
	}
}

package config

import (
	"encoding/json"
	"strings"
)

// Schema returns the JSON Schema (draft 2020-12) of the configuration, for editors and for `sallyport config schema`. It
// checks forms, not the bounds of durations and sizes, nor most combinations: Validate is the judge, and what it
// accepts before ${ENV} is substituted, the schema accepts.
func Schema() []byte {
	root := schemaOf(tree, "")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Sallyport configuration"
	root["required"] = []string{"sources"}
	root["if"] = object{
		"properties": object{"listen": object{"not": object{"pattern": loopbackPattern}}},
		"required":   []string{"listen"},
	}
	proxied := object{"kind": object{"enum": []string{TopologyProxies, TopologyCloudflare}}}
	root["then"] = object{"anyOf": []object{
		{"required": []string{"tls"}},
		{"required": []string{"topology"}, "properties": object{"topology": object{"required": []string{"kind"}, "properties": proxied}}},
	}}
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil { // maps, slices, strings and numbers always marshal
		panic("config: schema: " + err.Error())
	}
	return append(text, '\n')
}

// object is a JSON object.
type object = map[string]any

// schemaOf describes a branch and what is below it.
func schemaOf(n *branch, path string) object {
	if n.setting != nil {
		return n.setting.schema()
	}
	if n.each != nil {
		return object{
			"type": "object", "minProperties": 1, "maxProperties": maxSources,
			"propertyNames":        object{"pattern": namePattern},
			"additionalProperties": schemaOf(n.each, path+"."+sourceWildcard),
		}
	}
	properties, required := object{}, []string{}
	for _, key := range n.keys {
		child := n.children[key]
		properties[key] = schemaOf(child, strings.TrimPrefix(path+"."+key, "."))
		if child.setting != nil && child.setting.required {
			required = append(required, key)
		}
	}
	o := object{"type": "object", "properties": properties, "additionalProperties": false}
	if path != "" {
		o["minProperties"] = 1
	}
	if len(required) > 0 {
		o["required"] = required
	}
	for key, rule := range sectionRules[path] {
		o[key] = rule
	}
	return o
}

// sectionRules are the combinations inside one section that the schema can say.
var sectionRules = map[string]object{
	"tls": {"required": []string{"cert", "key"}},
	"access": {"not": object{
		"properties": object{"public": object{"const": true}},
		"required":   []string{"public"},
		"anyOf":      []object{{"required": []string{"keys"}}, {"required": []string{"bearer"}}},
	}},
	"limits.per_asn": {"required": []string{"database"}},
	"access.bearer":  {"required": []string{"issuer", "audience"}},
}

// schema describes the value of a setting.
func (s *setting) schema() object {
	o := object{"description": s.description()}
	if value := s.defaultValue(); value != nil {
		o["default"] = value
	}
	switch s.kind {
	case kindAddress:
		o["type"], o["pattern"] = "string", addressPattern
		if len(s.oneOf) > 0 {
			o["pattern"] = "^" + strings.Join(s.oneOf, "$|^") + "$|" + addressPattern
		}
	case kindRate:
		o["type"], o["pattern"] = "string", ratePattern
	case kindStore:
		o["type"], o["minLength"], o["maxLength"] = "string", 1, s.most
	case kindSecrets:
		o["type"], o["minItems"], o["maxItems"], o["uniqueItems"] = "array", 1, 16, true
		o["items"] = object{"type": "string", "minLength": 1}
	case kindPath:
		o["type"], o["minLength"], o["maxLength"], o["pattern"] = "string", s.least, s.most, s.item
		if s.leaf() == "location" {
			o["anyOf"] = []object{{"not": object{"pattern": schemePattern}}, {"pattern": postgresPattern}}
		}
	case kindText:
		o["type"], o["maxLength"], o["pattern"] = "string", s.most, s.item
	case kindChoice:
		o["enum"] = s.oneOf
	case kindBool:
		o["type"] = "boolean"
	case kindCount:
		o["type"], o["minimum"], o["maximum"] = "integer", s.least, s.most
	case kindDuration:
		o["type"], o["pattern"] = "string", durationPattern
	case kindSize:
		o["type"], o["pattern"] = "string", sizePattern
	case kindNames:
		o["type"], o["minItems"], o["maxItems"], o["uniqueItems"] = "array", s.least, s.most, true
		o["items"] = object{"type": "string", "pattern": s.item}
		if s.item == tablePattern {
			o["if"], o["then"] = object{"contains": object{"const": "*"}}, object{"maxItems": 1}
		}
	case kindUnknown:
	}
	return o
}

// description is the setting's text with its bounds, without Markdown.
func (s *setting) description() string {
	text := s.doc
	if bounds := s.bounds(); bounds != "" {
		text += " Bounds: " + bounds + "."
	}
	return strings.NewReplacer("**", "", "`", "").Replace(text)
}

// defaultValue is the default as JSON has it; nil: there is none.
func (s *setting) defaultValue() any {
	text := s.defaultText()
	if text == "" {
		return nil
	}
	if s.kind == kindBool || s.kind == kindCount || s.kind == kindNames {
		return json.RawMessage(text)
	}
	return text
}

// bounds says in words what values are allowed; empty: the form says it all.
func (s *setting) bounds() string {
	switch s.kind {
	case kindCount, kindDuration, kindSize:
		return s.show(s.least) + " to " + s.show(s.most)
	case kindText, kindPath:
		return "at most " + grouped(s.most) + " characters"
	case kindNames:
		return grouped(s.least) + " to " + grouped(s.most) + " names"
	case kindChoice:
		return strings.Join(s.oneOf, ", ")
	case kindSecrets:
		return grouped(s.least) + " to " + grouped(s.most) + " characters each"
	case kindAddress, kindBool, kindRate, kindStore, kindUnknown:
	}
	return ""
}

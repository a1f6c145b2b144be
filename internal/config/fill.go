package config

import "reflect"

// Config substitutes ${ENV} through lookup and fills in the defaults. The result must still be validated.
func (f *File) Config(lookup Lookup) (Config, error) {
	wrong := &mistakes{}
	cfg := f.fill(lookup, wrong)
	if wrong.any() {
		return Config{}, wrong.err()
	}
	return cfg, nil
}

// fill returns the configuration as far as it could be made.
func (f *File) fill(lookup Lookup, wrong *mistakes) Config {
	cfg := Default()
	cfg.places = map[string]place{}
	to := filler{lookup: lookup, places: cfg.places, wrong: wrong}
	for _, s := range settings {
		if v, given := f.values[s.path]; given {
			to.set(s, s.path, s.field(&cfg, nil), v)
		}
	}
	for _, from := range f.sources {
		source := DefaultSource(from.name, "")
		cfg.places["sources."+from.name] = from.place
		for _, s := range settings {
			if v, given := from.values[s.path]; given {
				to.set(s, s.inSource(from.name), s.field(nil, &source), v)
			}
		}
		cfg.Sources = append(cfg.Sources, source)
	}
	return cfg
}

// expand substitutes variables in the text or in each item of the list.
func (v *value) expand(lookup Lookup) (found []finding) {
	expanded := func(text string) string {
		text, problem, fix := substitute(text, lookup)
		found = append(found, wrong(problem, fix)...)
		return text
	}
	v.text = expanded(v.text)
	names := make([]string, len(v.names))
	for i, name := range v.names {
		names[i] = expanded(name)
	}
	v.names = names
	return bounded(found)
}

// filler gives fields their values.
type filler struct {
	lookup Lookup
	places map[string]place
	wrong  *mistakes
}

// set gives one field its value, and notes where the file gives it. Where it cannot be read, it notes nothing: the mistake
// was reported, and the field is not judged.
func (to filler) set(s *setting, path string, field reflect.Value, v value) {
	if s.takesEnv() {
		found := v.expand(to.lookup)
		for _, f := range found {
			if s.kind == kindPath && f.fix == setVariable {
				f.fix += ", or write the value here" // a secret does not belong in the file
			}
			to.wrong.add(&Error{Path: path, Line: v.place.line, Column: v.place.column, Problem: f.problem, Fix: f.fix})
		}
		if len(found) > 0 {
			return
		}
	}
	to.places[path] = v.place
	assign(s, field, v)
}

// assign gives a field of the setting's a value.
func assign(s *setting, field reflect.Value, v value) {
	switch field.Kind() {
	case reflect.String:
		field.SetString(v.text)
	case reflect.Bool:
		field.SetBool(v.flag)
	case reflect.Int, reflect.Int64:
		field.SetInt(v.number)
	case reflect.Slice:
		field.Set(reflect.ValueOf(append([]string(nil), v.names...)))
	default:
		panic("config: setting " + s.path + " has a field of an unknown kind")
	}
}

// holding is a field that is not of any configuration, with a value.
func (s *setting) holding(v value) reflect.Value {
	field := reflect.New(s.defaultField().Type()).Elem()
	assign(s, field, v)
	return field
}

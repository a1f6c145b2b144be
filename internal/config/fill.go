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
	for _, s := range settings {
		if v, given := f.values[s.path]; given {
			cfg.places[s.path] = v.place
			set(s, s.path, s.field(&cfg, nil), v, lookup, wrong)
		}
	}
	for _, from := range f.sources {
		source := DefaultSource(from.name, "")
		cfg.places["sources."+from.name] = from.place
		for _, s := range settings {
			if v, given := from.values[s.path]; given {
				path := s.inSource(from.name)
				cfg.places[path] = v.place
				set(s, path, s.field(nil, &source), v, lookup, wrong)
			}
		}
		cfg.Sources = append(cfg.Sources, source)
	}
	return cfg
}

// expand substitutes variables in the text or in each item of the list.
func (v *value) expand(lookup Lookup) (problem, fix string) {
	if v.text, problem, fix = substitute(v.text, lookup); problem != "" {
		return problem, fix
	}
	names := make([]string, len(v.names))
	for i, name := range v.names {
		if names[i], problem, fix = substitute(name, lookup); problem != "" {
			return problem, fix
		}
	}
	v.names = names
	return "", ""
}

// set gives one field its value.
func set(s *setting, path string, field reflect.Value, v value, lookup Lookup, wrong *mistakes) {
	if s.takesEnv() {
		problem, fix := v.expand(lookup)
		if problem != "" {
			wrong.add(&Error{Path: path, Line: v.place.line, Column: v.place.column, Problem: problem, Fix: fix})
			return
		}
	}
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

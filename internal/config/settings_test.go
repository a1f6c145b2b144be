package config

import (
	"reflect"
	"strings"
	"testing"
)

// leaves lists the addresses of all fields of a configuration that a file can set.
func leaves(v reflect.Value, path string, found map[uintptr]string) {
	for i := range v.NumField() {
		field, name := v.Field(i), path+v.Type().Field(i).Name
		switch {
		case !v.Type().Field(i).IsExported(), name == "Config.Sources", name == "Source.Name":
		case field.Kind() == reflect.Struct:
			leaves(field, name+".", found)
		default:
			found[field.Addr().Pointer()] = name
		}
	}
}

// A field without a setting would never be read, bounded or documented.
func TestEveryFieldHasOneSetting(t *testing.T) {
	t.Parallel()
	cfg, source := Default(), DefaultSource("", "")
	missing := map[uintptr]string{}
	leaves(reflect.ValueOf(&cfg).Elem(), "Config.", missing)
	leaves(reflect.ValueOf(&source).Elem(), "Source.", missing)
	for _, s := range settings {
		if (s.at == nil) == (s.of == nil) {
			t.Fatalf("%s: exactly one of at and of must be set", s.path)
		}
		if (s.of != nil) != strings.HasPrefix(s.path, "sources.<name>.") {
			t.Errorf("%s: its field belongs elsewhere", s.path)
		}
		address := s.field(&cfg, &source).Addr().Pointer()
		if _, there := missing[address]; !there {
			t.Errorf("%s: its field is no field of the configuration, or has a setting already", s.path)
		}
		delete(missing, address)
	}
	for _, name := range missing {
		t.Errorf("%s has no setting", name)
	}
}

func TestSettingsAreComplete(t *testing.T) {
	t.Parallel()
	kinds := map[kind]reflect.Kind{
		kindAddress: reflect.String, kindPath: reflect.String, kindText: reflect.String, kindChoice: reflect.String,
		kindBool: reflect.Bool, kindCount: reflect.Int, kindDuration: reflect.Int64, kindSize: reflect.Int64, kindNames: reflect.Slice,
		kindRate: reflect.String, kindSecrets: reflect.Slice, kindStore: reflect.String,
	}
	for _, s := range settings {
		field := s.defaultField()
		if field.Kind() != kinds[s.kind] {
			t.Errorf("%s: kind %d does not fit its field, a %s", s.path, s.kind, field.Kind())
		}
		if s.doc == "" || s.why == "" {
			t.Errorf("%s: it is not explained", s.path)
		}
		if s.defaultText() == "" && s.absent == "" && !s.required {
			t.Errorf("%s: neither a default nor what holds without it", s.path)
		}
		if s.kind == kindNames && (s.itemWord == "" || s.one == "") {
			t.Errorf("%s: what its items are, and what each is, is not said", s.path)
		}
		if (s.kind == kindCount || s.kind == kindDuration || s.kind == kindSize) && (s.least <= 0 || s.most <= s.least) {
			t.Errorf("%s: bounds %d to %d; zero must be out of bounds", s.path, s.least, s.most)
		}
		if found := s.judge(field); len(found) > 0 && !s.required {
			t.Errorf("%s: its own default is refused: %s", s.path, found[0].problem)
		}
		// What a repair shows must itself be right.
		file := minimal + "    " + s.sample()
		if s.required {
			continue
		}
		if s.at != nil || strings.Count(s.path, ".") > 2 {
			parts := strings.Split(strings.TrimPrefix(s.path, "sources.<name>."), ".")
			indent := ""
			if s.of != nil {
				indent = "    "
			}
			file = minimal
			for _, section := range parts[:len(parts)-1] {
				file += indent + section + ":\n"
				indent += "  "
			}
			file += indent + s.sample()
		}
		decoded, err := Decode([]byte(file))
		if err != nil {
			t.Errorf("%s: its sample is refused: %v", s.path, err)
			continue
		}
		cfg, err := decoded.Config(env(map[string]string{"FORWARDER_SECRET": strings.Repeat("s", 32), "REDIS_PASSWORD": "p"}))
		if err != nil {
			t.Fatal(err)
		}
		if found := s.judge(s.field(&cfg, &cfg.Sources[0])); len(found) > 0 {
			t.Errorf("%s: its sample is refused: %s", s.path, found[0].problem)
		}
	}
}

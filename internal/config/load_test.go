package config

import (
	"strings"
	"testing"
)

var fileVars = env(map[string]string{"A": "a.pem", "B": "b.pem", "REDIS_PASSWORD": "p"})

func TestLoad(t *testing.T) {
	t.Parallel()
	for _, test := range allCases() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cfg, err := Load([]byte(test.yaml), fileVars, test.facts)
			all := allOf(t, err)
			if test.path == "" {
				if err != nil {
					t.Fatal(err)
				}
				if len(cfg.Sources) == 0 {
					t.Error("a right file gave an empty configuration")
				}
				return
			}
			if len(all) != 1 {
				t.Fatalf("%d mistakes, want one at %s:\n%v", len(all), test.path, err)
			}
			e := all[0]
			if e.Path != test.path || !strings.Contains(e.Error(), test.text) || e.Fix == "" && !strings.Contains(e.Problem, "such as") {
				t.Errorf("want %q at %s in\n%v", test.text, test.path, e)
			}
			if len(cfg.Sources) != 0 || cfg.Listen != "" {
				t.Errorf("a wrong file gave a configuration: %+v", cfg)
			}
		})
	}
}

// Load and its three steps taken one by one come to the same end.
func TestLoadIsItsSteps(t *testing.T) {
	t.Parallel()
	for _, test := range allCases() {
		_, whole := Load([]byte(test.yaml), fileVars, test.facts)
		file, err := Decode([]byte(test.yaml))
		var cfg Config
		if err == nil {
			cfg, err = file.Config(fileVars)
		}
		if err == nil {
			err = cfg.Validate(test.facts)
		}
		if (err == nil) != (whole == nil) || (err != nil && err.Error() != whole.Error()) {
			t.Errorf("%s: step by step %v\nLoad %v", test.name, err, whole)
		}
	}
}

func TestLoadReportsTheMistakesOfAllSteps(t *testing.T) {
	t.Parallel()
	_, err := Load([]byte("listne: x\ntls: {cert: \"${NO}\"}\nsources:\n  s:\n    limits:\n      rows: 0\n      bytes: 5\n"), nil, Facts{})
	got := make([]string, 0, 4)
	for _, e := range allOf(t, err) {
		got = append(got, e.Path)
	}
	// The missing location, the missing tls.key and the missing keys wait until the settings can be read.
	want := "listne sources.s.limits.bytes tls.cert sources.s.limits.rows"
	if strings.Join(got, " ") != want {
		t.Errorf("mistakes at %s, want %s\n%v", strings.Join(got, " "), want, err)
	}
}

func TestLoadGivesTheLine(t *testing.T) {
	t.Parallel()
	_, err := Load([]byte(minimal+"    limits:\n      rows: 0\n      threads: 99\n"), nil, Facts{EnvKey: true})
	all := allOf(t, err)
	if len(all) != 2 || all[0].Line != 5 || all[0].Column != 13 || all[1].Line != 6 {
		t.Errorf("got %v", err)
	}
}

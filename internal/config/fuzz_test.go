package config

import (
	"testing"
	"time"
)

// FuzzDecode: no text makes Decode panic or take long; every mistake has a text; and whatever Load accepts, the schema
// accepts too, which another parser's reading of the file is judged by.
func FuzzDecode(f *testing.F) {
	for _, test := range allCases() {
		f.Add([]byte(test.yaml))
	}
	schema := compiledSchema(f)
	lookup := func(string) (string, bool) { return "x", true }
	f.Fuzz(func(t *testing.T, data []byte) {
		began := time.Now()
		file, err := Decode(data)
		if took := time.Since(began); took > 5*time.Second {
			t.Fatalf("%d bytes took %v", len(data), took)
		}
		if (file == nil) != (err != nil) {
			t.Fatalf("file %v, error %v", file, err)
		}
		for _, e := range allOf(t, err) {
			if e.Problem == "" {
				t.Errorf("a mistake without a text: %+v", e)
			}
		}
		cfg, err := Load(data, lookup, Facts{EnvKey: true})
		if err != nil {
			return
		}
		if again := cfg.Validate(Facts{EnvKey: true}); again != nil {
			t.Errorf("loaded, and yet not valid: %v", again)
		}
		if Explain(cfg) == "" {
			t.Error("nothing is explained")
		}
		if err := bySchema(t, schema, data); err != nil {
			t.Errorf("Load accepts what the schema refuses: %v", err)
		}
	})
}

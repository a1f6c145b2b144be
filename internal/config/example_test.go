package config_test

import (
	"errors"
	"fmt"

	"github.com/sallyport-dev/sallyport/internal/config"
)

func ExampleLoad() {
	data := []byte(`
sources:
  flights:
    location: ${DATA}/flights
    limits:
      rows: 500
`)
	lookup := func(name string) (string, bool) { return "/srv", name == "DATA" } // os.LookupEnv in the command
	cfg, err := config.Load(data, lookup, config.Facts{EnvKey: true})
	fmt.Println(cfg.Sources[0].Location, cfg.Sources[0].Limits.Rows, cfg.Sources[0].Limits.Bytes, err)
	// Output: /srv/flights 500 1MiB <nil>
}

// A Config that was not validated must not be served from: the default one has neither a source nor a key.
func ExampleDefault_incorrect() {
	cfg := config.Default()
	// serve(cfg) here would be wrong.
	err := cfg.Validate(config.Facts{})
	var first *config.Error
	fmt.Println(errors.As(err, &first), first.Path)
	// Output: true access.keys
}

func ExampleDefault() {
	cfg := config.Default()
	cfg.Sources = append(cfg.Sources, config.DefaultSource("flights", "examples/flights"))
	fmt.Println(cfg.Validate(config.Facts{EnvKey: true}))
	// Output: <nil>
}

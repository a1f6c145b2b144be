package main

import (
	"fmt"

	"github.com/sallyport-dev/sallyport/internal/config"
)

type configCommand struct {
	Check  configCheckCommand  `cmd:"" help:"Check a configuration file and say in plain words what it would do."`
	Schema configSchemaCommand `cmd:"" help:"Print the JSON Schema of the configuration, for editors."`
}

type configCheckCommand struct {
	File string `arg:"" help:"Configuration file (YAML)." type:"path"`
}

// Run explains the file, or lists every mistake in it.
func (c *configCheckCommand) Run(w *world) error {
	_, envKey := w.getenv(keyVariable)
	cfg, err := readConfig(c.File, w.getenv, config.Facts{EnvKey: envKey})
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(w.stdout, config.Explain(cfg))
	return err
}

type configSchemaCommand struct{}

// Run prints the schema.
func (configSchemaCommand) Run(w *world) error {
	_, err := fmt.Fprintf(w.stdout, "%s\n", config.Schema())
	return err
}

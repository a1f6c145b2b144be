package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/sallyport-dev/sallyport/internal/config"
)

type configCommand struct {
	Check  configCheckCommand  `cmd:"" help:"Check a configuration file and say in plain words what it would do."`
	Schema configSchemaCommand `cmd:"" help:"Print the JSON Schema of the configuration, for editors."`
}

type configCheckCommand struct {
	File string `arg:"" help:"Configuration file (YAML)." type:"path"`
}

// Run explains the file, or lists every mistake in it. Then it lists the files
// that it names and that cannot be read.
func (c *configCheckCommand) Run(w *world) error {
	_, envKey := w.getenv(keyVariable)
	data, err := readConfigFile(c.File)
	if err != nil {
		return err
	}
	cfg, err := loadConfig(c.File, data, w.getenv, config.Facts{EnvKey: envKey})
	if err == nil {
		if _, err := fmt.Fprint(w.stdout, config.Explain(cfg)); err != nil {
			return err
		}
	}
	missing := unreadable(config.Files(data, w.getenv))
	switch {
	case missing == nil:
		return err
	case err == nil:
		return fmt.Errorf("%s: the settings are right, but not every file is there:\n%w", c.File, missing)
	default:
		return fmt.Errorf("%w\n%w", err, missing)
	}
}

// unreadable says which of the files are not there or cannot be read. They are
// opened, not looked into.
func unreadable(files []config.NamedFile) error {
	var problems []error
	for _, f := range files {
		if problem := fileProblem(f); problem != "" {
			problems = append(problems, fmt.Errorf("%s (line %d): %s", f.Path, f.Line, problem))
		}
	}
	return errors.Join(problems...)
}

// fileProblem names the file as the configuration does, since a variable may
// hold a secret.
func fileProblem(f config.NamedFile) string {
	info, err := os.Stat(f.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && f.Path == "access.keys":
		return fmt.Sprintf("there is no file %s; make it, with a first key: sallyport key new NAME --file %s", f.Written, f.Written)
	case errors.Is(err, fs.ErrNotExist) && f.Source:
		return fmt.Sprintf("there is no file or folder %s", f.Written)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("there is no file %s", f.Written)
	case err != nil:
		return fmt.Sprintf("%s cannot be read: %s", f.Written, reason(err))
	case info.IsDir() && !f.Source:
		return fmt.Sprintf("%s is a folder, not a file", f.Written)
	case !info.IsDir() && !info.Mode().IsRegular():
		return fmt.Sprintf("%s is not a regular file", f.Written) // opening a FIFO would wait
	}
	file, err := os.Open(f.Name)
	if err != nil {
		return fmt.Sprintf("%s cannot be read: %s", f.Written, reason(err))
	}
	_ = file.Close() // nothing was read
	return ""
}

// reason is an error without the name of the file.
func reason(err error) string {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err.Error()
	}
	return "it cannot be opened"
}

type configSchemaCommand struct{}

// Run prints the schema.
func (configSchemaCommand) Run(w *world) error {
	_, err := fmt.Fprintf(w.stdout, "%s\n", config.Schema())
	return err
}

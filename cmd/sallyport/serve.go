package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/sallyport-dev/sallyport/apikey"
	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/internal/config"
	"github.com/sallyport-dev/sallyport/internal/server"
)

type serveCommand struct {
	// No type of kong's: it would make a URL a path and hide that it is one.
	Source  string `arg:"" optional:"" help:"A .duckdb file, a Parquet or CSV file, a folder of Parquet and CSV files, of which each is a table, or postgres://role@host:port/database."`
	File    string `name:"config" short:"c" help:"Configuration file instead of a source; 'sallyport config check' explains it." placeholder:"FILE.yaml" type:"path"`
	Listen  string `help:"Address of the API; default: that of the file, or 127.0.0.1:8080. Beyond this machine it needs TLS, which takes a configuration file." placeholder:"HOST:PORT"`
	Keys    string `help:"Keys file made by 'sallyport key new', instead of that of the configuration file." placeholder:"KEYS.yaml" type:"path"`
	Preset  string `help:"Rules for SQL of the source: strict (one table in each SELECT) or analyst (joins by equality, window functions, deeper queries). Default: strict." placeholder:"NAME"`
	RoleSQL bool   `name:"print-role-sql" help:"Print the SQL that makes a right role for each Postgres source, and serve nothing."`
	Sandbox bool   `name:"require-sandbox" help:"Serve nothing where the kernel lacks a part of what encloses the worker processes (sandbox.required)."`
	Public  bool   `help:"DANGEROUS: let everybody query, without a key."`
}

// Help is shown below the flags' summary.
func (*serveCommand) Help() string {
	return `Callers need a key. This makes one, and serves a file to whoever has it:

  sallyport key new my-agent
  sallyport serve flights.parquet --keys keys.yaml

A key may also come from the environment variable SALLYPORT_API_KEY, of 32
characters or more. The log goes to standard error. Ctrl-C stops the server once
running queries have ended; a second Ctrl-C stops it at once. SIGHUP reads keys,
certificate and lists again.`
}

// Run serves until a signal comes.
func (c *serveCommand) Run(w *world) error {
	caught := catchHangups()
	defer caught.stop()
	cfg, err := c.config(w)
	if err != nil {
		return err
	}
	if c.RoleSQL {
		return printRoleSQL(w, cfg)
	}
	keys, err := loadKeys(w, cfg)
	if err != nil {
		return err
	}
	return serve(w, cfg, keys, running{hangups: caught})
}

// config reads the file, or makes the configuration of a single source.
func (c *serveCommand) config(w *world) (config.Config, error) {
	_, envKey := w.getenv(keyVariable)
	var cfg config.Config
	switch {
	case c.File != "" && c.Source != "":
		return cfg, errors.New("give a source or --config, not both: the file names its own sources")
	case c.Preset != "" && c.Preset != string(config.PresetStrict) && c.Preset != string(config.PresetAnalyst):
		return cfg, fmt.Errorf("--preset %s: the presets are %s and %s", c.Preset, config.PresetStrict, config.PresetAnalyst)
	case c.File != "" && c.Preset != "":
		return cfg, errors.New("--preset is for a source on the command line: the file says sources.<name>.preset for each of its own")
	case c.Public && c.Keys != "":
		return cfg, errors.New("give --public or --keys, not both: a key that nobody is asked for protects nothing")
	case c.Public && envKey:
		return cfg, fmt.Errorf("--public lets everybody query, but %s holds a key; unset it, or leave --public out", keyVariable)
	case c.File != "":
		var err error
		if cfg, err = c.readFile(w, envKey); err != nil {
			return cfg, err
		}
	case c.Source == "":
		return cfg, errors.New("what is to be served? Name a file or folder, or a configuration with --config:\n  sallyport serve data.duckdb --keys keys.yaml")
	case !c.Public && c.Keys == "" && !envKey && !c.RoleSQL:
		return cfg, fmt.Errorf(noKey, config.DefaultSource("", c.Source).ShownLocation(), keyVariable)
	default:
		cfg = config.Default()
		source := config.DefaultSource(sourceName(c.Source), c.Source)
		if c.Preset != "" {
			source.Preset = config.Preset(c.Preset)
		}
		cfg.Sources = []config.Source{source}
	}
	if c.Listen != "" {
		cfg.Listen = c.Listen
	}
	if c.Keys != "" {
		cfg.Access.Keys = c.Keys
	}
	if c.Public {
		cfg.Access.Public = true
	}
	if c.Sandbox {
		cfg.Sandbox.Required = true
	}
	return cfg, cfg.Validate(config.Facts{EnvKey: envKey || c.RoleSQL && !cfg.Access.Public})
}

const noKey = `there is no key, so nobody could query. Make one and serve with it:

  sallyport key new my-agent
  sallyport serve %s --keys keys.yaml

Or set %s to a secret of 32 characters or more. --public lets everybody query.`

// readFile reads the configuration file. Without a key of its own it is
// right only because of a flag: --print-role-sql serves nobody.
func (c *serveCommand) readFile(w *world, envKey bool) (config.Config, error) {
	cfg, err := readConfig(c.File, w.getenv, config.Facts{EnvKey: envKey})
	if err == nil || c.Keys == "" && !c.Public && !c.RoleSQL {
		return cfg, err
	}
	return readConfig(c.File, w.getenv, config.Facts{EnvKey: true})
}

func readConfig(path string, lookup config.Lookup, facts config.Facts) (config.Config, error) {
	data, err := readConfigFile(path)
	if err != nil {
		return config.Config{}, err
	}
	return loadConfig(path, data, lookup, facts)
}

func readConfigFile(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	data, err := config.Read(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}

func loadConfig(path string, data []byte, lookup config.Lookup, facts config.Facts) (config.Config, error) {
	cfg, err := config.Load(data, lookup, facts)
	if err != nil {
		return cfg, fmt.Errorf("%s:\n%w", path, err)
	}
	return cfg, nil
}

// sourceScheme matches the beginning of a URL.
var sourceScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+:`)

// notInNames matches what a source's name cannot hold.
var notInNames = regexp.MustCompile(`[^a-z0-9_]+`)

// sourceName makes a source's name out of its location's.
func sourceName(location string) string {
	if sourceScheme.MatchString(location) {
		return "data" // what follows may be a password; the location is refused for itself
	}
	name := filepath.Base(location)
	if name == "." || name == ".." {
		if path, err := filepath.Abs(location); err == nil {
			name = filepath.Base(path)
		}
	}
	if i := strings.IndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	name = strings.Trim(notInNames.ReplaceAllString(strings.ToLower(name), "_"), "_")
	if name == "" || name[0] < 'a' {
		name = "data_" + name
	}
	return strings.TrimSuffix(name[:min(len(name), 63)], "_")
}

// running is how a server runs.
type running struct {
	// hangups make the server read files again; nil: it stops at one.
	hangups *hangups
	// ready is called with the address once requests are answered; nil: nobody
	// waits for it.
	ready func(url string) error
}

// serve runs a server until the context of the process ends.
func serve(w *world, cfg config.Config, keys *apikey.Store, how running) (err error) {
	cache, err := cacheDir(cfg.Cache)
	if err != nil {
		return err
	}
	log, err := event.NewLog(event.LogConfig{Out: w.stderr, JSON: cfg.Log.Format == config.LogJSON, Level: cfg.Log.Level.Slog()})
	if err != nil {
		return err
	}
	logger := log.Logger()
	var watch *apikey.Watcher // nil: there is no keys file
	if cfg.Access.Keys != "" {
		if watch, err = watchKeys(w, cfg, keys, logger); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, watch.Close()) }()
	}
	s, err := server.New(w.ctx, server.Options{
		Config: cfg, Keys: keys, Cache: cache, Worker: []string{w.program, workerWord}, Logger: logger, Records: log,
	})
	if err != nil && w.ctx.Err() != nil {
		_, err = fmt.Fprintln(w.stderr, "sallyport: stopped before anything was served")
		return err
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if heap := s.Memory().Heap; heap > 0 {
		debug.SetMemoryLimit(heap)
	}
	if how.hangups != nil {
		how.hangups.handle(func() { reload(w.ctx, watch, s, logger) })
	}
	listener, err := s.Listen(w.ctx)
	if err != nil {
		return err
	}
	url := "http://" + listener.Addr().String()
	if cfg.TLS.Enabled() {
		url = "https://" + listener.Addr().String()
	}
	if err := printBanner(w.stdout, cfg, keys, s, url); err != nil {
		return errors.Join(err, listener.Close())
	}
	if how.ready != nil {
		if err := how.ready(url); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	return s.Serve(w.ctx, listener)
}

// reload reads again what may change. What cannot be read stays as it was.
func reload(ctx context.Context, watch *apikey.Watcher, s *server.Server, logger *slog.Logger) {
	if watch != nil {
		_ = watch.Reload(ctx) // it has logged what is wrong
	}
	if err := s.Reload(ctx); err != nil {
		logger.LogAttrs(ctx, slog.LevelError, "not everything could be read again; the rest stays as it was", slog.Any("error", err))
	}
}

// cacheDir is where databases made from CSV files are kept.
func cacheDir(configured string) (string, error) {
	if configured != "" {
		return configured, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no cache directory (%w); set one with cache: in the configuration", err)
	}
	return filepath.Join(dir, "sallyport"), nil
}

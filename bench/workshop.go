package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// workshop has what servers are started from.
type workshop struct {
	root   string // of the checkout
	dir    string // temporary
	self   string // this program
	binary string // Sallyport
	data   string // the Parquet file
	config string // Sallyport's configuration file
	yaml   string // what is in it
	key    string
	starts int
}

// perimeterYAML spells out Sallyport's defaults, but for the addresses, the
// cache and the rates: every request is counted, none refused.
const perimeterYAML = `listen: 127.0.0.1:0
operator: {listen: "off"}
cache: %q
limits:
  per_client: 100000000/second
  per_network: {ipv4: 24, ipv6: 48, rate: 100000000/second}
  global: 100000000/second
  catalog: 100000000/second
  other: 100000000/second
  in_flight: {per_client: 8, global: 10, queue: 50, wait: 5s}
log: {format: text, level: info}
`

const configYAML = perimeterYAML + `sources:
  flights:
    location: %q
    preset: strict
    tables: ["*"]
    limits: {deadline: 15s, rows: 1000, bytes: 1MiB, sql: 10kB, memory: %s, threads: %d, temp: 2GiB, workers: %d, spares: 1}
`

const postgresYAML = perimeterYAML + `sources:
  flights:
    location: %q
    preset: strict
    tables: ["*"]
    limits: {deadline: 15s, rows: 1000, bytes: 1MiB, sql: 10kB, threads: 1, temp: 2GiB}
`

func newWorkshop(ctx context.Context, root, dir string) (*workshop, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	data, err := filepath.Abs(filepath.Join(root, "examples", "flights", "flights.parquet"))
	if err != nil {
		return nil, err
	}
	w := &workshop{
		root: root, dir: dir, self: self, data: data, key: rand.Text() + rand.Text(),
		binary: filepath.Join(dir, "sallyport"), config: filepath.Join(dir, "bench.yaml"),
	}
	w.yaml = fmt.Sprintf(configYAML, filepath.Join(dir, "cache"), data, workerMemory, threads, workers)
	if err := os.WriteFile(w.config, []byte(w.yaml), 0o600); err != nil {
		return nil, err
	}
	return w, goBuild(ctx, root, w.binary, "./cmd/sallyport")
}

// goBuild builds a command of the checkout, with its symbols.
func goBuild(ctx context.Context, root, binary, command string) error {
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, command) //nolint:gosec // the path is the run's own
	build.Dir = root
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", command, err, output)
	}
	return nil
}

// startBare starts the bare handler.
func (w *workshop) startBare(ctx context.Context) (*contender, error) {
	return w.startSelf(ctx, "bare handler", bareWord, w.data)
}

// startSelf starts this program as a server of /query.
func (w *workshop) startSelf(ctx context.Context, name, word, argument string) (*contender, error) {
	cmd := exec.CommandContext(ctx, w.self, word, argument) //nolint:gosec // this program itself
	return w.start(ctx, cmd, name, "/query", "")
}

// startBarePostgres starts the bare handler over PostgreSQL.
func (w *workshop) startBarePostgres(ctx context.Context, url string) (*contender, error) {
	return w.startSelf(ctx, "bare handler over PostgreSQL", barePostgresWord, url)
}

// startFullPostgres starts Sallyport over PostgreSQL. It returns what is in
// its configuration file.
func (w *workshop) startFullPostgres(ctx context.Context, url string) (*contender, string, error) {
	file := filepath.Join(w.dir, "bench-postgres.yaml")
	yaml := fmt.Sprintf(postgresYAML, filepath.Join(w.dir, "cache"), url)
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		return nil, "", err
	}
	s, err := w.startSallyport(ctx, file)
	return s, yaml, err
}

// startFull starts Sallyport.
func (w *workshop) startFull(ctx context.Context) (*contender, error) {
	return w.startSallyport(ctx, w.config)
}

func (w *workshop) startSallyport(ctx context.Context, config string) (*contender, error) {
	cmd := exec.CommandContext(ctx, w.binary, "serve", "--config", config) //nolint:gosec // the binary was built for this run
	// What a server leaves behind if it is killed goes with the directory.
	cmd.Env = append(os.Environ(), "SALLYPORT_API_KEY="+w.key, "TMPDIR="+w.dir)
	return w.start(ctx, cmd, "Sallyport", "/v1/query", "X-API-Key: "+w.key+"\r\n")
}

func (w *workshop) start(ctx context.Context, cmd *exec.Cmd, name, path, header string) (*contender, error) {
	w.starts++
	p, err := startProcess(ctx, cmd, filepath.Join(w.dir, fmt.Sprintf("stderr-%d", w.starts)))
	if err != nil {
		return nil, err
	}
	return &contender{process: p, name: name, path: path, header: header}, nil
}

// contender is one of the two that are compared.
type contender struct {
	*process
	name   string
	path   string
	header string // further lines of the request's header
}

// request is a whole HTTP/1.1 request. The SQL of the loads needs no escaping.
func (s *contender) request(sql string) []byte { return s.requestAs(sql, "") }

// requestAs is one for an answer in a format; "" is the usual one.
func (s *contender) requestAs(sql, format string) []byte {
	body := `{"sql":"` + sql + `"}`
	if format != "" {
		body = `{"sql":"` + sql + `","format":"` + format + `"}`
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		http.MethodPost, s.path, s.address, s.header, len(body), body)
	return []byte(b.String())
}

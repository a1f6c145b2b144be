// Command sallyport puts a database on the internet safely: read-only SQL
// over HTTP, from DuckDB and files, for strangers and AI agents.
//
// Flags and the environment are read here and nowhere else. Exit codes: 0 it
// went well, 1 the answer is no (a refused query), 2 usage, configuration, or
// something else that kept the command from its work.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/sallyport-dev/sallyport/apikey"
)

const (
	exitOK    = 0
	exitNo    = 1
	exitUsage = 2
)

type commands struct {
	Serve   serveCommand   `cmd:"" help:"Serve a file or folder, or what a configuration file names."`
	Demo    demoCommand    `cmd:"" help:"Serve the flights of examples/flights and print a curl line to try."`
	Check   checkCommand   `cmd:"" help:"Say whether a query may run, and what would run."`
	Key     keyCommand     `cmd:"" help:"Make, list and revoke API keys."`
	Config  configCommand  `cmd:"" help:"Explain a configuration file, or print its schema."`
	Version versionCommand `cmd:"" help:"Print the version."`

	ShowVersion kong.VersionFlag `name:"version" help:"Print the version."`
}

// world is what a command may use of the process it runs in.
type world struct {
	ctx     context.Context //nolint:containedctx // the life of the process, handed to one command
	stdout  io.Writer
	stderr  io.Writer
	getenv  func(string) (string, bool)
	program string // the path of this binary
}

func main() {
	if isWorker(os.Args) {
		os.Exit(work())
	}
	os.Exit(start(os.Args[1:]))
}

func start(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), stopSignals()...)
	defer stop()
	// The first signal asks; the second, handled by default again, ends.
	context.AfterFunc(ctx, stop)
	return run(world{ctx: ctx, stdout: os.Stdout, stderr: os.Stderr, getenv: os.LookupEnv, program: self()}, args)
}

// stopSignals are those that ask the server to stop. The closing of its
// terminal is one, unless it was started to survive that (nohup).
func stopSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// self is the path of this binary. On Linux it names the very file that runs,
// even after an upgrade has replaced it on the disk.
func self() string {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe"
	}
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// errNo is the answer no: the command has said everything already.
var errNo = errors.New("no")

func run(w world, args []string) int {
	var c commands
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("sallyport"),
		kong.Description("Puts a database on the internet safely: read-only SQL over HTTP, for strangers and AI agents. To begin: sallyport serve --help"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}),
		kong.Writers(w.stdout, w.stderr),
		kong.Vars{"version": versions(), "scopes": scopeNames(apikey.Scopes(), ", ")},
		kong.Exit(func(code int) { exit = code }),
	)
	if err != nil {
		return fail(w, err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	switch {
	case exit >= 0: // help was asked for and printed
		return exit
	case err != nil:
		return fail(w, fmt.Errorf("%w\n%s", err, hint(err)))
	}
	switch err := command.Run(&w); {
	case errors.Is(err, errNo):
		return exitNo
	case err != nil:
		return fail(w, err)
	}
	return exitOK
}

// hint is where to look after a mistake on the command line: the help of the
// command that was understood, or else that of all.
func hint(err error) string {
	var mistake *kong.ParseError
	if errors.As(err, &mistake) {
		if chosen := mistake.Context.Selected(); chosen != nil {
			return chosen.FullPath() + " --help lists its arguments and flags"
		}
	}
	return "sallyport --help lists the commands"
}

func fail(w world, err error) int {
	_, _ = fmt.Fprintf(w.stderr, "sallyport: %v\n", err)
	return exitUsage
}

package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/apikey"
	"github.com/sallyport-dev/sallyport/internal/config"
	"github.com/sallyport-dev/sallyport/internal/server"
)

// printBanner says what is served, where, to whom and within which limits.
func printBanner(out io.Writer, cfg config.Config, keys *apikey.Store, s *server.Server, url string) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-9s"+format+"\n", append([]any{name}, args...)...)
	}
	fmt.Fprintf(&b, "Sallyport %s serves read-only SQL\n", version())
	line("API", "%s", url)
	switch {
	case keys != nil:
		names := usable(keys)
		line("access", "header X-API-Key with one of %s: %s", count(len(names), "key"), list(names))
	case cfg.Access.Bearer.Enabled():
		line("access", "header Authorization with a token of %s", cfg.Access.Bearer.Issuer)
	default:
		line("access", "PUBLIC: everybody who reaches this address may query, without a key")
	}
	line("clients", "%s", clients(cfg.Topology))
	p := cfg.Perimeter
	line("limits", "a client: %s, %d at once; a network: %s; all: %s, %d at once", p.PerClient, p.InFlight.PerClient, p.PerNetwork.Rate, p.Global, p.InFlight.Global)
	if url := s.OperatorURL(); url != "" {
		line("operator", "%s/metrics, /whoami, /readyz, /debug/pprof", url)
	}
	for _, danger := range config.Dangers(cfg) {
		if !strings.HasPrefix(danger.Path, "sources.") { // said with the source
			line("DANGER", "%s: %s", danger.Path, danger.Problem)
		}
	}
	for _, s := range s.Sources() {
		l := s.Source.Limits
		line("source", "%s, preset %s, from %s", s.Source.Name, s.Source.Preset, printable(s.Source.ShownLocation()))
		line("", "%s: %s", count(len(s.Tables), "table"), list(s.Tables))
		for _, name := range slices.Sorted(maps.Keys(s.Withheld)) {
			line("", "NOT served: %s (%s)", printable(name), printable(s.Withheld[name].Error()))
		}
		line("", "each query: %s at most, SQL up to %s; its answer: %s, %s", l.Deadline, l.SQL, count(l.Rows, "row"), l.Bytes)
		if cost, rows := s.Source.Ceiling(); cost > 0 {
			line("", "its plan: at most a cost of %d and %s in a step, as the planner expects", cost, count(rows, "row"))
		} else if rows > 0 {
			line("", "its plan: at most %s in a step, as the planner expects", count(rows, "row"))
		}
		if s.Source.Postgres() {
			line("", "each in a READ ONLY transaction, rolled back, of a role that may only read")
		} else {
			line("", "each of %s, and of %s: %s of memory, %s, %s of temporary files",
				count(l.Workers, "worker"), count(l.Spares, "warm spare"), l.Memory, count(l.Threads, "thread"), l.Temp)
		}
		for _, f := range s.Source.Functions.DangerouslyAllow {
			line("", "DANGEROUS: the function %s is allowed without review", f)
		}
	}
	printSandbox(line, s.Sources())
	printMemory(line, s.Memory())
	line("stop", "Ctrl-C; running queries get %s to finish", cfg.HTTP.ShutdownGrace)
	_, err := io.WriteString(out, b.String())
	return err
}

// clients says whose address a request is attributed to.
func clients(t config.Topology) string {
	switch t.Kind {
	case config.TopologyCloudflare:
		return "by CF-Connecting-IP, from Cloudflare's networks only"
	case config.TopologyProxies:
		return "by what the configured proxies say"
	case config.TopologyForwarder:
		return "by what the forwarder with the secret says"
	default:
		return "by the address that connects; no header is believed"
	}
}

// usable names the keys that let somebody in.
func usable(keys *apikey.Store) []string {
	var names []string
	for _, k := range keys.Set().Keys() {
		if k.Usable(time.Now()) {
			names = append(names, k.Name)
		}
	}
	return names
}

// list names a few and counts the rest.
func list(names []string) string {
	const shown = 12
	if len(names) == 0 {
		return "none"
	}
	more := ""
	if len(names) > shown {
		more = fmt.Sprintf(" and %d more", len(names)-shown)
		names = names[:shown]
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = printable(name)
	}
	return strings.Join(quoted, ", ") + more
}

// printable quotes a text that would not show as what it is: a file may hold
// a table whose name moves a terminal's cursor.
func printable(text string) string {
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strconv.QuoteToASCII(text)
	}
	return text
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

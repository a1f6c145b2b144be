package config

import (
	"fmt"
	"slices"
	"strings"
)

// Explain says in plain words what a validated configuration does: what is served, where, to whom, with which limits,
// which protections are on and what is dangerous. It is for the terminal; the wording may change.
func Explain(c Config) string {
	e := &explanation{}
	e.title("Where")
	e.where(c)
	e.title("Who")
	e.who(c)
	e.title("How often, and how many at once")
	e.rates(c.Perimeter)
	for _, s := range c.Sources {
		e.title("Source " + s.Name)
		e.source(s, c.Perimeter.InFlight.PerClient)
	}
	e.title("Protections")
	e.protections(c)
	e.title("Dangerous")
	e.dangerous(c)
	return e.b.String()
}

// explanation is a text of titled, indented lines.
type explanation struct{ b strings.Builder }

func (e *explanation) title(text string) {
	if e.b.Len() > 0 {
		e.b.WriteByte('\n')
	}
	e.b.WriteString(text + "\n")
}

func (e *explanation) line(format string, args ...any) {
	fmt.Fprintf(&e.b, "  "+format+"\n", args...)
}

func (e *explanation) where(c Config) {
	scheme := "http"
	if c.TLS.Enabled() {
		scheme = "https"
	}
	reach := "reachable from other machines"
	if a, problem := parseAddress(c.Listen); problem == "" && a.loopback {
		reach = "reachable from this machine only"
	}
	e.line("The API listens on %s://%s, %s.", scheme, c.Listen, reach)
	if c.TLS.Enabled() {
		e.line("Its certificate is %s, with the key %s.", c.TLS.Cert, c.TLS.Key)
	}
	e.operator(c.Operator)
	if c.Cache != "" {
		e.line("Converted CSV files are kept in %s.", c.Cache)
	}
	e.line("The log goes to standard error as %s, from level %s up.", c.Log.Format, c.Log.Level)
}

func (e *explanation) who(c Config) {
	switch {
	case c.Access.Public:
		e.line("EVERYBODY who can reach the address may query, without a key.")
	case c.Access.Bearer.Enabled():
		e.bearer(c.Access.Bearer)
	case c.Access.Keys != "":
		e.line("Callers with a key from %s, in the header X-API-Key.", c.Access.Keys)
	default:
		e.line("Callers with the key from the environment, in the header X-API-Key.")
	}
	if !c.Access.Public {
		l := c.Access.Lockout
		e.line("A client that fails %s to show one is locked out; each pause of %s gives an attempt back.", count(l.Failures, "time"), l.Pause)
	}
	e.topology(c.Topology)
	e.pages(c.CORS)
	switch c.Errors.Detail {
	case DetailRule:
		e.line("A refused query is answered with its rule and the way to mend it, whoever asks.")
	case DetailNone:
		e.line("A refused query is answered without a reason.")
	case DetailByCaller:
		if c.Access.Public {
			e.line("A refused query is answered without a reason, because there are no keys.")
		} else {
			e.line("A refused query is answered with its rule and the way to mend it.")
		}
	}
}

func (e *explanation) source(s Source, perClient int) {
	l := s.Limits
	e.line("Serves %s, read-only, under the preset %s.", s.ShownLocation(), s.Preset)
	if s.AllTables() {
		e.line("Every table may be read.")
	} else {
		e.line("Only these tables may be read: %s.", strings.Join(s.Tables, ", "))
	}
	if len(s.HiddenColumns) > 0 {
		e.line("Hidden columns: %s.", strings.Join(s.HiddenColumns, ", "))
	}
	if len(s.Functions.Deny) > 0 {
		e.line("Functions taken away: %s.", strings.Join(s.Functions.Deny, ", "))
	}
	if len(s.Functions.DangerouslyAllow) > 0 {
		e.line("Functions added beyond the reviewed list: %s.", strings.Join(s.Functions.DangerouslyAllow, ", "))
	}
	e.line("A query: at most %s of SQL, %s in the engine.", l.SQL, l.Deadline)
	e.line("An answer: at most %s, %s.", count(l.Rows, "row"), l.Bytes)
	switch cost, rows := s.Ceiling(); {
	case cost > 0 && rows > 0:
		e.line("A query whose plan is estimated above a cost of %s or %s in a step is refused before it runs.", grouped(int64(cost)), count(rows, "row"))
	case cost > 0:
		e.line("A query whose plan is estimated above a cost of %s is refused before it runs.", grouped(int64(cost)))
	case rows > 0:
		e.line("A query whose plan is estimated above %s in a step is refused before it runs.", count(rows, "row"))
	}
	if s.Postgres() {
		e.line("Each in a READ ONLY transaction of a role that may do nothing but read, on one of up to %s.", count(s.Pool.Max, "connection"))
		if !slices.Equal(s.Schemas, []string{"public"}) {
			e.line("Served are the schemas %s.", strings.Join(s.Schemas, ", "))
		}
	} else {
		e.line("%s at once, each in a process with %s of memory, %s and %s of temporary files.",
			count(l.Workers, "query", "queries"), l.Memory, count(l.Threads, "thread"), l.Temp)
		switch {
		case l.Spares > 0:
			e.line("%s beside for clients who run nothing while these are busy, the last one for short queries only.", count(l.Spares, "warm process", "warm processes"))
		case perClient >= l.Workers:
			e.line("One client's slow queries can take all of these; with limits.spares, more workers, or fewer limits.in_flight.per_client, some are left to others.")
		}
	}
	if s.Notes != "" {
		e.line("Callers can read your notes (%s).", count(len([]rune(s.Notes)), "character"))
	}
}

func (e *explanation) protections(c Config) {
	switch {
	case c.Access.Public:
		e.line("OFF  keys: access.public is true")
	case c.Access.Bearer.Enabled():
		e.line("on   tokens: a request without a valid token is refused")
	default:
		e.line("on   keys: a request without a valid key is refused")
	}
	switch {
	case c.TLS.Enabled():
		e.line("on   TLS")
	case c.Topology.terminatesTLS():
		e.line("off  TLS: plain HTTP; what stands before this server must have it")
	default:
		e.line("off  TLS: plain HTTP, on loopback only")
	}
	e.line("on   client address: no header is believed unless the peer may set it")
	e.line("on   CORS: %s", map[bool]string{true: "all pages may call, none with cookies", false: "only the pages of listed origins may call"}[len(c.CORS.Origins) == 0])
	if c.Perimeter.ReportOnly {
		e.line("OFF  rate limits: limits.report_only is true; they are only recorded")
	} else {
		e.line("on   rate limits: by client, by network and for all")
	}
	e.line("on   concurrency limits: %d at once for a client, %d for all", c.Perimeter.InFlight.PerClient, c.Perimeter.InFlight.Global)
	e.line("on   SQL rules: only queries that pass their source's preset run")
	e.line("on   read-only workers: databases are opened without the right to write")
	if c.Sandbox.Required {
		e.line("on   sandbox: required in full; without it nothing is served")
	} else {
		e.line("on   sandbox: what the kernel has of it; sandbox.required would insist on all")
	}
	if c.Memory > 0 {
		e.line("on   memory: %s for the server and all its workers", c.Memory)
	} else {
		e.line("on   memory: 80%% of what there is, for the server and all its workers")
	}
	e.line("on   uniform refusals: no error text of the engine, no path, no input comes back")
	h := c.HTTP
	e.line("on   slow clients: header %s, request %s, answer %s, idle %s",
		h.ReadHeaderTimeout, h.ReadTimeout, h.WriteTimeout, h.IdleTimeout)
	e.line("on   large requests: header %s, body %s", h.MaxHeader, h.MaxBody)
	e.line("on   clean stop: running requests get %s", h.ShutdownGrace)
}

func (e *explanation) dangerous(c Config) {
	dangers := Dangers(c)
	for _, d := range dangers {
		e.line("%s: %s", d.Path, d.Problem)
	}
	if len(dangers) == 0 {
		e.line("Nothing.")
	}
}

// count writes a number with its noun; plural is noun and "s" unless it is given.
func count(n int, noun string, plural ...string) string {
	if n != 1 {
		if len(plural) > 0 {
			noun = plural[0]
		} else {
			noun += "s"
		}
	}
	return grouped(int64(n)) + " " + noun
}

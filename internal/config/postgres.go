package config

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// postgresPattern is the form of a database's location in the JSON Schema.
const postgresPattern = `^postgres(ql)?://`

var postgresForm = regexp.MustCompile(postgresPattern)

// Postgres says whether the source is a Postgres database, and not files.
func (s Source) Postgres() bool { return postgresForm.MatchString(s.Location) }

// ShownLocation is the location for people: of a database without what may be a password.
func (s Source) ShownLocation() string {
	if s.Postgres() {
		return storeName(s.Location)
	}
	return s.Location
}

// postgresProblem says what is wrong with the URL of a database, without repeating it; empty: nothing that can be seen
// without connecting.
func postgresProblem(location string) string {
	u, err := url.Parse(location)
	switch {
	case err != nil:
		return "it is not a URL: percent-encode special characters of the password"
	case u.User.Username() == "":
		return "the URL names no role: the server's default would be yours"
	case strings.Trim(u.Path, "/") == "":
		return "the URL names no database"
	}
	return ""
}

// postgres: settings that an engine does not use would only look as if they limited something.
func (v *validator) postgres() {
	for _, s := range v.cfg.Sources {
		idle, engine := map[string]string{
			"schemas": "files have none to choose from", "limits.cost": "DuckDB's planner estimates rows only: set limits.plan_rows",
			"pool.min": "see limits.workers", "pool.max": "see limits.workers", "pool.wait": "see limits.workers",
		}, "files"
		if s.Postgres() {
			idle, engine = map[string]string{
				"limits.memory":  "the database server's own settings bound its memory; each sort has 16 MiB",
				"limits.workers": "see pool.max", "limits.spares": "see pool.max",
			}, "a Postgres database"
		}
		for leaf, instead := range idle {
			path := "sources." + s.Name + "." + leaf
			if v.cfg.Given(path) {
				v.mistake(path, "it is given, but the source is "+engine+", for which it is not used", "remove it: "+instead)
			}
		}
		if s.Pool.Min > s.Pool.Max && s.Postgres() && v.right("sources."+s.Name+".pool.") {
			v.mistake("sources."+s.Name+".pool.min", grouped(int64(s.Pool.Min))+" is more than pool.max ("+grouped(int64(s.Pool.Max))+")", "lower it, or raise the other")
		}
		for _, name := range s.Schemas {
			if strings.HasPrefix(name, "pg_") || name == "information_schema" {
				v.mistake("sources."+s.Name+".schemas", strconv.Quote(clip(name))+" is a system catalog, which is never served", "name schemas of your own")
			}
		}
	}
}

package config

import (
	"net/url"
	"regexp"
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

// postgres: settings that a database does not use would only look as if they limited something.
func (v *validator) postgres() {
	for _, s := range v.cfg.Sources {
		if !s.Postgres() {
			continue
		}
		for leaf, instead := range map[string]string{
			"memory":  "the database server's own settings bound its memory; each sort has 16 MiB",
			"workers": "a source has up to 6 connections",
		} {
			path := "sources." + s.Name + ".limits." + leaf
			if _, given := v.cfg.places[path]; given {
				v.mistake(path, "it is given, but the source is a Postgres database, which does not use it", "remove it: "+instead)
			}
		}
	}
}

package config

import (
	"regexp"
	"strings"
)

// schemePattern matches what begins like a URL (RFC 3986, 3.1) or names a database service (md:name). One letter and a
// colon is a Windows drive, not a scheme.
const schemePattern = `^([A-Za-z][A-Za-z0-9+.-]+)?:`

var scheme = regexp.MustCompile(schemePattern)

// locationProblem refuses everything that is neither a file's path nor a Postgres database. It repeats the scheme only: the rest of a URL may hold a
// password.
func locationProblem(location string) string {
	name := scheme.FindString(location)
	switch strings.ToLower(strings.TrimSuffix(name, ":")) {
	case "":
		if name != "" {
			return "a location that begins with a colon (an in-memory database) is not supported"
		}
		return ""
	case "postgres", "postgresql":
		if postgresForm.MatchString(location) {
			return postgresProblem(location)
		}
		return "a Postgres database is written postgres://role@host:port/database, in lower case"
	case "file":
		return "file: URLs are not supported: write the plain path"
	}
	return clip(name) + " locations are not supported: only files, folders and postgres:// are"
}

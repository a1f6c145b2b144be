package postgres

import (
	"fmt"
	"strings"
)

// RoleSQL is what makes a role that Open accepts: it may read the tables of
// the schemas and nothing else. A superuser runs it in the database. It sets no
// password, so that none lands in a history: \password in psql does.
func RoleSQL(role, database string, schemas []string) string {
	if len(schemas) == 0 {
		schemas = []string{"public"}
	}
	r, d := quoteName(role), quoteName(database)
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("-- Run as a superuser, connected to the database %s.", strings.ReplaceAll(d, "\n", " "))
	line("BEGIN;")
	line("CREATE ROLE %s LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;", r)
	line("-- Only a superuser can limit temporary files, so the role carries the limit.")
	line("ALTER ROLE %s SET temp_file_limit = '2GB';", r)
	line("ALTER ROLE %s SET default_transaction_read_only = on;", r)
	line("-- Clusters made before PostgreSQL 15 let everybody create in public.")
	line("REVOKE CREATE ON SCHEMA public FROM PUBLIC;")
	line("GRANT CONNECT ON DATABASE %s TO %s;", d, r)
	for _, s := range schemas {
		s = quoteName(s)
		line("GRANT USAGE ON SCHEMA %s TO %s;", s, r)
		line("GRANT SELECT ON ALL TABLES IN SCHEMA %s TO %s;", s, r)
	}
	line("-- For tables made later, by each role that makes them:")
	for _, s := range schemas {
		line("-- ALTER DEFAULT PRIVILEGES FOR ROLE their_owner IN SCHEMA %s GRANT SELECT ON TABLES TO %s;",
			strings.ReplaceAll(quoteName(s), "\n", " "), strings.ReplaceAll(r, "\n", " "))
	}
	line("COMMIT;")
	line(`-- Then give it a password: \password %s`, strings.ReplaceAll(r, "\n", " "))
	return b.String()
}

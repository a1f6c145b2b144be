package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/sallyport-dev/sallyport/internal/config"
	"github.com/sallyport-dev/sallyport/internal/engine/postgres"
)

// printRoleSQL prints, for each Postgres source, what makes the role that its
// location names. It connects to nothing.
func printRoleSQL(w *world, cfg config.Config) error {
	printed := false
	for _, s := range cfg.Sources {
		if !s.Postgres() {
			continue
		}
		u, err := url.Parse(s.Location)
		if err != nil {
			return fmt.Errorf("source %s: its location is not a URL", s.Name) // which may hold a password
		}
		if _, err := fmt.Fprintf(w.stdout, "%s\n", postgres.RoleSQL(u.User.Username(), strings.Trim(u.Path, "/"), s.Schemas)); err != nil {
			return err
		}
		printed = true
	}
	if !printed {
		return errors.New("there is no Postgres source; name one: sallyport serve postgres://role@host:5432/database --print-role-sql")
	}
	return nil
}

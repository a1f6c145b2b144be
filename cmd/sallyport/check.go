package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/duckdb"
	"github.com/sallyport-dev/sallyport/sqlguard/postgres"
)

type checkCommand struct {
	SQL     string   `arg:"" help:"The query, in quotes."`
	Tables  []string `help:"Tables that may be read, with commas between them; default: all." placeholder:"NAME"`
	Dialect string   `help:"Whose SQL it is: duckdb or postgres." enum:"duckdb,postgres" default:"duckdb"`
	Rows    int64    `help:"Row limit of the answer." default:"1000"`
	JSON    bool     `help:"Print the verdict as JSON."`
}

// Help is shown below the summary.
func (*checkCommand) Help() string {
	return `No database is needed: names of tables and columns are taken as given. The exit
code is 0 if the query may run and 1 if it is refused:

  sallyport check "SELECT origin, count(*) FROM flights GROUP BY origin"`
}

// verdict is what check prints with --json, as POST /v1/check answers.
type verdict struct {
	Allowed bool   `json:"allowed"`
	Rule    string `json:"rule,omitempty"`
	Hint    string `json:"hint,omitempty"`
	SQL     string `json:"sql,omitempty"`
}

// Run judges the query without a source: names of tables are taken as given.
func (c *checkCommand) Run(w *world) (err error) {
	if c.Rows < 1 {
		return fmt.Errorf("--rows %d: an answer has 1 row or more", c.Rows)
	}
	if len(c.Tables) == 0 {
		c.Tables = []string{"*"}
	}
	config := sqlguard.Config{Policy: sqlguard.Policy{Tables: c.Tables, MaxRows: c.Rows}}
	if c.Dialect == "postgres" {
		config.Adapter, err = postgres.Open()
	} else {
		config.Adapter, err = duckdb.Open()
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, config.Adapter.Close()) }()
	guard, err := sqlguard.New(config)
	if err != nil {
		return err
	}
	query, err := guard.Check(w.ctx, c.SQL)
	var refusal *sqlguard.Refusal
	if err != nil && !errors.As(err, &refusal) {
		return err
	}
	v := verdict{Allowed: refusal == nil, SQL: query.SQL()}
	if refusal != nil {
		v.Rule, v.Hint = string(refusal.Rule), refusal.Rule.Hint()
	}
	if err := c.print(w, v); err != nil {
		return err
	}
	if !v.Allowed {
		return errNo
	}
	return nil
}

func (c *checkCommand) print(w *world, v verdict) error {
	var err error
	switch {
	case c.JSON:
		e := json.NewEncoder(w.stdout)
		e.SetEscapeHTML(false)
		err = e.Encode(v)
	case v.Allowed:
		_, err = fmt.Fprintf(w.stdout, "allowed; this would run:\n  %s\n", v.SQL)
	default:
		_, err = fmt.Fprintf(w.stdout, "refused by %s\n  %s\n", v.Rule, v.Hint)
	}
	return err
}

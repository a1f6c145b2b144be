package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sallyport-dev/sallyport/internal/corpus"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

type checkCommand struct {
	SQL      *string  `arg:"" optional:"" help:"The query, in quotes."`
	Corpus   string   `help:"Judge the queries of a file of JSON lines instead, - for standard input." placeholder:"FILE.jsonl"`
	Schema   []string `help:"DDL of the tables that there are, of Postgres or DuckDB; may be repeated." placeholder:"FILE.sql" sep:"none"`
	Preset   string   `help:"Rules: strict or analyst, which lets joins through." enum:"strict,analyst" default:"strict"`
	Tables   []string `help:"Tables that may be read, with commas between them; default: all." placeholder:"NAME"`
	Dialect  string   `help:"Whose SQL it is: duckdb or postgres; of a corpus, where a line does not say." enum:"duckdb,postgres" default:"duckdb"`
	Rows     int64    `help:"Row limit of the answer." default:"1000"`
	Refusals int64    `help:"How many refused queries of a corpus are listed; 0: all." default:"50"`
	JSON     bool     `help:"Print the verdict as JSON; of a corpus, a line for each query."`
}

// Help is shown below the summary.
func (*checkCommand) Help() string {
	return `No database is needed. Without --schema, names of tables and columns are taken as
given. The exit code is 0 if the query may run and 1 if it is refused:

  sallyport check "SELECT origin, count(*) FROM flights GROUP BY origin"

A corpus is a log of queries, one line of JSON each: {"id","dialect","sql"}. What
would be refused is counted and listed, and the exit code is 0 once all are judged:

  sallyport check --corpus queries.jsonl --schema schema.sql --preset analyst`
}

// verdict is what check prints with --json, as POST /v1/check answers.
type verdict struct {
	Allowed bool   `json:"allowed"`
	Rule    string `json:"rule,omitempty"`
	Hint    string `json:"hint,omitempty"`
	SQL     string `json:"sql,omitempty"`
}

// Run judges one query, or those of a corpus, without a source.
func (c *checkCommand) Run(w *world) (err error) {
	switch {
	case c.SQL == nil && c.Corpus == "":
		return errors.New(`expected "<sql>", or --corpus FILE.jsonl; sallyport check --help lists its arguments and flags`)
	case c.SQL != nil && c.Corpus != "":
		return errors.New("one query or --corpus, not both")
	case c.Rows < 1:
		return fmt.Errorf("--rows %d: an answer has 1 row or more", c.Rows)
	case c.Refusals < 0:
		return fmt.Errorf("--refusals %d: 0 lists all, and less than none cannot be listed", c.Refusals)
	}
	if len(c.Tables) == 0 {
		c.Tables = []string{"*"}
	}
	config := corpus.Config{Policy: sqlguard.Policy{Tables: c.Tables, MaxRows: c.Rows}}
	if c.Preset == "analyst" {
		config.Policy.Preset = sqlguard.Analyst
	}
	if config.Schema, err = c.readSchema(w.ctx); err != nil {
		return err
	}
	judge := corpus.NewJudge(config)
	defer func() { err = errors.Join(err, judge.Close()) }()
	if c.Corpus != "" {
		return c.runCorpus(w, judge)
	}
	return c.runQuery(w, judge)
}

func (c *checkCommand) runQuery(w *world, judge *corpus.Judge) error {
	query, _, err := judge.Check(w.ctx, c.Dialect, *c.SQL)
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

package postgres

import (
	"context"
	"strings"
)

// relationsBehind are what the server reads when a name is read.
type relationsBehind struct {
	// definitions are CREATE VIEW statements: the view's own, then those of
	// the views that it uses, directly or not, in whatever schema.
	definitions []string
	// foreign is a foreign table among them.
	foreign string
}

// Each of the given relations with the views and foreign tables that reading
// it reads: itself, what a view uses, and what partitions and heirs a table
// has. A materialised view is data: its query runs when its owner refreshes it.
const behindSQL = `WITH RECURSIVE step (reader, relation) AS (
		SELECT r.ev_class, d.refobjid FROM pg_catalog.pg_rewrite r
		JOIN pg_catalog.pg_class c ON c.oid = r.ev_class AND c.relkind = 'v'
		JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
			AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> r.ev_class
		WHERE r.ev_type = '1'
		UNION SELECT i.inhparent, i.inhrelid FROM pg_catalog.pg_inherits i
	), behind (root, relation) AS (
		SELECT oid, oid FROM pg_catalog.unnest($1::pg_catalog.oid[]) oid
		UNION SELECT b.root, s.relation FROM behind b JOIN step s ON s.reader = b.relation
	)
	SELECT b.root, b.relation, c.relkind, b.relation::pg_catalog.regclass
	FROM behind b JOIN pg_catalog.pg_class c ON c.oid = b.relation WHERE c.relkind IN ('v', 'f')
	ORDER BY b.root, b.relation <> b.root, b.relation`

const definitionsSQL = `SELECT c.oid, pg_catalog.quote_ident(n.nspname), pg_catalog.quote_ident(c.relname), pg_catalog.pg_get_viewdef(c.oid)
	FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ($1::pg_catalog.oid[])`

// readBehind looks behind relations, by their numbers. Those that are tables
// and nothing else are not in the answer.
func readBehind(ctx context.Context, c *conn, oids []string) (map[string]*relationsBehind, error) {
	pairs, err := c.texts(ctx, behindSQL, "{"+strings.Join(oids, ",")+"}")
	if err != nil {
		return nil, err
	}
	var views []string
	for _, p := range pairs {
		if p[2] == "v" {
			views = append(views, p[1])
		}
	}
	rows, err := c.texts(ctx, definitionsSQL, "{"+strings.Join(views, ",")+"}")
	if err != nil {
		return nil, err
	}
	statements := map[string]string{}
	for _, row := range rows {
		statements[row[0]] = "CREATE VIEW " + row[1] + "." + row[2] + " AS " + row[3]
	}
	behind := map[string]*relationsBehind{}
	for _, p := range pairs {
		b := behind[p[0]]
		if b == nil {
			b = &relationsBehind{}
			behind[p[0]] = b
		}
		if p[2] == "f" {
			b.foreign = p[3]
		} else {
			b.definitions = append(b.definitions, statements[p[1]])
		}
	}
	return behind, nil
}

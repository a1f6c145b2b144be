package postgres

import (
	"context"
	"fmt"
	"strings"
)

// RoleError is a role that may do more than read. Its text names everything
// that is wrong; RoleSQL gives what makes a right one.
type RoleError struct {
	// Role is the role's name.
	Role string
	// Problems say what it may do, one thing each.
	Problems []string
}

// Error names every problem.
func (e *RoleError) Error() string {
	return fmt.Sprintf("postgres: the role %q may do more than read:\n  - %s\nmake another role: sallyport serve --print-role-sql",
		e.Role, strings.Join(e.Problems, "\n  - "))
}

// shown is how many objects of a kind are named.
const shown = 10

// mine are the roles that the current one is or can become: privileges that
// are not inherited are one SET ROLE away.
const mine = `WITH mine AS MATERIALIZED (SELECT r.* FROM pg_catalog.pg_roles r WHERE pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER')) `

// finding is a question about the role; every row of the answer, one text, is
// something found.
type finding struct {
	sql string
	// says begins the problem.
	says string
	// warns: it does no harm in READ ONLY transactions.
	warns bool
}

const notSystem = ` n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp%' `

// via says through which role, unless it is the role itself.
const via = ` || CASE WHEN m.rolname = current_user THEN '' ELSE ' (as ' || pg_catalog.quote_ident(m.rolname) || ')' END`

var findings = []finding{
	{says: "it is, or can become, a role with", sql: mine + `SELECT a.word` + via + ` FROM mine m,
		LATERAL (VALUES ('SUPERUSER', m.rolsuper), ('CREATEROLE', m.rolcreaterole), ('CREATEDB', m.rolcreatedb),
			('REPLICATION', m.rolreplication), ('BYPASSRLS', m.rolbypassrls)) a (word, has) WHERE a.has ORDER BY 1`},
	// A list of what is harmless, so that the roles of a new version are not.
	{says: "it is a member of", sql: mine + `SELECT m.rolname FROM mine m WHERE m.rolname LIKE 'pg\_%' AND m.rolname NOT IN
		('pg_monitor', 'pg_read_all_settings', 'pg_read_all_stats', 'pg_stat_scan_tables', 'pg_use_reserved_connections') ORDER BY 1`},
	{says: "it owns", sql: mine + `SELECT pg_catalog.pg_describe_object(d.classid, d.objid, 0)` + via + ` FROM pg_catalog.pg_shdepend d JOIN mine m ON m.oid = d.refobjid
		WHERE d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND d.deptype = 'o'
		AND d.dbid IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())) ORDER BY 1`},
	{says: "it may write to", sql: mine + `SELECT DISTINCT c.oid::pg_catalog.regclass::pg_catalog.text || ': ' || pg_catalog.array_to_string(ARRAY(
			SELECT p FROM pg_catalog.unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
			WHERE pg_catalog.has_table_privilege(m.oid, c.oid, p)
			OR p IN ('INSERT', 'UPDATE', 'REFERENCES') AND pg_catalog.has_any_column_privilege(m.oid, c.oid, p)), ', ')` + via + `
		FROM mine m, pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND` + notSystem + `
		AND (pg_catalog.has_table_privilege(m.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
			OR pg_catalog.has_any_column_privilege(m.oid, c.oid, 'INSERT, UPDATE, REFERENCES')) ORDER BY 1`},
	{says: "it may use the sequence", sql: mine + `SELECT DISTINCT c.oid::pg_catalog.regclass::pg_catalog.text` + via + `
		FROM mine m, pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'S' AND` + notSystem + `AND pg_catalog.has_sequence_privilege(m.oid, c.oid, 'USAGE, UPDATE') ORDER BY 1`},
	{says: "it may create in the schema", sql: mine + `SELECT DISTINCT pg_catalog.quote_ident(n.nspname)` + via + `
		FROM mine m, pg_catalog.pg_namespace n WHERE n.nspname NOT LIKE 'pg\_temp%' AND n.nspname NOT LIKE 'pg\_toast%'
		AND pg_catalog.has_schema_privilege(m.oid, n.oid, 'CREATE') ORDER BY 1`},
	{says: "it may create schemas in the database", sql: mine + `SELECT pg_catalog.quote_ident(pg_catalog.current_database())` + via + `
		FROM mine m WHERE pg_catalog.has_database_privilege(m.oid, pg_catalog.current_database(), 'CREATE') ORDER BY 1`},
	{says: "it may create in the tablespace", sql: mine + `SELECT pg_catalog.quote_ident(s.spcname)` + via + `
		FROM mine m, pg_catalog.pg_tablespace s WHERE s.spcname NOT IN ('pg_default', 'pg_global')
		AND pg_catalog.has_tablespace_privilege(m.oid, s.oid, 'CREATE') ORDER BY 1`},
	{says: "it may write the large object", sql: mine + `SELECT DISTINCT l.oid::pg_catalog.text` + via + ` FROM pg_catalog.pg_largeobject_metadata l,
		LATERAL pg_catalog.aclexplode(l.lomacl) a JOIN mine m ON m.oid = a.grantee OR a.grantee = 0 WHERE a.privilege_type = 'UPDATE' ORDER BY 1`},
	{says: "it may create temporary tables in the database", warns: true, sql: mine + `SELECT DISTINCT pg_catalog.quote_ident(pg_catalog.current_database())` + via + `
		FROM mine m WHERE pg_catalog.has_database_privilege(m.oid, pg_catalog.current_database(), 'TEMPORARY') ORDER BY 1`},
	{says: "it may run with its owner's rights the function", warns: true, sql: mine + `SELECT DISTINCT p.oid::pg_catalog.regprocedure::pg_catalog.text
		FROM mine m, pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
		WHERE p.prosecdef AND p.oid >= 16384 AND pg_catalog.has_schema_privilege(m.oid, n.oid, 'USAGE')
		AND pg_catalog.has_function_privilege(m.oid, p.oid, 'EXECUTE') ORDER BY 1`},
}

// alterSystem is asked from PostgreSQL 15 on.
var alterSystem = finding{says: "it may change for the whole server the parameter", sql: mine + `SELECT p.parname` + via + `
	FROM mine m, pg_catalog.pg_parameter_acl p WHERE pg_catalog.has_parameter_privilege(m.oid, p.parname, 'ALTER SYSTEM') ORDER BY 1`}

// inspectRole looks at what the role may do. The error is nil if that could be
// seen; problems is nil if the role may only read.
func inspectRole(ctx context.Context, c *conn, config Config) (problems *RoleError, warnings []string, err error) {
	facts, err := c.texts(ctx, `SELECT current_user, session_user, pg_catalog.to_regclass('pg_catalog.pg_parameter_acl') IS NOT NULL`)
	if err != nil {
		return nil, nil, err
	}
	found := &RoleError{Role: facts[0][0]}
	if facts[0][0] != facts[0][1] {
		// ALTER ROLE … SET role: RESET ROLE goes back.
		found.Problems = append(found.Problems, "it begins as another role than the one that logs in, and can go back to "+facts[0][1])
	}
	questions := findings
	if facts[0][2] == "t" {
		questions = append(questions[:len(questions):len(questions)], alterSystem)
	}
	for _, q := range questions {
		rows, err := c.texts(ctx, q.sql)
		if err != nil {
			return nil, nil, err
		}
		for i, row := range rows {
			text := q.says + " " + row[0]
			if i == shown {
				text = fmt.Sprintf("%s %d more", q.says, len(rows)-shown)
			}
			if q.warns {
				warnings = append(warnings, text)
			} else {
				found.Problems = append(found.Problems, text)
			}
			if i == shown {
				break
			}
		}
	}
	for _, s := range config.Schemas {
		rows, err := c.texts(ctx, `SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') FROM pg_catalog.pg_namespace n WHERE n.nspname = $1`, s)
		if err != nil {
			return nil, nil, err
		}
		if len(rows) == 0 {
			return nil, nil, fmt.Errorf("postgres: Schemas: the database has no schema %s", quoteName(s))
		}
		if rows[0][0] != "t" {
			warnings = append(warnings, "it cannot see the schema "+quoteName(s))
		}
	}
	if len(found.Problems) == 0 {
		found = nil
	}
	return found, warnings, nil
}

package sqlguard_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

func TestHiddenColumns(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{HiddenColumns: []string{"ssn", "Salary"}}, nil)
	judgeAll(t, g, sqlguard.RuleColumn,
		refused{
			"SELECT ssn FROM people", "SELECT SSN FROM people", "SELECT \"Ssn\" FROM people", "SELECT p.ssn FROM people p", "SELECT main.people.ssn FROM people", "SELECT salary + 1 FROM people", "SELECT 1 FROM people WHERE ssn = '1'", "SELECT 1 FROM people ORDER BY ssn", "SELECT count(*) FROM people GROUP BY ssn", "SELECT count(*) FILTER (WHERE ssn = '1') FROM people", "SELECT max(ssn) FROM people", "SELECT string_agg(name ORDER BY ssn) FROM people",
			"SELECT * FROM people", "FROM people", "TABLE people", "SELECT people.* FROM people", "SELECT * EXCLUDE (ssn) FROM people", "SELECT * REPLACE (1 AS ssn) FROM people", "SELECT people FROM people", "SELECT p FROM people p", "SELECT main.people FROM people", "SELECT to_json(people) FROM people", "SELECT row_to_json(p) FROM people p", "SELECT count(DISTINCT people) FROM people",
			"SELECT b FROM people AS p(a, b)", "SELECT x FROM (SELECT ssn AS x FROM people)", "WITH a AS (FROM people) SELECT name FROM a", "SELECT name FROM (SELECT * FROM people)", "SELECT (SELECT max(ssn) FROM people)", "SELECT name FROM people WHERE name IN (SELECT ssn FROM people)", "SELECT name FROM people UNION SELECT ssn FROM people", "SELECT name FROM people QUALIFY ssn = '1'", "SELECT {'a': ssn} FROM people", "SELECT DISTINCT ON (ssn) name FROM people", "DESCRIBE people", "SELECT (people).ssn FROM people", "SELECT struct_extract(people, 'ssn') FROM people", "SELECT people['ssn'] FROM people", "SELECT name FROM people GROUP BY people, name", "SELECT #2 FROM people",
		},
		accepted{"SELECT name FROM people", "SELECT count(*) FROM people", "SELECT 'ssn'", "SELECT * FROM (SELECT name FROM people)", "WITH a AS (SELECT name FROM people) SELECT * FROM a", "SELECT name AS n FROM people ORDER BY n", "SELECT 1 AS x, x + 1"})
}

// Columns by position cannot be told from hidden ones.
func TestColumnByPosition(t *testing.T) {
	t.Parallel()
	judgeAll(t, newGuard(t, sqlguard.Policy{}, nil), sqlguard.RuleColumn,
		refused{"SELECT #1 FROM t", "SELECT a FROM t ORDER BY #1"}, accepted{"SELECT a FROM t ORDER BY 1"})
}

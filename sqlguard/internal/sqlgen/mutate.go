package sqlgen

import (
	"slices"
	"strings"
)

// longest is the length beyond which a statement of the corpus is left alone:
// those are long to be refused for it.
const longest = 1_500

// mutated changes a statement, of the corpus or grown, in one to three places.
func (s *session) mutated() string {
	list := tokens(s.any())
	for range pick(s, 1, 1, 1, 2, 3) {
		if len(list) < 2 {
			break
		}
		if s.one(2, 1) {
			list = s.exchange(list)
		} else {
			list = s.mutate(list)
		}
	}
	return strings.Join(list, "")
}

// exchange puts a token of the same kind in the place of one, or leaves a
// bracket with what is in it out or in twice: what comes of it is often a
// statement still.
func (s *session) exchange(list []string) []string {
	i := s.rng.IntN(len(list))
	if list[i] == "(" {
		if end := closing(list, i); end > 0 {
			return pick(s, slices.Delete(slices.Clone(list), i+1, end), slices.Insert(slices.Clone(list), end, slices.Concat([]string{", "}, list[i+1:end])...),
				slices.Concat(list[:i], []string{s.bracket()}, list[end+1:]))
		}
	}
	other := s.other()
	for range 20 {
		if t := pick(s, other...); kindOf(t) == kindOf(list[i]) {
			list[i] = t
			break
		}
	}
	return list
}

// bracket is a bracket of another statement with what is in it.
func (s *session) bracket() string {
	other := s.other()
	at := s.rng.IntN(len(other))
	for k := range other {
		i := (at + k) % len(other)
		if other[i] == "(" {
			if end := closing(other, i); end > 0 {
				return strings.Join(other[i:end+1], "")
			}
		}
	}
	return "(1)"
}

// closing is where the bracket at i ends; 0 if nowhere.
func closing(list []string, i int) int {
	depth := 0
	for at := i; at < len(list); at++ {
		switch list[at] {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return at
			}
		}
	}
	return 0
}

// kindOf is the first character of a token that is no word, and what a word
// looks like.
func kindOf(token string) string {
	switch {
	case token == "":
		return ""
	case isWord(token) && words[strings.ToUpper(token)]:
		return "WORD"
	case isWord(token):
		return "name"
	case token[0] >= '0' && token[0] <= '9':
		return "0"
	case strings.Contains("+-*/%<>=", token[:1]):
		return "+"
	default:
		return token[:1]
	}
}

// words are those of the grammar that a statement is made of.
var words = map[string]bool{
	"SELECT": true, "FROM": true, "WHERE": true, "GROUP": true, "BY": true, "ORDER": true, "HAVING": true, "LIMIT": true, "AS": true, "ON": true, "JOIN": true, "LEFT": true, "RIGHT": true,
	"FULL": true, "CROSS": true, "USING": true, "AND": true, "OR": true, "NOT": true, "IN": true, "IS": true, "NULL": true, "CASE": true, "WHEN": true, "THEN": true, "ELSE": true, "END": true,
	"WITH": true, "UNION": true, "ALL": true, "EXCEPT": true, "INTERSECT": true, "DISTINCT": true, "BETWEEN": true, "LIKE": true, "EXISTS": true, "ANY": true, "CAST": true, "OVER": true,
}

// any is a statement of the corpus, or a whole one grown.
func (s *session) any() string {
	if text, found := s.real(); found {
		return text
	}
	fresh := &session{Generator: s.Generator, rng: s.rng, free: s.free}
	return fresh.spelled(fresh.statement())
}

// other is where parts come from: a statement of the corpus, or a short one.
func (s *session) other() []string {
	text, found := s.real()
	if !found {
		fresh := &session{Generator: s.Generator, rng: s.rng, free: s.free}
		text, _ = fresh.query(0, nil)
	}
	return tokens(text)
}

func (s *session) real() (string, bool) {
	if len(s.config.Corpus) == 0 || s.one(2, 1) {
		return "", false
	}
	text := pick(s, s.config.Corpus...)
	return text, text != "" && len(text) <= longest
}

func (s *session) mutate(list []string) []string {
	i, j := s.rng.IntN(len(list)), s.rng.IntN(len(list))
	switch s.rng.IntN(9) {
	case 0:
		return slices.Delete(list, i, i+1)
	case 1:
		return slices.Insert(list, i, list[i], " ")
	case 2:
		list[i], list[j] = list[j], list[i]
	case 3:
		if i > j {
			i, j = j, i
		}
		return slices.Delete(list, i, min(j, i+6))
	case 4: // the head of one and the tail of another
		other := s.other()
		return append(list[:i:i], other[s.rng.IntN(len(other)):]...)
	case 5:
		other := s.other()
		list[i] = pick(s, other...)
	case 6, 7:
		return slices.Insert(list, i, " ", s.piece(), " ")
	default: // another call instead of one
		for k := range list {
			at := (i + k) % len(list)
			if isWord(list[at]) && at+1 < len(list) && list[at+1] == "(" {
				list[at] = pick(s, calls...)
				break
			}
		}
	}
	return list
}

// piece is some tokens of another statement, or what an attack would add.
func (s *session) piece() string {
	if s.one(3, 1) {
		other := s.other()
		i := s.rng.IntN(len(other))
		return strings.Join(other[i:min(len(other), i+1+s.rng.IntN(8))], "")
	}
	return pick(s, pieces...)
}

// calls act, wait, read what is shut, or make much out of little.
var calls = []string{
	"nextval", "setval", "pg_advisory_lock", "lo_create", "lo_import", "pg_sleep", "set_config", "pg_notify", "query_to_xml", "ts_stat", "pg_read_file", "dblink_exec", "shout",
	"read_csv", "read_text", "glob", "getvariable", "duckdb_secrets", "query", "pragma_storage_info", "write_log", "currval", "txid_current", "pg_logical_emit_message", "repeat",
}

// pieces are what an attack would add to a query.
var pieces = []string{
	"nextval('numbers')", "setval('numbers', 99)", "INTO stolen", "INTO TEMP stolen", "FOR UPDATE", "FOR SHARE OF orders", "pg_advisory_lock(1)", "pg_try_advisory_lock_shared(7)",
	"COPY orders TO '/tmp/stolen'", "lo_create(0)", "lo_from_bytea(0, 'x')", "; DELETE FROM orders", "; DROP TABLE items; SELECT 1", "UNION SELECT nextval('numbers')",
	"WITH d AS (DELETE FROM items RETURNING *)", "WITH i AS (INSERT INTO orders VALUES (99) RETURNING id)", ", (INSERT INTO orders VALUES (99) RETURNING id)", "UPDATE orders SET total = 0",
	"PRAGMA threads=1", "ATTACH ':memory:' AS other", "INSTALL httpfs", "LOAD json", "SET search_path = public", "SET VARIABLE x = 1", "RESET ALL", "CREATE TABLE made AS SELECT 1",
	"CREATE TEMP TABLE made AS", "CREATE OR REPLACE MACRO upper(x) AS 1", "EXPORT DATABASE '/tmp/out'", "CALL pragma_version()", "CHECKPOINT", "VACUUM", "EXPLAIN ANALYZE",
	"SELECT pg_notify('c', 'x')", "set_config('work_mem', '64kB', false)", "shout('a')", "name |<| city", "'ok'::mood", "name OPERATOR(public.|<|) city", "(customers).shout", "extra.shout",
	"query_to_xml('SELECT nextval(''numbers'')', true, false, '')", "ts_stat('SELECT 1')", "FROM query('SELECT 1')", "FROM read_csv('/etc/passwd')", "FROM '/etc/passwd'", "pg_sleep(1)",
	"-- ", "/*", "*/", ";", "LATERAL", "RECURSIVE", "TABLESAMPLE SYSTEM (1)", "WITH ORDINALITY", "ROWS FROM (nextval('numbers'))", "VALUES (nextval('numbers'))", "RETURNING *",
	"(SELECT max(id) FROM orders)", "CROSS JOIN items", "NATURAL JOIN orders", "OR true", "AND 1=1", "::regclass", "::text", "COLLATE \"C\"", "OVER ()", "DISTINCT", "ALL", "ANY", "NULL",
	"$1", "?", "*", ".*", "orders.*", "COLUMNS(*)", "LIMIT 1", "OFFSET 1", "ORDER BY 1", "GROUP BY 1", "x -> x + 1", "lambda x: x", "EXCLUDE (id)", "current_user", "current_setting('x')",
}

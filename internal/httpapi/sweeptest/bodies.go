package sweeptest

import (
	"fmt"
	"net/http"
	"strings"
)

// post is a request with another body.
func (g target) post(what, body string, status int) badCase {
	return badCase{
		name: fmt.Sprintf("%s %s, %s: %s", g.method, g.path, what, shorten(body)), method: g.method, target: g.path,
		header: jsonType, body: body, status: status,
	}
}

func wrongBodies(g target) []badCase {
	deep := func(n int) string { return strings.Repeat("[", n) + `"` + Canary + `"` + strings.Repeat("]", n) }
	bodies := []struct{ what, body string }{
		{"empty", ""},
		{"white space", " \n\t"},
		{"no JSON", Canary},
		{"cut off", `{"sql":"SELECT ` + Canary},
		{"cut off after a member", `{"sql":"SELECT 1"`},
		{"a comma too many", `{"sql":"SELECT 1",}`},
		{"single quotes", `{'sql':'` + Canary + `'}`},
		{"a comment", `{"sql":"SELECT 1"} // ` + Canary},
		{"not an object", `"` + Canary + `"`},
		{"a list", `["` + Canary + `"]`},
		{"a number", `1`},
		{"null", `null`},
		{"trailing data", `{"sql":"SELECT 1"} {"sql":"` + Canary + `"}`},
		{"trailing bracket", `{"sql":"SELECT 1"}}`},
		{"byte order mark", "\ufeff" + goodBody},
		{"NUL at the end", goodBody + "\x00"},
		{"UTF-16", "{\x00\"\x00s\x00q\x00l\x00\"\x00:\x00\"\x00\"\x00}\x00"},
		{"not UTF-8", "{\"sql\":\"SELECT '\xff" + Canary + "'\"}"},
		{"half a character", `{"sql":"SELECT '\ud83d` + Canary + `'"}`},
		{"the other half", `{"sql":"SELECT '\ude00` + Canary + `'"}`},
		{"a raw line break in a string", "{\"sql\":\"SELECT\n1\"}"},
		{"no sql", `{}`},
		{"no sql but a source", `{"source":"` + Canary + `"}`},
		{"sql null", `{"sql":null}`},
		{"sql a number", `{"sql":1}`},
		{"sql a list", `{"sql":["` + Canary + `"]}`},
		{"sql an object", `{"sql":{"` + Canary + `":1}}`},
		{"sql in capitals", `{"SQL":"SELECT '` + Canary + `'"}`},
		{"sql twice", `{"sql":"SELECT 1","sql":"SELECT '` + Canary + `'"}`},
		{"sql twice, once escaped", `{"sql":"SELECT 1","\u0073ql":"SELECT '` + Canary + `'"}`},
		{"unknown member", `{"sql":"SELECT 1","` + Canary + `":1}`},
		{"unknown member null", `{"sql":"SELECT 1","` + Canary + `":null}`},
		{"empty member", `{"sql":"SELECT 1","":"` + Canary + `"}`},
		{"prototype", `{"sql":"SELECT 1","__proto__":{"` + Canary + `":1}}`},
		{"unknown source", `{"sql":"SELECT 1","source":"` + Canary + `"}`},
		{"source empty", `{"sql":"SELECT 1","source":""}`},
		{"source null", `{"sql":"SELECT 1","source":null}`},
		{"source a number", `{"sql":"SELECT 1","source":7}`},
		{"source a list", `{"sql":"SELECT 1","source":["` + Canary + `"]}`},
		{"deep", `{"sql":` + deep(3) + `}`},
		{"very deep", `{"sql":` + deep(9000) + `}`},
		{"deep and open", strings.Repeat(`{"sql":`, 5000)},
		{"deep beside good", `{"sql":"SELECT 1","params":` + deep(50) + `}`},
	}
	var list []badCase
	for _, b := range bodies {
		list = append(list, g.post(b.what, b.body, http.StatusForbidden))
	}
	return list
}

// wrongFormats are members that only queries have.
func wrongFormats(g target) []badCase {
	list := []badCase{}
	for _, format := range []string{`""`, `"` + Canary + `"`, `"JSON"`, `"parquet"`, `"Arrow"`, `"csv "`, `null`, `1`, `["csv"]`} {
		list = append(list, g.post("format", `{"sql":"SELECT 1","format":`+format+`}`, http.StatusForbidden))
	}
	for _, members := range []string{
		`"csv_formulas":"keep"`, `"format":"ndjson","csv_formulas":"escape"`, `"format":"csv","csv_formulas":"` + Canary + `"`, `"format":"csv","csv_formulas":true`,
		`"format":"csv","csv_formulas":null`, `"format":"csv","csv_formulas":"Escape"`, `"end_marker":true`, `"end_marker":false`, `"format":"csv","end_marker":true`,
		`"format":"arrow","end_marker":true`, `"format":"ndjson","end_marker":"true"`, `"format":"ndjson","end_marker":1`, `"format":"ndjson","end_marker":null`,
		`"format":"ndjson","end_marker":true,"end_marker":true`, `"end_marker":true,"format":"tsv"`,
	} {
		list = append(list, g.post("a member of one format", `{"sql":"SELECT 1",`+members+`}`, http.StatusForbidden))
	}
	for _, params := range []string{
		`null`, `"` + Canary + `"`, `1`, `{"` + Canary + `":1}`, `[["` + Canary + `"]]`, `[{"a":1}]`, `[1e400]`, `[18446744073709551617]`,
		`[0.12345678901234567890123]`, `[1e-400]`, `[` + strings.Repeat("1", 400) + `]`, `[` + strings.Repeat(`"`+Canary+`",`, 100) + `1]`, `[01]`, `[NaN]`, `[1,]`,
	} {
		list = append(list, g.post("params", `{"sql":"SELECT $1","params":`+params+`}`, http.StatusForbidden))
	}
	return list
}

func wrongTypes(g target) []badCase {
	var list []badCase
	for _, h := range []http.Header{
		{},
		{"Content-Type": {""}},
		{"Content-Type": {"text/plain"}},
		{"Content-Type": {"application/x-www-form-urlencoded"}},
		{"Content-Type": {"multipart/form-data; boundary=" + Canary}},
		{"Content-Type": {"application/" + Canary}},
		{"Content-Type": {"application/json; charset=" + Canary}},
		{"Content-Type": {"application/json; charset=utf-16"}},
		{"Content-Type": {"application/json; " + Canary + "=1"}},
		{"Content-Type": {"application/json;;;" + Canary}},
		{"Content-Type": {"application/json, text/plain"}},
		{"Content-Type": {"application/json", "application/json"}},
		{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}},
		{"Content-Type": {"application/json"}, "Content-Encoding": {Canary}},
	} {
		c := g.good()
		c.name, c.header = fmt.Sprintf("%s %s with %v", g.method, g.path, h), h
		list = append(list, c)
	}
	return list
}

func tooLarge(g target, limit int64) []badCase {
	var list []badCase
	for _, extra := range []int{1, 1 << 20} {
		huge := `{"sql":"SELECT '` + strings.Repeat(Canary, (int(limit)+extra)/len(Canary)) + `'"}`
		c := g.post("too large", huge, http.StatusRequestEntityTooLarge)
		list = append(list, c)
		c.name, c.chunked = c.name+" (chunked)", true
		list = append(list, c)
	}
	return list
}

// wrongSQL is for routes that answer a refused statement with a problem document.
func wrongSQL(g target, table string) []badCase {
	var list []badCase
	for _, sql := range []string{
		"", " ", ";", "SELEC " + Canary, "SELECT " + Canary + "(1)", "SELECT * FROM " + Canary, "SELECT * FROM '" + Canary + ".csv'",
		"SELECT 1 -- " + Canary, "SELECT /* " + Canary + " */ 1", "DROP TABLE " + Canary, "SELECT 1; SELECT '" + Canary + "'",
		"ATTACH '" + Canary + "'", "PRAGMA " + Canary, "SELECT getenv('" + Canary + "')", "SELECT * FROM read_text('" + Canary + "')",
		"SELECT * FROM " + table + ", " + table + " AS " + Canary, "WITH RECURSIVE " + Canary + " AS (SELECT 1) SELECT * FROM " + Canary,
		"SELECT '" + Canary + "' ORDER BY random()", "SELECT '" + strings.Repeat(Canary, 6000) + "'", "SELECT " + strings.Repeat("(", 3000) + Canary,
		"SELECT 1 LIMIT (SELECT " + Canary + ")", `SELECT 1 \u0000 ` + Canary, `SELECT 1 \u202e` + Canary,
		"SELECT " + Canary + " FROM " + table, "SELECT CAST('" + Canary + "' AS INTEGER)", "SELECT $1 AS " + Canary,
	} {
		list = append(list, g.post("sql", `{"sql":"`+sql+`"}`, http.StatusBadRequest))
	}
	for _, params := range []string{`[]`, `["` + Canary + `","` + Canary + `"]`} {
		list = append(list, g.post("number of params", `{"sql":"SELECT $1","params":`+params+`}`, http.StatusBadRequest))
	}
	return list
}

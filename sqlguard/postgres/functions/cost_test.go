package functions

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// bigArguments has one row of large values: texts of 1 MB, arrays of 100,000
// elements, numbers of 10,000 digits, documents that are long.
const bigArguments = `
CREATE TABLE big AS SELECT
	repeat('a', 1000000) AS text, repeat('"\%é', 200000) AS quoted, repeat('a', 5000) || 'b' AS needle,
	convert_to(repeat('a', 1000000), 'UTF8') AS bytes, ('1' || repeat('7', 9999))::numeric AS digits,
	array_agg(i) AS numbers, array_agg('a' || i) AS texts, ('[1' || repeat(',1', 500000) || ']')::json AS doc,
	('[1' || repeat(',1', 100000) || ']')::jsonb AS docb, ('{"a":' || repeat('[', 5000) || repeat(']', 5000) || '}')::jsonb AS nested
	FROM generate_series(1, 100000) AS g(i)`

// bySample are the arguments by the type that a function takes: large ones, and
// small ones that a number in another place may inflate.
var bySample = map[string][]string{
	"text": {"text", "quoted"}, "character varying": {"text"}, "character": {"text::bpchar"}, "bytea": {"bytes"}, "json": {"doc"}, "jsonb": {"docb", "nested"},
	"smallint": {"30000::int2"}, "integer": {"1000000", "10"}, "bigint": {"1000000::int8", "9::int8"}, "numeric": {"digits", "5998.5"}, "real": {"0.5::float4"},
	"double precision": {"0.5::float8", "170::float8"}, "boolean": {"true"}, "date": {"'2020-02-29'::date"}, "uuid": {"gen_random_uuid()"},
	"timestamp without time zone": {"'2020-02-29 12:34:56'::timestamp", "'294000-01-01'::timestamp"}, "timestamp with time zone": {"'2020-02-29 12:34:56'::timestamptz"},
	"time without time zone": {"'12:34:56'::time"}, "time with time zone": {"'12:34:56+01'::timetz"}, "interval": {"'1 month'::interval", "'1 microsecond'::interval"},
	"inet": {"'10.0.0.1/8'::inet"}, "cidr": {"'10.0.0.0/8'::cidr"}, "text[]": {"texts"},
	"anyarray": {"numbers", "texts"}, "anycompatiblearray": {"numbers"}, "anyelement": {"1", "text"}, "anycompatible": {"1"}, "anynonarray": {"text"},
	`"any"`: {"text", "texts", "numbers", "nested"}, "record": {"big"}, "anyrange": {"int4range(1, 1000000)"}, "anymultirange": {"'{[1,5),[7,9)}'::int4multirange"},
	`"char"`: {`'a'::"char"`}, "bit": {"'101'::bit(3)"}, "point": {"point(1, 2)"}, "circle": {"circle(point(1, 2), 3)"}, "box": {"box(point(1, 2), point(3, 4))"},
	"lseg": {"lseg(point(1, 2), point(3, 4))"}, "path": {"'((0,0),(1,1))'::path"}, "polygon": {"'((0,0),(1,1),(2,0))'::polygon"}, "xid": {"'1'::xid"}, "money": {"1::money"},
	"tsvector": {"'a b'::tsvector"}, "macaddr": {"'08:00:2b:01:02:03'::macaddr"},
}

// later are texts for the places after the first, where a pattern is short.
var later = []string{"needle", "''", "'a'", "'{a}'", "'day'", "'UTC'", "'YYYY-MM-DD'", "'hex'", "'NFC'"}

const patience = 10 * time.Second

// TestAllowedFunctionsAreBounded calls every allowed function of the server with
// large arguments. None may take long, nor ignore the server's deadline, nor make
// much more than it is given.
func TestAllowedFunctionsAreBounded(t *testing.T) {
	t.Parallel()
	conn := open(t)
	for _, setting := range []string{bigArguments, "SET statement_timeout = '10s'"} {
		if err := conn.ExecParams(t.Context(), setting, nil, nil, nil, nil).Read().Err; err != nil {
			t.Fatal(err)
		}
	}
	called := map[string]bool{}
	for _, row := range texts(t, conn, `SELECT proname, (SELECT string_agg(format_type(a, NULL), ';' ORDER BY i) FROM unnest(proargtypes::oid[]) WITH ORDINALITY AS u(a, i))
		FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND NOT proretset AND pronargs > 0 ORDER BY 1, 2`) {
		name, types := row[0], strings.Split(row[1], ";")
		v, judged := Judge(name)
		if !judged || !v.Allowed || v.Grammar {
			continue
		}
		for _, args := range argumentLists(v, types) {
			if callBounded(t, conn, name, args, v) {
				called[name] = true
			}
		}
	}
	if len(called) < 160 {
		t.Errorf("%d functions were called only", len(called))
	}
}

// argumentLists tries each sample in the first place, with each of the first
// ones in the others.
func argumentLists(v Verdict, types []string) [][]string {
	var lists [][]string
	for _, head := range bySample[types[0]] {
		for variant := range later {
			args := []string{head}
			isText := false
			for _, kind := range types[1:] {
				samples := bySample[kind]
				if len(samples) == 0 {
					return nil
				}
				choice := samples[variant%len(samples)]
				if kind == "text" || kind == "text[]" {
					isText = true
					if choice = later[variant]; (v.Pattern || v.Multiplying) && choice == "needle" {
						choice = "'b'"
					}
					if kind == "text[]" && !strings.HasPrefix(choice, "'{") {
						choice = "texts"
					}
				}
				args = append(args, choice)
			}
			lists = append(lists, args)
			if !isText && variant > 0 {
				break
			}
		}
	}
	return lists
}

// callBounded calls once; false: the arguments do not fit.
func callBounded(t *testing.T, conn *pgconn.PgConn, name string, args []string, v Verdict) bool {
	t.Helper()
	query := fmt.Sprintf("SELECT length((pg_catalog.%s(%s))::text), (SELECT length(concat(%s)) FROM big) FROM big", name, strings.Join(args, ", "), strings.Join(args, ", "))
	if v.Family == "powers" && len(args) == 2 {
		query = strings.ReplaceAll(query, args[1], "64")
	}
	start := time.Now()
	result := conn.ExecParams(t.Context(), query, nil, nil, nil, nil).Read()
	if took := time.Since(start); took > patience/2 {
		t.Errorf("%s took %v", query, took)
	}
	if result.Err != nil || len(result.Rows) != 1 {
		return false
	}
	var got, given int
	if _, err := fmt.Sscan(string(result.Rows[0][0])+" "+string(result.Rows[0][1]), &got, &given); err == nil && got > 64*(given+1_000) {
		t.Errorf("%s: %d characters of %d", query, got, given)
	}
	return true
}

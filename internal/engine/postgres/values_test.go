package postgres

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// The expectations are written from docs/types.md, not from what comes out.
var values = []struct{ sql, typ, json string }{
	{"NULL::int", "integer", `null`},
	{"true", "boolean", `true`},
	{"(-7)::smallint", "smallint", `-7`},
	{"2147483647", "integer", `2147483647`},
	{"9007199254740991", "bigint", `9007199254740991`},
	{"(-9223372036854775808)::bigint", "bigint", `"-9223372036854775808"`},
	{"4294967295::oid", "oid", `4294967295`},
	{"0.1::real", "real", `0.1`},
	{"1e21::float8", "double precision", `1e+21`},
	{"'NaN'::float8", "double precision", `"NaN"`},
	{"'-Infinity'::real", "real", `"-Infinity"`},
	{"'-0'::float8", "double precision", `-0`},
	{"1.50::numeric(15,2)", "numeric(15,2)", `1.50`},
	{"(-0.05)::numeric(3,2)", "numeric(3,2)", `-0.05`},
	{"9999999999999.99::numeric(15,2)", "numeric(15,2)", `9999999999999.99`},
	{"0.00000012::numeric(9,8)", "numeric(9,8)", `0.00000012`},
	{"'NaN'::numeric(5,2)", "numeric(5,2)", `"NaN"`},
	{"12345::numeric(3,-2)", "numeric(3,-2)", `12300`},
	{"0.0012::numeric(2,4)", "numeric(2,4)", `0.0012`},
	{"1.50::numeric(16,2)", "numeric(16,2)", `"1.50"`},
	{"1.50::numeric", "numeric", `"1.50"`},
	{"0::numeric", "numeric", `"0"`},
	{"(-100000000.000000001)::numeric", "numeric", `"-100000000.000000001"`},
	{"0.00001234::numeric", "numeric", `"0.00001234"`},
	{"'Infinity'::numeric", "numeric", `"Infinity"`},
	{"1e40::numeric", "numeric", `"10000000000000000000000000000000000000000"`},
	{"'a\"b\\'::text", "text", `"a\"b\\"`},
	{"''::text", "text", `""`},
	{"'ab'::varchar(5)", "character varying(5)", `"ab"`},
	{"'ab'::char(4)", "character(4)", `"ab  "`},
	{"'ab'::bpchar", "bpchar", `"ab"`},
	{"'x'::name", "name", `"x"`},
	{`'x'::"char"`, `"char"`, `"x"`},
	{"'unknown'", "text", `"unknown"`},
	{`'\x00ff10'::bytea`, "bytea", `"AP8Q"`},
	{"'2026-01-02'::date", "date", `"2026-01-02"`},
	{"'0044-03-15 BC'::date", "date", `"-000043-03-15"`},
	{"'infinity'::date", "date", `"infinity"`},
	{"'-infinity'::date", "date", `"-infinity"`},
	{"'5874897-12-31'::date", "date", `"+5874897-12-31"`},
	{"'03:04:05.5'::time", "time without time zone", `"03:04:05.5"`},
	{"'24:00'::time(3)", "time(3) without time zone", `"24:00:00"`},
	{"'03:04:05.5+02'::timetz", "time with time zone", `"03:04:05.5+02:00"`},
	{"'03:04:05-01:02:03'::timetz", "time with time zone", `"03:04:05-01:02:03"`},
	{"'2026-01-02 03:04:05.123456'::timestamp", "timestamp without time zone", `"2026-01-02T03:04:05.123456"`},
	{"'2026-01-02 03:04:05+02'::timestamptz", "timestamp with time zone", `"2026-01-02T01:04:05Z"`},
	{"'1999-12-31 23:59:59.999999'::timestamp(6)", "timestamp(6) without time zone", `"1999-12-31T23:59:59.999999"`},
	{"'infinity'::timestamptz", "timestamp with time zone", `"infinity"`},
	{"'-infinity'::timestamp", "timestamp without time zone", `"-infinity"`},
	{"interval '1 year 2 months 3 days 4 hours 5 minutes 6.7 seconds'", "interval", `"P1Y2M3DT4H5M6.7S"`},
	{"interval '0'", "interval", `"PT0S"`},
	{"interval '-1 day +00:00:01'", "interval", `"P-1DT1S"`},
	{"'F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6'::uuid", "uuid", `"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"`},
	{`'{"b": 1, "a":2}'::json`, "json", `"{\"b\": 1, \"a\":2}"`},
	{`'{"b": 1, "a":2}'::jsonb`, "jsonb", `"{\"a\": 2, \"b\": 1}"`},
	{"B'0101'", "bit", `"0101"`},
	{"''::varbit", "bit varying", `""`},
	{"'1.2.3.4'::inet", "inet", `"1.2.3.4"`},
	{"'1.2.3.4/24'::inet", "inet", `"1.2.3.4/24"`},
	{"'1.2.3.0/24'::cidr", "cidr", `"1.2.3.0/24"`},
	{"'1.2.3.4'::cidr", "cidr", `"1.2.3.4/32"`},
	{"'2001:DB8::1'::inet", "inet", `"2001:db8::1"`},
	{"'08:00:2b:01:02:03'::macaddr", "macaddr", `"08:00:2b:01:02:03"`},
	{"'08:00:2b:01:02:03:04:05'::macaddr8", "macaddr8", `"08:00:2b:01:02:03:04:05"`},
	{"ARRAY[1,NULL,3]", "integer[]", `[1,null,3]`},
	{"'{}'::text[]", "text[]", `[]`},
	{"ARRAY[[1,2],[3,4]]::bigint[]", "bigint[]", `[[1,2],[3,4]]`},
	{"'[5:6]={a,b}'::text[]", "text[]", `["a","b"]`},
	{"ARRAY[[[true],[false]]]", "boolean[]", `[[[true],[false]]]`},
	{"ARRAY[1.5,'NaN']::numeric(4,1)[]", "numeric(4,1)[]", `[1.5,"NaN"]`},
	{"ARRAY[1.5,2]::numeric[]", "numeric[]", `["1.5","2"]`},
	{"ARRAY['2026-01-02']::date[]", "date[]", `["2026-01-02"]`},
	{"ARRAY['1.2.3.4','::1']::inet[]", "inet[]", `["1.2.3.4","::1"]`},
	{"'sad'::mood", "mood", `"sad"`},
	{"ARRAY['sad','ok']::mood[]", "mood[]", `["sad","ok"]`},
	{"5::positive", "integer", `5`}, // the server names the base
	{"ARRAY[5,6]::positive[]", "integer[]", `[5,6]`},
	{"ARRAY[1.25]::price[]", "numeric(6,2)[]", `[1.25]`},
	// What has no binary format here comes as the server's text.
	{"int4range(1, 5)", "int4range", `"[1,5)"`},
	{"ARRAY[int4range(1, 5)]", "int4range[]", `"{\"[1,5)\"}"`},
	{"ROW(1, 'a b')", "record", `"(1,\"a b\")"`},
	{"(1, 'x')::pair", "pair", `"(1,x)"`},
	{"'(1,2)'::point", "point", `"(1,2)"`},
	{"12.5::money", "money", `"$12.50"`},
	{"to_tsvector('simple', 'b a')", "tsvector", `"'a':2 'b':1"`},
	{"'pg_class'::regclass", "regclass", `"pg_class"`},
	{"'$.a'::jsonpath", "jsonpath", `"$.\"a\""`},
	{"pg_catalog.pg_sleep(0)", "void", `""`},
	{"makeaclitem(10, 10, 'SELECT', false)", "aclitem", `"postgres=r/postgres"`},
	{"'a=>1'::citext", "citext", `"a=>1"`},
}

const valueTypes = `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN positive AS int CHECK (VALUE > 0);
	CREATE DOMAIN price AS numeric(6,2); CREATE TYPE pair AS (a int, b text); CREATE EXTENSION IF NOT EXISTS citext`

func TestValues(t *testing.T) {
	t.Parallel()
	b := start(t, valueTypes)
	t.Run("look as documented", func(t *testing.T) { testValues(t, b) })
	t.Run("agree with the server", func(t *testing.T) { testTexts(t, b) })
	t.Run("short decimals", func(t *testing.T) { testDecimals(t, b) })
	t.Run("formats", func(t *testing.T) { testFormats(t, b) })
	t.Run("parameters", func(t *testing.T) { testParameters(t, b) })
}

func testValues(t *testing.T, b *bench) {
	t.Helper()
	for _, v := range values {
		got := b.text(t, encode.JSON, "SELECT "+v.sql+" AS v, 1 AS one")
		const tail = `"row_count":1,"truncated":false,`
		want := `{"columns":[{"name":"v","type":` + quoteJSON(v.typ) + `},{"name":"one","type":"integer"}],"rows":[[` + v.json + `,1]],` + tail
		if len(got) < len(want) || got[:len(want)] != want {
			t.Errorf("%s:\n got %s\nwant %s", v.sql, got, want)
		}
	}
}

// Where our text is the server's own, thousands of values must agree.
func testTexts(t *testing.T, b *bench) {
	t.Helper()
	for name, sql := range map[string]string{
		"numeric":       "(random() - 0.5)::numeric * (10::numeric ^ (i % 60 - 30)::numeric)",
		"numeric whole": "trunc((random() - 0.5)::numeric * (10::numeric ^ (i % 60)::numeric))",
		"numeric scale": "round((random() - 0.5)::numeric * (10::numeric ^ (i % 20)::numeric), i % 31)",
		"inet 4":        "('0.0.0.0'::inet + (random() * 4294967295)::bigint)",
		"inet 6":        "set_masklen('::'::inet + i::bigint * i * i * (i % 3), i % 129)",
		"inet 6 far":    "('1:0:0:7::'::inet + (random() * 1e18)::bigint)",
		"bit":           "(i * 7919)::bit(23)",
		"macaddr":       "trunc(('08:00:2b:01:02:0' || i % 10)::macaddr)",
		"date":          "'1970-01-01'::date + i * 500",
		"uuid":          "gen_random_uuid()",
	} {
		// As columns and as elements of an array.
		rows := b.rows(t, "WITH s AS MATERIALIZED (SELECT i, "+sql+" v FROM generate_series(0, 3999) i) SELECT v, concat(v), ARRAY[v] FROM s ORDER BY i")
		for n, row := range decodeRows(t, rows) {
			if list, ok := row[2].([]any); !ok || row[0] != row[1] || list[0] != row[1] {
				t.Errorf("%s, row %d: %v, %v, the server says %v", name, n, row[0], row[2], row[1])
				break
			}
		}
	}
}

// A column of few digits is numbers, whose text must be the server's.
func testDecimals(t *testing.T, b *bench) {
	t.Helper()
	for _, typ := range []string{"numeric(15,0)", "numeric(15,4)", "numeric(15,7)", "numeric(15,15)", "numeric(9,9)", "numeric(5,1)", "numeric(1,12)", "numeric(10,-3)"} {
		_, scale, _ := numericModifier(modifierOf(t, typ))
		sql := "WITH s AS MATERIALIZED (SELECT ((random() - 0.5)::numeric * 10::numeric ^ (i % 12 - " + strconv.Itoa(scale) + ")::numeric) v, i FROM generate_series(0, 3999) i)," +
			" u AS MATERIALIZED (SELECT i, v::" + typ + " v FROM s WHERE abs(v) < 10::numeric ^ (" + strconv.Itoa(digitsBefore(typ)) + ")::numeric * 0.9) SELECT v, v::text FROM u"
		rows := decodeRows(t, b.rows(t, sql))
		if len(rows) < 500 {
			t.Errorf("%s: only %d values", typ, len(rows))
		}
		for n, row := range rows {
			if got, ok := row[0].(json.Number); !ok || got.String() != row[1] {
				t.Errorf("%s, row %d: %v, the server says %v", typ, n, row[0], row[1])
				break
			}
		}
	}
}

func modifierOf(t *testing.T, typ string) int32 {
	t.Helper()
	var p, s int32
	if _, err := fmt.Sscanf(typ, "numeric(%d,%d)", &p, &s); err != nil {
		t.Fatal(err)
	}
	return (p<<16 | s&0x7FF) + 4
}

func digitsBefore(typ string) int {
	var p, s int
	_, _ = fmt.Sscanf(typ, "numeric(%d,%d)", &p, &s) // the caller has read it before
	return p - s
}

func decodeRows(t *testing.T, text string) [][]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var rows [][]any
	if err := d.Decode(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

func testFormats(t *testing.T, b *bench) {
	t.Helper()
	const sql = "SELECT * FROM (VALUES (1, 'a,b', ARRAY[1,2], 1.5::numeric(4,1)), (2, NULL, NULL, 'NaN')) v (i, t, l, n)"
	for format, want := range map[encode.Format]string{
		encode.CSV:    "i,t,l,n\r\n1,\"a,b\",\"[1,2]\",1.5\r\n2,,,NaN\r\n",
		encode.TSV:    "i\tt\tl\tn\n1\ta,b\t[1,2]\t1.5\n2\t\\N\t\\N\tNaN\n",
		encode.NDJSON: "{\"i\":1,\"t\":\"a,b\",\"l\":[1,2],\"n\":\"1.5\"}\n{\"i\":2,\"t\":null,\"l\":null,\"n\":\"NaN\"}\n",
	} {
		for range 2 { // the second time with an encoder that has been used
			if got := b.text(t, format, sql); got != want {
				t.Errorf("%v:\n got %q\nwant %q", format, got, want)
			}
		}
	}
}

func testParameters(t *testing.T, b *bench) {
	t.Helper()
	const sql = "SELECT $1::int + 1, $2::text, $3::bool, $4::float8 / 2, $5::date, $6, $7::bigint"
	want := `[[42,"it's",true,-0.25,"2026-01-02",null,"9223372036854775807"]]`
	if got := b.rows(t, sql, int64(41), "it's", true, -0.5, "2026-01-02", nil, int64(math.MaxInt64)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := b.rows(t, "SELECT $1::float8, $2::float8", math.NaN(), math.Inf(-1)); got != `[["NaN","-Infinity"]]` {
		t.Error(got)
	}
	for name, params := range map[string][]any{"too few": {int64(1)}, "not a number": {"x", "", true, 1.0, "2026-01-02", nil, int64(1)}} {
		_, err := b.run(t.Context(), sql, generous, encode.JSON, io.Discard, params...)
		if wantRule(t, err, sqlguard.RuleFailed); t.Failed() {
			t.Error(name)
		}
	}
	if _, err := newWork("SELECT $1", []any{int32(1)}, encode.JSON, generous); err == nil {
		t.Error("an int32 is no parameter")
	}
}

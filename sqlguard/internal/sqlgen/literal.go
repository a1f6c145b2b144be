package sqlgen

import (
	"fmt"
	"strconv"
	"strings"
)

// texts are values that stand in the tables and values that would mean
// something outside a literal.
var texts = []string{
	"Ann", "O'Brien", "naïve \"Zoë\"", "Oslo", "new", "paid", "a", "n", "", " ", "--", "/* x */", "; DROP TABLE orders", "%", "_", "\\", "it's", "№", "E0", "2024-01-01",
	"1", "{\"a\": 1}", "$1", "?", "x'y''z", "month", "day", "yes", "\n",
}

// literal is a constant of a type.
func (s *session) literal(t Type) string {
	if s.one(25, 1) {
		return "NULL"
	}
	switch t {
	case Int:
		return pick(s, strconv.Itoa(s.rng.IntN(50)), strconv.Itoa(s.rng.IntN(4)), "0", "1", "-1", "2147483647", "1000")
	case Numeric:
		return pick(s, "0.5", "12.50", "-3.25", "1.", ".75", "1000.00", "99999999.99")
	case Float:
		return pick(s, "1e0", "2.5e-1", "-1.5E2", "0e0", "'1.5'::double precision")
	case Text:
		return s.text(pick(s, texts...))
	case Bool:
		return pick(s, "true", "false", "TRUE")
	case Date:
		return pick(s, "DATE '2024-02-29'", "date '1970-01-01'", "'2024-01-06'::date", "CAST('2023-12-31' AS date)")
	case Timestamp:
		return pick(s, "TIMESTAMP '2024-01-02 03:04:05'", "timestamp '2023-05-06 07:08:09.123'", "'2024-01-01'::timestamp")
	case Interval:
		return pick(s, "INTERVAL '1 day'", "interval '2 hours'", "'3 minutes'::interval", "INTERVAL '1' DAY")
	case JSON:
		if s.config.Postgres {
			return pick(s, `'{"a": {"b": [1]}, "s": "t"}'::jsonb`, `CAST('[1, "x", null]' AS jsonb)`)
		}
		return pick(s, `'{"a": {"b": [1]}, "s": "t"}'::JSON`, `CAST('[1, "x", null]' AS JSON)`)
	case Ints:
		if s.config.Postgres {
			return pick(s, "ARRAY[1, 2, 3]", "'{1,NULL,3}'::int[]", "ARRAY[]::integer[]")
		}
		return pick(s, "[1, 2, 3]", "[1, NULL]", "CAST([] AS INTEGER[])")
	default:
		if s.config.Postgres {
			return pick(s, "ARRAY['a', 'b''c']", "'{a,\"b c\"}'::text[]")
		}
		return pick(s, "['a', 'b''c']", "['x', NULL]")
	}
}

// text writes a text in one of the ways that the dialect has.
func (s *session) text(value string) string {
	plain := "'" + strings.ReplaceAll(value, "'", "''") + "'"
	switch s.rng.IntN(14) {
	case 0:
		return "E'" + strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`).Replace(value) + "'"
	case 1:
		return "$$" + value + "$$"
	case 2:
		return "$q1$" + value + "$q1$"
	case 3:
		if s.config.Postgres {
			var b strings.Builder
			for _, r := range value {
				fmt.Fprintf(&b, `\%04X`, r)
			}
			return "U&'" + b.String() + "'"
		}
	}
	return plain
}

package postgres_test

import (
	"context"
	"flag"
	"slices"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/guardtest"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/sqlgen"
)

// With -seed other statements are generated; -statement runs only the one of
// that number again.
var (
	seedFlag      = flag.Uint64("seed", 20_240_229, "of the generated statements")
	statementFlag = flag.Int64("statement", -1, "the only one of the generated statements to run")
)

// generated is how many statements the differential makes.
const generated = 100_000

// What the guard accepts of generated statements leaves a database that may be
// written as it was, and answers what its text asked for.
func TestGeneratedQueriesChangeNothing(t *testing.T) {
	t.Parallel()
	d, s := differential(t)
	c := sqlgen.Config{Postgres: true, Functions: scratchFunctions(t, s), Seed: *seedFlag}
	d.Generated(t, c, slices.Concat(benign(t), attacks(t)), generated, *statementFlag)
}

// The same holds for the corpora.
func TestAcceptedQueriesChangeNothing(t *testing.T) {
	t.Parallel()
	d, _ := differential(t)
	d.Corpora(t, slices.Concat(benign(t), attacks(t)))
}

func differential(t *testing.T) (guardtest.Differential, *scratch) {
	t.Helper()
	p := startServer(t)
	s, err := p.open(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return guardtest.Differential{
		Adapter: adapter, Catalog: scratchCatalog(t, s), Workers: 4,
		Open: func() (guardtest.Scratch, error) { return p.open(context.Background()) },
	}, s
}

// scratchCatalog is what a scratch database holds.
func scratchCatalog(t *testing.T, s *scratch) *sqlguard.Catalog {
	t.Helper()
	rows := s.texts(t, `SELECT concat(CASE WHEN table_schema <> 'public' THEN table_schema || '.' END, table_name, chr(31), column_name) FROM information_schema.columns
		WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY table_schema, table_name, ordinal_position`)
	return guardtest.Catalog(rows, []string{"late", "large_orders"}, []string{"shout", "louder", "my_function", "secret_function"})
}

// signatures are PostgreSQL's own of functions that return a single value and
// are called by their names.
const signatures = `SELECT concat_ws(chr(31), proname, CASE prokind WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window' ELSE 'scalar' END,
		(SELECT coalesce(string_agg(t::regtype::text, ',' ORDER BY n), '') FROM unnest(proargtypes) WITH ORDINALITY AS a (t, n)), prorettype::regtype)
	FROM pg_proc LEFT JOIN pg_aggregate ON aggfnoid = pg_proc.oid WHERE pronamespace = 'pg_catalog'::regnamespace AND NOT proretset AND provariadic = 0 AND coalesce(aggkind, 'n') = 'n'
		AND proname NOT IN ('extract', 'overlaps', 'normalize', 'timezone', 'like_escape') -- called otherwise
	ORDER BY proname, pg_proc.oid`

// ownSignatures are of what takes any number of arguments.
var ownSignatures = []string{
	"concat\x1fscalar\x1ftext,integer,date\x1ftext", "concat_ws\x1fscalar\x1ftext,text,integer\x1ftext", "nullif\x1fscalar\x1fanyelement,anyelement\x1fanyelement",
	"greatest\x1fscalar\x1fanyelement,anyelement\x1fanyelement", "least\x1fscalar\x1fanyelement,anyelement\x1fanyelement", "jsonb_build_object\x1fscalar\x1ftext,integer\x1fjsonb",
	"jsonb_build_array\x1fscalar\x1ftext,integer,date\x1fjsonb", "num_nulls\x1fscalar\x1ftext,date\x1finteger",
}

// functionTypes are PostgreSQL's types as the generator tells them apart.
var functionTypes = map[string]sqlgen.Type{
	"integer": sqlgen.Int, "bigint": sqlgen.Int, "smallint": sqlgen.Int, "numeric": sqlgen.Numeric, "double precision": sqlgen.Float, "real": sqlgen.Float, "text": sqlgen.Text,
	"character varying": sqlgen.Text, "boolean": sqlgen.Bool, "date": sqlgen.Date, "timestamp without time zone": sqlgen.Timestamp, "interval": sqlgen.Interval, "jsonb": sqlgen.JSON,
	"integer[]": sqlgen.Ints, "bigint[]": sqlgen.Ints, "text[]": sqlgen.Texts, "\"any\"": sqlgen.Int,
}

// genericTypes are the types that stand for any.
var genericTypes = map[string]bool{
	"anyelement": true, "anyarray": true, "anynonarray": true, "anycompatible": true, "anycompatiblearray": true, "anycompatiblenonarray": true,
}

func scratchFunctions(t *testing.T, s *scratch) []sqlgen.Function {
	t.Helper()
	list := guardtest.Functions(adapter, slices.Concat(s.texts(t, signatures), ownSignatures), functionTypes, genericTypes)
	if len(list) < 300 {
		t.Fatalf("only %d functions", len(list))
	}
	return list
}

// texts are the rows of a query of one column of text.
func (s *scratch) texts(t *testing.T, sql string) []string {
	t.Helper()
	result := s.conn.ExecParams(t.Context(), sql, nil, nil, nil, nil).Read()
	if result.Err != nil {
		t.Fatal(result.Err)
	}
	list := make([]string, 0, len(result.Rows))
	for _, row := range result.Rows {
		list = append(list, string(row[0]))
	}
	return list
}

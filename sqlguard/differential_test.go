package sqlguard_test

import (
	"bytes"
	"flag"
	"os"
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
	c := sqlgen.Config{Functions: scratchFunctions(t, s), Seed: *seedFlag}
	d.Generated(t, c, slices.Concat(benign(t), attacks(t)), generated, *statementFlag)
}

// The same holds for the corpora, byte for byte.
func TestAcceptedQueriesChangeNothing(t *testing.T) {
	t.Parallel()
	d, _ := differential(t)
	d.Workers = 1 // one file
	var path string
	var before []byte
	d.Open = func() (guardtest.Scratch, error) {
		s, err := makeScratch(t.TempDir())
		if err != nil {
			return nil, err
		}
		path = s.path
		s.Close()
		if before, err = os.ReadFile(path); err != nil {
			return nil, err
		}
		err = s.open()
		return s, err
	}
	d.Corpora(t, slices.Concat(benign(t), attacks(t)))
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file's bytes have changed: %v", err)
	}
}

func differential(t *testing.T) (guardtest.Differential, *scratch) {
	t.Helper()
	s := openScratch(t)
	return guardtest.Differential{
		Adapter: adapter, Catalog: scratchCatalog(t, s), Workers: 3,
		Open: func() (guardtest.Scratch, error) { return makeScratch(t.TempDir()) },
	}, s
}

// scratchCatalog is what a scratch database holds.
func scratchCatalog(t *testing.T, s *scratch) *sqlguard.Catalog {
	t.Helper()
	rows, err := s.run(`SELECT concat_ws(chr(31), concat(CASE WHEN schema_name <> 'main' THEN schema_name || '.' END, table_name), column_name) FROM duckdb_columns()
		WHERE NOT internal ORDER BY schema_name, table_name, column_index`, nil)
	if err != nil {
		t.Fatal(err)
	}
	return guardtest.Catalog(rows, []string{"late", "large_orders"}, []string{"shout"})
}

// signatures are DuckDB's own of functions that take and return single values,
// and what its catalog does not have.
const signatures = `SELECT DISTINCT concat_ws(chr(31), function_name, function_type, array_to_string(parameter_types, ','), return_type) FROM duckdb_functions()
	WHERE function_type IN ('scalar', 'aggregate') AND regexp_matches(function_name, '^[a-z_0-9]+$') ORDER BY ALL`

// ownSignatures are of what takes any number of arguments, and of what needs
// OVER.
var ownSignatures = []string{
	"concat\x1fscalar\x1fVARCHAR,BIGINT\x1fVARCHAR", "concat_ws\x1fscalar\x1fVARCHAR,VARCHAR,DATE\x1fVARCHAR", "nullif\x1fscalar\x1fT,T\x1fT", "greatest\x1fscalar\x1fT,T,T\x1fT",
	"least\x1fscalar\x1fT,T\x1fT", "if\x1fscalar\x1fBOOLEAN,T,T\x1fT",
	"row_number\x1fwindow\x1f\x1fBIGINT", "rank\x1fwindow\x1f\x1fBIGINT", "dense_rank\x1fwindow\x1f\x1fBIGINT", "percent_rank\x1fwindow\x1f\x1fDOUBLE", "cume_dist\x1fwindow\x1f\x1fDOUBLE",
	"ntile\x1fwindow\x1fBIGINT\x1fBIGINT", "lag\x1fwindow\x1fT\x1fT", "lead\x1fwindow\x1fT,BIGINT\x1fT", "first_value\x1fwindow\x1fT\x1fT", "last_value\x1fwindow\x1fT\x1fT", "nth_value\x1fwindow\x1fT,BIGINT\x1fT",
}

// functionTypes are DuckDB's types as the generator tells them apart.
var functionTypes = map[string]sqlgen.Type{
	"INTEGER": sqlgen.Int, "BIGINT": sqlgen.Int, "SMALLINT": sqlgen.Int, "HUGEINT": sqlgen.Int, "UBIGINT": sqlgen.Int, "UINTEGER": sqlgen.Int, "DECIMAL": sqlgen.Numeric,
	"DOUBLE": sqlgen.Float, "FLOAT": sqlgen.Float, "VARCHAR": sqlgen.Text, "BOOLEAN": sqlgen.Bool, "DATE": sqlgen.Date, "TIMESTAMP": sqlgen.Timestamp, "INTERVAL": sqlgen.Interval, "JSON": sqlgen.JSON,
	"BIGINT[]": sqlgen.Ints, "INTEGER[]": sqlgen.Ints, "VARCHAR[]": sqlgen.Texts,
}

// genericTypes are the types that stand for any.
var genericTypes = map[string]bool{"T": true, "ANY": true, "T[]": true, "ANY[]": true}

func scratchFunctions(t *testing.T, s *scratch) []sqlgen.Function {
	t.Helper()
	rows, err := s.run(signatures, nil)
	if err != nil {
		t.Fatal(err)
	}
	list := guardtest.Functions(adapter, slices.Concat(rows, ownSignatures), functionTypes, genericTypes)
	if len(list) < 400 {
		t.Fatalf("only %d functions", len(list))
	}
	return list
}

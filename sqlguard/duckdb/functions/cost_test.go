package functions

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Bounds that every allowed scalar function must keep on the worst arguments
// tried here.
const (
	slowest = 10 * time.Second
	// widest is how many times longer than its arguments, all written as
	// text, a result may be; a number of a few digits may give a text of slack
	// bytes.
	widest = 64
	slack  = 4096
)

// overload is one signature of a scalar function.
type overload struct {
	name    string
	types   []string
	varargs string
}

func overloads(t *testing.T, db *sql.DB) []overload {
	t.Helper()
	var all []overload
	for _, row := range texts(t, db, `
		SELECT DISTINCT lower(function_name), to_json(parameter_types)::VARCHAR, coalesce(varargs, '')
		FROM duckdb_functions() WHERE function_type = 'scalar' ORDER BY ALL`) {
		o := overload{name: row[0], varargs: row[2]}
		if err := json.Unmarshal([]byte(row[1]), &o.types); err != nil {
			t.Fatalf("%s: %v", row[0], err)
		}
		all = append(all, o)
		if o.varargs != "" {
			for more := range 2 {
				o.types = append(slices.Clone(o.types), slices.Repeat([]string{o.varargs}, more+1)...)
				all = append(all, o)
			}
		}
	}
	// Macros have no types; those that aggregate a list take just that.
	for _, row := range texts(t, db, `
		SELECT DISTINCT lower(function_name) FROM duckdb_functions()
		WHERE function_type = 'macro' AND function_name LIKE 'list\_%' ESCAPE '\' AND len(parameters) = 1 ORDER BY ALL`) {
		all = append(all, overload{name: row[0], types: []string{"ANY[]"}})
	}
	return all
}

// attempts are the argument lists to try, in groups: one group for each sample
// of the first place and each size of number, and in it the texts for the
// other places, of which the first that DuckDB takes is enough.
func (o overload) attempts(v Verdict) [][][]string {
	all := [][][]string{}
	for _, form := range forms[o.name] {
		all = append(all, [][]string{form})
	}
	if len(o.types) == 0 {
		return append(all, [][]string{{}})
	}
	first := samples[o.types[0]]
	if o.types[0] == "VARCHAR" && strings.Contains(v.Family, "JSON") {
		first = []string{"document::VARCHAR", "nested::VARCHAR", "quoted"}
	}
	texts := furtherTexts
	if v.Pattern {
		// Patterns as long as this are what the trait is for.
		texts = slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return s == "needle" })
	}
	for _, sample := range first {
		var large [][]string
		for alternative := range 2 {
			var group [][]string
			for _, text := range texts {
				args, known := o.fill(sample, text, alternative)
				if known && !slices.ContainsFunc(group, func(w []string) bool { return slices.Equal(w, args) }) {
					group = append(group, args)
				}
			}
			if alternative == 0 {
				large = group
			}
			if len(group) > 0 && (alternative == 0 || !slices.Equal(group[0], large[0])) {
				all = append(all, group)
			}
		}
	}
	return all
}

// fill fills the places after the first; false says that there is no sample
// of some type.
func (o overload) fill(sample, text string, alternative int) ([]string, bool) {
	args := []string{sample}
	for _, typ := range o.types[1:] {
		fits := samples[typ]
		switch {
		case typ == "VARCHAR":
			args = append(args, text)
		case typ == "ANY" && strings.HasSuffix(o.types[0], "[]"), typ == "T":
			args = append(args, []string{elementOf(sample), "1000000"}[alternative])
		case typ == o.types[0]:
			args = append(args, sample)
		case len(fits) == 0:
			return nil, false
		default:
			args = append(args, fits[min(alternative, len(fits)-1)])
		}
	}
	return args, true
}

// elementOf is a value like those in a sample list.
func elementOf(sample string) string {
	switch sample {
	case "texts":
		return "'a'"
	case "lists":
		return "[1::BIGINT, 1]"
	default:
		return "1"
	}
}

// call writes the call; operators are called by name too.
func (o overload) call(args []string) string {
	return fmt.Sprintf("%q(%s)", o.name, strings.Join(args, ", "))
}

// errTooMuch is what is wrong with a call that is not bounded.
var errTooMuch = errors.New("too much")

// meter measures calls.
type meter struct {
	db    *sql.DB
	sizes map[string]int64 // of samples, as text
}

func newMeter(t *testing.T) *meter {
	t.Helper()
	m := &meter{db: open(t), sizes: map[string]int64{}}
	for _, statement := range []string{arguments, "SET memory_limit = '1GB'", "SET threads = 1", "SET max_temp_directory_size = '0B'"} {
		if _, err := m.db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// size is the length in bytes of an expression's value as text.
func (m *meter) size(ctx context.Context, expression string) (int64, error) {
	var size sql.NullInt64
	err := m.db.QueryRowContext(ctx, "SELECT strlen(("+expression+")::VARCHAR) FROM arguments").Scan(&size)
	return size.Int64, err
}

// measure runs a call: errTooMuch when it is slow, long or out of memory, and
// DuckDB's error when that refuses the arguments.
func (m *meter) measure(ctx context.Context, v Verdict, o overload, args []string) error {
	var input int64
	for _, arg := range args {
		size, known := m.sizes[arg]
		if !known {
			var err error
			_, value, labelled := strings.Cut(arg, " := ")
			if !labelled {
				value = arg
			}
			if size, err = m.size(ctx, value); err != nil {
				return fmt.Errorf("argument %s: %w", arg, err)
			}
			m.sizes[arg] = size
		}
		input += size
	}
	limited, cancel := context.WithTimeout(ctx, slowest)
	defer cancel()
	begin := time.Now()
	output, err := m.size(limited, o.call(args))
	elapsed := time.Since(begin)
	most := widest*input + slack
	if v.Growing && v.Factor > 0 {
		most = int64(v.Factor)*input + slack
	}
	switch {
	case elapsed >= slowest || errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: ran for %v", errTooMuch, elapsed)
	case err != nil && strings.Contains(err.Error(), "Out of Memory"):
		return fmt.Errorf("%w: %w", errTooMuch, err)
	case err != nil:
		return err
	case output > most && (!v.Growing || v.Factor > 0):
		return fmt.Errorf("%w: %d bytes of %d", errTooMuch, output, input)
	}
	return nil
}

// judge tries an overload with every sample and reports what is too much;
// measured says that one call at least has run.
func (m *meter) judge(ctx context.Context, v Verdict, o overload) (measured bool, err error) {
	for _, group := range o.attempts(v) {
		for _, args := range group {
			tried := m.measure(ctx, v, o, args)
			if errors.Is(tried, errTooMuch) {
				return true, fmt.Errorf("%s: %w", o.call(args), tried)
			}
			if tried == nil {
				measured = true
				break // the others only replace texts that DuckDB refuses
			}
		}
	}
	return measured, nil
}

// TestAllowedFunctionsAreBounded calls every allowed scalar function, and every
// macro that aggregates a list, with large arguments.
func TestAllowedFunctionsAreBounded(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	measured := map[string]bool{}
	for _, o := range overloads(t, m.db) {
		v, judged := Judge(o.name)
		if !judged || !v.Allowed {
			continue
		}
		began := time.Now()
		done, err := m.judge(t.Context(), v, o)
		if err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > time.Second {
			t.Logf("%s(%s) took %v", o.name, strings.Join(o.types, ", "), took)
		}
		measured[o.name] = measured[o.name] || done
	}
	// Without this a mistake in the arguments would let the test pass on
	// DuckDB's errors alone.
	for name, done := range measured {
		if !done {
			t.Errorf("%s has not been measured: DuckDB refused all arguments", name)
		}
	}
	if len(measured) < 300 {
		t.Errorf("%d functions measured only", len(measured))
	}
}

// TestCostTestFindsBombs makes sure that the measuring would find a function
// that was wrongly allowed.
func TestCostTestFindsBombs(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	wrong := Verdict{Allowed: true}
	found := map[string]bool{"repeat": false, "lpad": false, "rpad": false, "list_resize": false, "range": false, "bitstring": false}
	for _, o := range overloads(t, m.db) {
		if _, bomb := found[o.name]; bomb && !found[o.name] {
			_, err := m.judge(t.Context(), wrong, o)
			found[o.name] = errors.Is(err, errTooMuch)
		}
	}
	for name, detected := range found {
		if !detected {
			t.Errorf("%s passes as bounded", name)
		}
	}
	deep := overload{name: "json_pretty", types: []string{"JSON"}}
	if _, err := m.judge(t.Context(), wrong, deep); !errors.Is(err, errTooMuch) {
		t.Errorf("json_pretty passes as bounded: %v", err)
	}
}

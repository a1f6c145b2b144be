package duckdb

import (
	"fmt"
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard/duckdb/functions"
)

// refuseImplicit refuses a file whose macros take the place of functions of
// DuckDB's own. A macro of such a name in the file is called instead, also
// where no guard sees the name: the binder calls struct_extract for a.b and
// first for DISTINCT ON, and the macros that DuckDB comes with call others by
// their plain names, as split_part does string_split and SHOW TABLES does
// in_search_path. Which they are differs from one version to the next, so that
// no name of a built-in function may be taken.
func refuseImplicit(macros []string) error {
	var taken []string
	for _, name := range macros {
		if _, builtIn := functions.Judge(name); builtIn {
			taken = append(taken, name)
		}
	}
	if len(taken) > 0 {
		return fmt.Errorf("the file defines macros with the names of DuckDB's own functions (%s); "+
			"queries could call them unseen: drop or rename them", strings.Join(taken, ", "))
	}
	return nil
}

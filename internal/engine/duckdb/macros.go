package duckdb

import (
	"fmt"
	"slices"
	"strings"
)

// implicit are the functions that DuckDB's binder calls by itself, without
// their names in the query: struct_extract for a.b, struct_pack for a whole
// row, first for DISTINCT ON. A macro of such a name in the file would be
// called instead, where no guard can see it.
var implicit = []string{
	"array_extract", "array_slice", "array_value", "combine", "constant_or_null", "count", "count_star", "element_at", "error", "first",
	"json_extract", "json_extract_path", "json_extract_path_text", "json_extract_string", "last", "list_extract", "list_element",
	"list_slice", "list_value", "map", "map_extract", "map_extract_value", "min", "max", "row", "struct_extract", "struct_extract_at",
	"struct_pack", "union_extract", "union_tag", "unnest", "variant_extract",
}

// refuseImplicit refuses a file whose macros take the place of such functions.
func refuseImplicit(macros []string) error {
	var taken []string
	for _, name := range macros {
		if slices.Contains(implicit, name) {
			taken = append(taken, name)
		}
	}
	if len(taken) > 0 {
		return fmt.Errorf("the file defines macros with the names of functions that DuckDB calls by itself (%s); "+
			"every query could call them unseen: drop or rename them", strings.Join(taken, ", "))
	}
	return nil
}

package duckdb

import (
	"strings"
	"unicode"
)

// expression is what DuckDB calls the default of a column. That of a generated
// column is computed whenever the column is read, any other never.
type expression struct{ column, typ, text string }

// generatedAs stands before the expression of each generated column in the
// CREATE TABLE statement that DuckDB writes.
const generatedAs = "GENERATED ALWAYS AS("

// maxComputed ends a statement, in bytes. It is more than a judge reads.
const maxComputed = 1 << 20

// computed is a CREATE VIEW statement whose columns are the generated columns
// of a table, empty if it has none. What judges views can so judge the table.
func computed(sql string, defaults []expression) string {
	marks := strings.Count(sql, generatedAs)
	if marks == 0 {
		return ""
	}
	var list []expression
	for _, e := range defaults {
		if e.isGenerated(sql) {
			list = append(list, e)
		}
	}
	if len(list) < marks {
		// The words may stand in a text; but which are not, is not ours to say.
		list = defaults
	}
	// A name counts for what it stands for only after it has been given. As
	// many times over as there are columns, each has been.
	passes := 1
	if refersForward(list) {
		passes = len(list)
	}
	var b strings.Builder
	b.WriteString("CREATE VIEW computed AS SELECT ")
	for i := range passes * len(list) {
		if b.Len() > maxComputed {
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		e := list[i%len(list)]
		b.WriteString(e.text + " AS " + quoteName(e.column))
	}
	return b.String() + ";"
}

// isGenerated reports whether the statement has the expression, which is cast
// to the column's type, as that of a generated column.
func (e expression) isGenerated(sql string) bool {
	inner, isCast := strings.CutPrefix(e.text, "CAST(")
	inner, isSo := strings.CutSuffix(inner, " AS "+e.typ+")")
	return isCast && isSo && strings.Contains(sql, generatedAs+inner+")")
}

// refersForward reports whether an expression may name a column further on: it
// has every word of that name.
func refersForward(list []expression) bool {
	seen := map[string]bool{} // words of the expressions so far
	for _, e := range list {
		known := true
		for _, word := range words(e.column) {
			known = known && seen[word]
		}
		if known && len(seen) > 0 {
			return true
		}
		for _, word := range words(e.text) {
			seen[word] = true
		}
	}
	return false
}

func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

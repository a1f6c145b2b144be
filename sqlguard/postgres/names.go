package postgres

// plainName reports whether an identifier may be written without quotes:
// small letters, digits and underscores, and no keyword. PostgreSQL folds
// capital letters, so they need quotes.
func plainName(name string) bool { return plainWord(name) && !keywords[name] }

// plainWord is plainName for a place where keywords are names, as after a dot.
func plainWord(name string) bool {
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// nodeKind is the kind of a node as a string that lives already, so that not
// every node of every statement makes a new one.
func nodeKind(key []byte) string {
	if kind, known := nodeKinds[string(key)]; known {
		return kind
	}
	return string(key)
}

// nodeKinds are the kinds that statements often have. One that is missing here
// costs an allocation, nothing else.
var nodeKinds = func() map[string]string {
	set := map[string]string{}
	for _, kind := range []string{
		"SelectStmt", "ResTarget", "ColumnRef", "String", "RangeVar", "A_Expr", "A_Const", "BoolExpr", "FuncCall", "TypeCast", "Integer", "SortBy",
		"CommonTableExpr", "SubLink", "RangeSubselect", "CaseExpr", "CaseWhen", "CoalesceExpr", "NullTest", "BooleanTest", "List", "A_Star", "ParamRef",
		"RowExpr", "SQLValueFunction", "MinMaxExpr", "A_ArrayExpr", "A_Indirection", "A_Indices", "JoinExpr", "GroupingSet",
	} {
		set[kind] = kind
	}
	return set
}()

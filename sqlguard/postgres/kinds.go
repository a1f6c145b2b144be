package postgres

import "github.com/sallyport-dev/sallyport/sqlguard/internal/tree"

// Operators that only PostgreSQL has, beside those of package tree. The rules
// know nothing of them but that their arguments are expressions.
const (
	opTrue  tree.OpKind = "TRUE"
	opFalse tree.OpKind = "FALSE"
	// opSimpleCase is CASE operand WHEN value THEN result …: the operand, then
	// pairs, then the result of ELSE if there is one. The other form is a
	// tree.Case; writing this one as the other would copy the operand.
	opSimpleCase tree.OpKind = "CASE"
	opSymmetric  tree.OpKind = "BETWEEN SYMMETRIC"
	opIsTrue     tree.OpKind = "IS TRUE"
	opIsNotTrue  tree.OpKind = "IS NOT TRUE"
	opIsFalse    tree.OpKind = "IS FALSE"
	opIsNotFalse tree.OpKind = "IS NOT FALSE"
	opIsUnknown  tree.OpKind = "IS UNKNOWN"
	opIsKnown    tree.OpKind = "IS NOT UNKNOWN"
)

// quantified are the operators over the elements of an array: a = ANY (b).
var quantified = func() map[tree.OpKind]bool {
	set := map[tree.OpKind]bool{}
	for op := range quantifiable {
		set[quantify(op, "ANY")], set[quantify(op, "ALL")] = true, true
	}
	return set
}()

// quantifiable may stand before ANY and ALL; true: with patterns.
var quantifiable = map[string]bool{
	"=": false, "<>": false, "<": false, "<=": false, ">": false, ">=": false,
	"~~": true, "!~~": true, "~~*": true, "!~~*": true,
}

func quantify(op, word string) tree.OpKind { return tree.OpKind(op + " " + word) }

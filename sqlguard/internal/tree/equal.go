package tree

import "slices"

// Equal reports whether two statements are the same in every node and every
// field, as reflect.DeepEqual does at many times the cost. A test changes each
// field of each node and compares the two.
func Equal(a, b *Statement) bool {
	return a.Kind == b.Kind && a.Params == b.Params && equalQuery(a.Query, b.Query)
}

// EqualExpr reports whether two expressions are the same in every node.
func EqualExpr(a, b Expr) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case *Aliased:
		b, ok := b.(*Aliased)
		return ok && equalAliased(a, b)
	case *Column:
		b, ok := b.(*Column)
		return ok && equalTexts(a.Path, b.Path)
	case *Star:
		b, ok := b.(*Star)
		return ok && equalStar(a, b)
	case *Literal:
		b, ok := b.(*Literal)
		return ok && *a == *b
	case *Param:
		b, ok := b.(*Param)
		return ok && *a == *b
	case *Call:
		b, ok := b.(*Call)
		return ok && equalCall(a, b)
	case *Window:
		b, ok := b.(*Window)
		return ok && equalWindow(a, b)
	case *Compare:
		b, ok := b.(*Compare)
		return ok && a.Op == b.Op && EqualExpr(a.Left, b.Left) && EqualExpr(a.Right, b.Right)
	case *Logic:
		b, ok := b.(*Logic)
		return ok && a.Op == b.Op && equalExprs(a.Args, b.Args)
	case *Op:
		b, ok := b.(*Op)
		return ok && a.Kind == b.Kind && equalExprs(a.Args, b.Args)
	case *Between:
		b, ok := b.(*Between)
		return ok && EqualExpr(a.Expr, b.Expr) && EqualExpr(a.Lower, b.Lower) && EqualExpr(a.Upper, b.Upper)
	case *Case:
		b, ok := b.(*Case)
		return ok && equalLists(a.Whens, b.Whens, equalWhen) && EqualExpr(a.Else, b.Else)
	case *Cast:
		b, ok := b.(*Cast)
		return ok && a.Try == b.Try && EqualExpr(a.Expr, b.Expr) && equalType(&a.Type, &b.Type)
	case *Collate:
		b, ok := b.(*Collate)
		return ok && a.Collation == b.Collation && EqualExpr(a.Expr, b.Expr)
	case *SubqueryExpr:
		b, ok := b.(*SubqueryExpr)
		return ok && a.Kind == b.Kind && a.Op == b.Op && EqualExpr(a.Child, b.Child) && equalQuery(a.Query, b.Query)
	case *Lambda:
		b, ok := b.(*Lambda)
		return ok && equalTexts(a.Params, b.Params) && EqualExpr(a.Body, b.Body)
	default:
		return false // not known here, so not known to be the same
	}
}

func equalQuery(a, b *Query) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.LimitPercent == b.LimitPercent &&
		equalLists(a.CTEs, b.CTEs, equalCTE) && equalBody(a.Body, b.Body) && equalDistinct(a.Distinct, b.Distinct) &&
		equalLists(a.OrderBy, b.OrderBy, equalOrder) && EqualExpr(a.Limit, b.Limit) && EqualExpr(a.Offset, b.Offset)
}

func equalCTE(a, b *CTE) bool {
	return a.Name == b.Name && a.Recursive == b.Recursive && equalTexts(a.Columns, b.Columns) && equalQuery(a.Query, b.Query)
}

func equalBody(a, b Body) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case *Select:
		b, ok := b.(*Select)
		return ok && equalSelect(a, b)
	case *Values:
		b, ok := b.(*Values)
		return ok && equalLists(a.Rows, b.Rows, func(a, b *[]Expr) bool { return equalExprs(*a, *b) })
	case *SetOp:
		b, ok := b.(*SetOp)
		return ok && a.Op == b.Op && a.All == b.All && a.ByName == b.ByName && equalQuery(a.Left, b.Left) && equalQuery(a.Right, b.Right)
	default:
		return false
	}
}

func equalSelect(a, b *Select) bool {
	return equalExprs(a.Items, b.Items) && equalSource(a.From, b.From) && EqualExpr(a.Where, b.Where) &&
		equalGroups(&a.Groups, &b.Groups) && EqualExpr(a.Having, b.Having) && EqualExpr(a.Qualify, b.Qualify) && equalSample(a.Sample, b.Sample)
}

func equalGroups(a, b *Groups) bool {
	return a.All == b.All && equalExprs(a.Exprs, b.Exprs) &&
		equalLists(a.Sets, b.Sets, func(a, b *[]int) bool { return (*a == nil) == (*b == nil) && slices.Equal(*a, *b) })
}

func equalDistinct(a, b *Distinct) bool {
	if a == nil || b == nil {
		return a == b
	}
	return equalExprs(a.On, b.On)
}

func equalSample(a, b *Sample) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func equalSource(a, b Source) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case *Table:
		b, ok := b.(*Table)
		return ok && a.Catalog == b.Catalog && a.Schema == b.Schema && a.Name == b.Name && a.Alias == b.Alias &&
			equalTexts(a.Columns, b.Columns) && equalSample(a.Sample, b.Sample)
	case *Subquery:
		b, ok := b.(*Subquery)
		return ok && a.Alias == b.Alias && equalTexts(a.Columns, b.Columns) && equalSample(a.Sample, b.Sample) && equalQuery(a.Query, b.Query)
	case *TableFunction:
		b, ok := b.(*TableFunction)
		return ok && a.Alias == b.Alias && a.Ordinality == b.Ordinality &&
			equalTexts(a.Columns, b.Columns) && equalSample(a.Sample, b.Sample) && equalCall(a.Call, b.Call)
	case *Join:
		b, ok := b.(*Join)
		return ok && a.Kind == b.Kind && a.Natural == b.Natural && a.AsOf == b.AsOf && equalTexts(a.Using, b.Using) &&
			equalSource(a.Left, b.Left) && equalSource(a.Right, b.Right) && EqualExpr(a.On, b.On)
	default:
		return false
	}
}

func equalCall(a, b *Call) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Catalog == b.Catalog && a.Schema == b.Schema && a.Name == b.Name && a.Operator == b.Operator && a.Distinct == b.Distinct &&
		equalLists(a.Args, b.Args, equalArg) && EqualExpr(a.Filter, b.Filter) && equalLists(a.OrderBy, b.OrderBy, equalOrder)
}

func equalWindow(a, b *Window) bool {
	return a.IgnoreNulls == b.IgnoreNulls && a.Exclude == b.Exclude && equalCall(&a.Call, &b.Call) &&
		equalExprs(a.Partition, b.Partition) && equalLists(a.Order, b.Order, equalOrder) && equalBound(&a.Start, &b.Start) && equalBound(&a.End, &b.End)
}

func equalBound(a, b *Bound) bool {
	return a.Unit == b.Unit && a.Kind == b.Kind && EqualExpr(a.Offset, b.Offset)
}

func equalStar(a, b *Star) bool {
	return a.Relation == b.Relation && a.Columns == b.Columns && equalTexts(a.Exclude, b.Exclude) &&
		equalLists(a.Replace, b.Replace, equalAliased) && equalLists(a.Rename, b.Rename, func(a, b *Rename) bool { return *a == *b })
}

func equalType(a, b *Type) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Name == b.Name && a.Size == b.Size && equalTexts(a.Modifiers, b.Modifiers) &&
		equalType(a.Elem, b.Elem) && equalLists(a.Fields, b.Fields, equalField)
}

func equalField(a, b *Field) bool { return a.Name == b.Name && equalType(&a.Type, &b.Type) }

func equalAliased(a, b *Aliased) bool { return a.Alias == b.Alias && EqualExpr(a.Expr, b.Expr) }

func equalArg(a, b *Arg) bool { return a.Name == b.Name && EqualExpr(a.Expr, b.Expr) }

func equalOrder(a, b *Order) bool {
	return a.Direction == b.Direction && a.Nulls == b.Nulls && EqualExpr(a.Expr, b.Expr)
}

func equalWhen(a, b *When) bool { return EqualExpr(a.Cond, b.Cond) && EqualExpr(a.Then, b.Then) }

func equalTexts(a, b []string) bool { return (a == nil) == (b == nil) && slices.Equal(a, b) }

func equalExprs(a, b []Expr) bool {
	if len(a) != len(b) || (a == nil) != (b == nil) {
		return false
	}
	for i := range a {
		if !EqualExpr(a[i], b[i]) {
			return false
		}
	}
	return true
}

// equalLists compares element by element; a list that is absent is not an
// empty one.
func equalLists[T any](a, b []T, equal func(a, b *T) bool) bool {
	if len(a) != len(b) || (a == nil) != (b == nil) {
		return false
	}
	for i := range a {
		if !equal(&a[i], &b[i]) {
			return false
		}
	}
	return true
}

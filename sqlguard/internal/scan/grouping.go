package scan

// groupingKind says how the members of a bracket multiply the grouping sets
// around it.
type groupingKind uint8

const (
	plain  groupingKind = iota
	cube                // every subset of the members
	rollup              // every beginning of the list of members
	sets                // each member
)

// groupingAt is the kind of the bracket that opens at a token. Quoted, "cube"
// is the name of a function and multiplies nothing.
func groupingAt(tokens []Token, i int) groupingKind {
	if tokens[i].Kind != Operator || tokens[i].Text != "(" || i == 0 {
		return plain
	}
	switch before := tokens[i-1]; {
	case before.Is("CUBE"):
		return cube
	case before.Is("ROLLUP"):
		return rollup
	case before.Is("SETS") && i > 1 && tokens[i-2].Is("GROUPING"):
		return sets
	}
	return plain
}

// grouping counts the grouping sets of a bracket, or of the statement around
// them all. It counts too many where it cannot tell, never too few.
type grouping struct {
	kind    groupingKind
	query   bool // GROUP BY stands in it: it is a query of its own
	product int  // of the members since the last comma, or since GROUP BY
	sum     int  // of the members before
	members int  // commas
}

// groupBy begins a GROUP BY; with a set operation a bracket may hold several.
func (g *grouping) groupBy() { g.query, g.product, g.sum, g.members = true, 1, 0, 0 }

// item ends a member.
func (g *grouping) item() {
	g.members++
	if g.kind == sets {
		g.sum, g.product = clamp(g.sum+g.product), 1
	}
}

// sets is what the bracket comes to.
func (g *grouping) sets() int {
	switch g.kind {
	case cube:
		return clamp(g.product << min(g.members+1, 30))
	case rollup:
		return clamp(g.product * (g.members + 2))
	case sets:
		return clamp(g.sum + g.product)
	default:
		return g.product
	}
}

// multiply takes in what a bracket inside came to, unless that is a query.
func (g *grouping) multiply(inner grouping) {
	if !inner.query {
		g.product = clamp(g.product * inner.sets())
	}
}

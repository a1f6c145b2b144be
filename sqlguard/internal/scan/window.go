package scan

// afterWindow are words that end the clause WINDOW and are reserved, so that no
// window is called so.
var afterWindow = WordSet("ORDER", "LIMIT", "OFFSET", "FETCH", "FOR", "UNION", "INTERSECT", "EXCEPT", "USING")

// windowClauses counts what named windows come to.
type windowClauses struct {
	depth  int // of the brackets around the clause that is open; 0: none is
	size   int // the tokens of all clauses
	uses   int
	nested bool // a clause within a clause, whose windows multiply
}

// token takes the token at i, which stands in so many brackets, counted from 1.
func (w *windowClauses) token(tokens []Token, i, depth int) {
	t := tokens[i]
	if t.Is("OVER") {
		w.uses++
	}
	opens := t.Is("WINDOW")
	if w.depth == 0 {
		if opens {
			w.depth = depth
		}
		return
	}
	// A bracket that closes is still counted as open.
	if depth == w.depth && (t.In(afterWindow) || t.Kind == Operator && t.Text == ")") {
		w.depth = 0
		return
	}
	w.nested = w.nested || opens
	w.size = clamp(w.size + t.weight())
}

func (w *windowClauses) total() int {
	if w.nested {
		return clamp(1 << 30)
	}
	return clamp(w.size * w.uses)
}

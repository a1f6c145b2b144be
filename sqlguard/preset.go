package sqlguard

// bounds are what a preset says beyond the rules that hold under each.
type bounds struct {
	// indented counts a run of blanks in the statement's length as one: tools
	// that indent make twice as much of a text. Its bytes are at most
	// MaxMaxLength all the same.
	indented bool
	// joins lets a SELECT read several sources if equalities tie them.
	joins bool
	// windows lets window functions be called.
	windows bool
	// computedOrder lets ORDER BY hold CASE and arithmetic.
	computedOrder bool
	// series lets FROM hold generate_series with literal bounds.
	series bool
	// depth counts SELECTs nested in one another; a CTE counts where it is
	// read, so that a chain of them is as deep as the same query written
	// without them.
	depth int
	// width counts the SELECTs of the statement outside its CTEs, those of
	// each CTE, and the CTEs.
	width int
	// reads counts the sources of all SELECTs, those of a CTE once for each
	// time that it is read.
	reads int
}

// boundsOf is what a preset says. Those of strict are the checklist's (2.4,
// layers 10 and 11, and 2.4b); those of analyst leave room above what
// analysts write, see the corpora of the tests.
func boundsOf(p Preset) bounds {
	if p == Analyst {
		return bounds{
			indented: true, joins: true, windows: true, computedOrder: true, series: true,
			depth: 12, width: 32, reads: 128,
		}
	}
	return bounds{depth: 3, width: 3, reads: 64}
}

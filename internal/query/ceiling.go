package query

import (
	"errors"
	"fmt"
	"math"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// Ceiling bounds what the planner may expect of a query. A zero is no ceiling.
type Ceiling struct {
	Rows float64 // of any node of the plan
	Cost float64 // of the whole plan, in the planner's unit
}

// set reports whether there is anything to ask the planner for.
func (c Ceiling) set() bool { return c != Ceiling{} }

func (c Ceiling) validate() error {
	for _, v := range []float64{c.Rows, c.Cost} {
		if !(v >= 0 && v <= math.MaxFloat64) {
			return errors.New("a ceiling must be a positive number, or zero for none")
		}
	}
	return nil
}

// judge refuses a query that is expected to pass a ceiling.
func (c Ceiling) judge(found engine.Estimate) error {
	switch {
	case above(found.Rows, c.Rows):
		return sqlguard.Refuse(sqlguard.RuleCost, fmt.Errorf("the planner expects %.3g rows, the ceiling is %.3g", found.Rows, c.Rows))
	case above(found.Cost, c.Cost):
		return sqlguard.Refuse(sqlguard.RuleCost, fmt.Errorf("the planner expects a cost of %.3g, the ceiling is %.3g", found.Cost, c.Cost))
	default:
		return nil
	}
}

// above is true of every figure that is not known to be within the ceiling:
// also of NaN and of what no planner says.
func above(figure, ceiling float64) bool {
	return ceiling != 0 && !(figure >= 0 && figure <= ceiling)
}

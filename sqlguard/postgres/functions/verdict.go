package functions

import (
	_ "embed" // functions.tsv and families.tsv
	"sync"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/verdict"
)

// Verdict is the judgement on one function. The zero Verdict denies.
type Verdict = verdict.Verdict

// form is what the lists may say of PostgreSQL's functions.
var form = verdict.Form{
	Kinds: map[string]verdict.Kind{
		"scalar": {Expression: true}, "window": {Expression: true}, "operator": {Expression: true}, "later": {Expression: true},
		"aggregate": {Expression: true, Mark: func(v *Verdict) { v.Aggregate = true }},
		"grammar":   {Expression: true, Mark: func(v *Verdict) { v.Grammar = true }},
		"extension": {Mark: func(v *Verdict) { v.Extension = true }},
		"set":       {}, "procedure": {},
	},
	Traits: []string{"growing", "multiplying", "gathering", "pattern"},
}

//go:embed functions.tsv
var functionsTSV string

//go:embed families.tsv
var familiesTSV string

var verdicts = sync.OnceValues(func() (map[string]Verdict, error) {
	return parse(functionsTSV, familiesTSV)
})

func parse(functionList, familyList string) (map[string]Verdict, error) {
	return verdict.Parse(functionList, familyList, form)
}

// Judge is the verdict on the function or operator of that name, in any case;
// false means that nobody has judged it. When Load fails nothing is judged.
func Judge(name string) (Verdict, bool) {
	table, err := verdicts()
	if err != nil {
		return Verdict{}, false
	}
	v, judged := table[verdict.Lower(name)]
	return v, judged
}

// Load reads the embedded lists, which the first Judge does otherwise, and
// reports every mistake in them.
func Load() error {
	_, err := verdicts()
	return err
}

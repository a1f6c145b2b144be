package functions

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	allow = "allow"
	deny  = "deny"
	none  = "-"
)

// Columns of functions.tsv.
const (
	columnName = iota
	columnKind
	columnVerdict
	columnRule
	columnFamily
	columnTraits
	columns
)

type family struct{ verdict, reason string }

// parse reads both lists and reports all that is wrong with them.
func parse(functionList, familyList string) (map[string]Verdict, error) {
	families, errs := parseFamilies(familyList)
	table := make(map[string]Verdict, strings.Count(functionList, "\n"))
	used := make(map[string]bool, len(families))
	previous := ""
	for number, line := range lines(functionList) {
		name, v, err := parseFunction(line, families)
		switch {
		case err != nil:
		case name <= previous:
			err = fmt.Errorf("%q does not sort after %q", name, previous)
		default:
			previous, table[name], used[v.Family] = name, v, true
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("functions.tsv line %d: %w", number, err))
		}
	}
	for name := range families {
		if !used[name] {
			errs = append(errs, fmt.Errorf("families.tsv: no function is of family %q", name))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return table, nil
}

func parseFamilies(list string) (map[string]family, []error) {
	var errs []error
	families := make(map[string]family, strings.Count(list, "\n"))
	for number, line := range lines(list) {
		name, rest, _ := strings.Cut(line, "\t")
		verdict, reason, _ := strings.Cut(rest, "\t")
		_, twice := families[name]
		if twice || name == "" || verdict != allow && verdict != deny || !strings.HasSuffix(reason, ".") || strings.Contains(reason, "\t") {
			errs = append(errs, fmt.Errorf("families.tsv line %d: want a new family, allow or deny, and a sentence", number))
		}
		families[name] = family{verdict: verdict, reason: reason}
	}
	return families, errs
}

func parseFunction(line string, families map[string]family) (string, Verdict, error) {
	var field [columns]string
	rest, more := line, true
	for i := range field {
		if !more {
			return "", Verdict{}, fmt.Errorf("%d columns, want %d", i, columns)
		}
		field[i], rest, more = strings.Cut(rest, "\t")
		if field[i] == "" {
			return "", Verdict{}, fmt.Errorf("column %d is empty", i+1)
		}
	}
	if more {
		return "", Verdict{}, fmt.Errorf("more than %d columns", columns)
	}
	name := field[columnName]
	if name != strings.ToLower(name) {
		return "", Verdict{}, fmt.Errorf("%q is not in lower case", name)
	}
	group, known := families[field[columnFamily]]
	if !known {
		return "", Verdict{}, fmt.Errorf("%q: no family %q", name, field[columnFamily])
	}
	if group.verdict != field[columnVerdict] {
		return "", Verdict{}, fmt.Errorf("%q: verdict %q, its family's is %q", name, field[columnVerdict], group.verdict)
	}
	v := Verdict{Allowed: group.verdict == allow, Family: field[columnFamily], Reason: group.reason}
	err := errors.Join(v.setRule(field[columnRule]), v.setKind(field[columnKind]), v.setTraits(field[columnTraits]))
	if err != nil {
		return "", Verdict{}, fmt.Errorf("%q: %w", name, err)
	}
	return name, v, nil
}

func (v *Verdict) setRule(rule string) error {
	switch rule {
	case none:
		if !v.Allowed {
			return errors.New("denied without a rule")
		}
		return nil
	case "sql.function", "sql.generator", "sql.catalog", "sql.file_source":
		if v.Allowed {
			return fmt.Errorf("allowed, yet refused by %s", rule)
		}
		v.Rule = rule
		return nil
	default:
		return fmt.Errorf("unknown rule %q", rule)
	}
}

// setKind takes from the kinds what callers need, and refuses to allow what
// has no use as an expression.
func (v *Verdict) setKind(kinds string) error {
	expression := false
	for kind := range strings.SplitSeq(kinds, ",") {
		switch kind {
		case "aggregate":
			v.Aggregate, expression = true, true
		case "grammar":
			v.Grammar, expression = true, true
		case "extension":
			v.Extension = true
		case "scalar", "window", "operator", "later":
			expression = true
		case "set", "procedure":
		default:
			return fmt.Errorf("unknown kind %q", kind)
		}
	}
	if v.Allowed && !expression {
		return fmt.Errorf("allowed, but a %s is no expression", kinds)
	}
	return nil
}

func (v *Verdict) setTraits(traits string) error {
	if traits == none {
		return nil
	}
	if !v.Allowed {
		return errors.New("traits on what is denied")
	}
	for trait := range strings.SplitSeq(traits, ",") {
		name, number, numbered := strings.Cut(trait, ":")
		n := 0
		if numbered {
			var err error
			if n, err = strconv.Atoi(number); err != nil || n < 2 {
				return fmt.Errorf("trait %q: want a factor of 2 or more", trait)
			}
		}
		switch {
		case name == "growing":
			v.Growing, v.Factor = true, n
		case name == "multiplying" && !numbered:
			v.Multiplying = true
		case name == "gathering" && !numbered:
			v.Gathering = true
		case name == "pattern" && !numbered:
			v.Pattern = true
		default:
			return fmt.Errorf("unknown trait %q", trait)
		}
	}
	if v.Multiplying && (!v.Growing || v.Factor > 0) {
		return errors.New("multiplying, but not growing by its arguments")
	}
	if v.Gathering && !v.Aggregate {
		return errors.New("gathering, but no aggregate")
	}
	return nil
}

// lines yields the numbered lines of a list that are not comments.
func lines(list string) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		number := 0
		for line := range strings.Lines(list) {
			number++
			if strings.HasPrefix(line, "# ") {
				continue
			}
			if !yield(number, strings.TrimSuffix(line, "\n")) {
				return
			}
		}
	}
}

package verdict

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	allow = "allow"
	deny  = "deny"
	none  = "-"
)

// The columns of functions.tsv.
const (
	ColumnName = iota
	ColumnKind
	ColumnVerdict
	ColumnRule
	ColumnFamily
	ColumnTraits
	columns
)

type family struct{ verdict, reason string }

// Parse reads both lists and reports all that is wrong with them.
func Parse(functionList, familyList string, f Form) (map[string]Verdict, error) {
	families, errs := parseFamilies(familyList)
	table := make(map[string]Verdict, strings.Count(functionList, "\n"))
	used := make(map[string]bool, len(families))
	previous := ""
	for number, line := range Lines(functionList) {
		name, v, err := f.parseFunction(line, families)
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
	for number, line := range Lines(list) {
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

func (f Form) parseFunction(line string, families map[string]family) (string, Verdict, error) {
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
	name := field[ColumnName]
	if name != strings.ToLower(name) {
		return "", Verdict{}, fmt.Errorf("%q is not in lower case", name)
	}
	group, known := families[field[ColumnFamily]]
	if !known {
		return "", Verdict{}, fmt.Errorf("%q: no family %q", name, field[ColumnFamily])
	}
	if group.verdict != field[ColumnVerdict] {
		return "", Verdict{}, fmt.Errorf("%q: verdict %q, its family's is %q", name, field[ColumnVerdict], group.verdict)
	}
	v := Verdict{Allowed: group.verdict == allow, Family: field[ColumnFamily], Reason: group.reason}
	err := errors.Join(v.setRule(field[ColumnRule]), f.setKind(&v, field[ColumnKind]), f.setTraits(&v, field[ColumnTraits]))
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
func (f Form) setKind(v *Verdict, kinds string) error {
	expression := false
	for name := range strings.SplitSeq(kinds, ",") {
		kind, known := f.Kinds[name]
		if !known {
			return fmt.Errorf("unknown kind %q", name)
		}
		expression = expression || kind.Expression
		if kind.Mark != nil {
			kind.Mark(v)
		}
	}
	if v.Allowed && !expression {
		return fmt.Errorf("allowed, but a %s is no expression", kinds)
	}
	return nil
}

func (f Form) setTraits(v *Verdict, traits string) error {
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
		case !slices.Contains(f.Traits, name):
			return fmt.Errorf("unknown trait %q", trait)
		case name == "growing":
			v.Growing, v.Factor = true, n
		case name == "copying" && numbered:
			v.Copies = n
		case name == "multiplying" && !numbered:
			v.Multiplying = true
		case name == "aggregate" && !numbered:
			v.Aggregate = true
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

// Lines yields the numbered lines of a list that are not comments.
func Lines(list string) func(yield func(int, string) bool) {
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

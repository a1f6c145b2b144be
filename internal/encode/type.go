package encode

import (
	"errors"
	"fmt"
)

// TimeUnit is the unit of a Time, Timestamp or TimestampTZ. Its zero value is no unit.
type TimeUnit uint8

// The units.
const (
	Second TimeUnit = iota + 1
	Millisecond
	Microsecond
	Nanosecond
)

// Type describes the values of a column or of a part of one.
type Type struct {
	// Kind is required.
	Kind Kind
	// Name is how the engine spells the type, such as "DECIMAL(18,3)" or "INTEGER[]". Clients see
	// the names of columns' types; those of parts are not used.
	Name string
	// Width is a Decimal's number of digits, 1 to 38.
	Width uint8
	// Scale is how many of a Decimal's digits stand after the point, 0 to Width.
	Scale uint8
	// Unit is required for Time, Timestamp and TimestampTZ.
	Unit TimeUnit
	// Elem is the type of the elements of a List or Array.
	Elem *Type
	// Size is the number of elements in each row of an Array, at least 1.
	Size int
	// Fields are the fields of a Struct or the members of a Union, at least one, or the key and
	// the value of a Map, exactly two.
	Fields []Field
}

// Field is a named part of a type. The names within a Map are not used.
type Field struct {
	Name string
	Type *Type
}

// Column is one column of a result. Names may be empty and may repeat, as they do in SQL.
type Column struct {
	Name string
	Type *Type
}

// Bounds of a type: far above what an engine makes of a query of a few kilobytes, and low enough
// that no type can exhaust the stack or the memory here. They also end a type that contains itself.
const (
	maxTypeDepth = 128
	maxTypeNodes = 1 << 16
)

var (
	errTooDeep = fmt.Errorf("the type is nested deeper than %d", maxTypeDepth)
	errTooWide = fmt.Errorf("the types have more than %d parts", maxTypeNodes)
)

// check reports everything wrong with t. left is how many more parts may be looked at.
func (t *Type) check(depth int, left *int) error {
	if depth > maxTypeDepth {
		return errTooDeep
	}
	if *left--; *left < 0 {
		return errTooWide
	}
	if t == nil {
		return errors.New("the type is missing")
	}
	switch t.Kind {
	case Decimal:
		if t.Width < 1 || t.Width > 38 || t.Scale > t.Width {
			return fmt.Errorf("a decimal cannot have width %d and scale %d", t.Width, t.Scale)
		}
	case Time, Timestamp, TimestampTZ:
		if t.Unit < Second || t.Unit > Nanosecond {
			return fmt.Errorf("%q needs a time unit", t.Name)
		}
	case Array:
		if t.Size < 1 {
			return fmt.Errorf("an array cannot have size %d", t.Size)
		}
		return t.Elem.check(depth+1, left)
	case List:
		return t.Elem.check(depth+1, left)
	case Map:
		if len(t.Fields) != 2 {
			return fmt.Errorf("a map needs a key and a value, not %d fields", len(t.Fields))
		}
		return t.checkFields(depth, left)
	case Union:
		if n := len(t.Fields); n < 1 || n > 256 {
			return fmt.Errorf("a union cannot have %d members", n)
		}
		return t.checkFields(depth, left)
	case Struct:
		if len(t.Fields) < 1 {
			return errors.New("a struct needs a field")
		}
		return t.checkFields(depth, left)
	default:
		if t.Kind < Bool || t.Kind > Null {
			return fmt.Errorf("%q has no kind known here (%d)", t.Name, t.Kind)
		}
	}
	return nil
}

func (t *Type) checkFields(depth int, left *int) error {
	var errs []error
	for i := range t.Fields {
		err := t.Fields[i].Type.check(depth+1, left)
		if errors.Is(err, errTooWide) || errors.Is(err, errTooDeep) {
			return err // once is enough: every further field would say the same
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

package tree

import (
	"fmt"
	"reflect"
	"testing"
)

// implementations are the types behind the interfaces of the tree.
var implementations = map[reflect.Type][]reflect.Type{
	reflect.TypeFor[Expr](): {
		reflect.TypeFor[*Aliased](), reflect.TypeFor[*Column](), reflect.TypeFor[*Star](), reflect.TypeFor[*Literal](), reflect.TypeFor[*Param](), reflect.TypeFor[*Call](), reflect.TypeFor[*Window](), reflect.TypeFor[*Compare](), reflect.TypeFor[*Logic](), reflect.TypeFor[*Op](), reflect.TypeFor[*Between](), reflect.TypeFor[*Case](), reflect.TypeFor[*Cast](), reflect.TypeFor[*Collate](), reflect.TypeFor[*SubqueryExpr](), reflect.TypeFor[*Lambda](),
	},
	reflect.TypeFor[Body]():   {reflect.TypeFor[*Select](), reflect.TypeFor[*Values](), reflect.TypeFor[*SetOp]()},
	reflect.TypeFor[Source](): {reflect.TypeFor[*Table](), reflect.TypeFor[*Subquery](), reflect.TypeFor[*TableFunction](), reflect.TypeFor[*Join]()},
}

// maker makes values that differ in one field each, and notes which fields do.
type maker struct{ varied map[string]bool }

// variants are some values of a type, no two of which are equal: its zero, and
// for each of its fields, of the types behind it and of what it holds, one that
// differs from the zero in nothing else. Nested values end at a depth.
func (m *maker) variants(t reflect.Type, depth int) []reflect.Value {
	list := []reflect.Value{reflect.Zero(t)}
	if depth == 0 {
		return list
	}
	put := func(change func(v reflect.Value)) {
		v := reflect.New(t).Elem()
		change(v)
		list = append(list, v)
	}
	switch t.Kind() {
	case reflect.String:
		put(func(v reflect.Value) { v.SetString("x") })
	case reflect.Bool:
		put(func(v reflect.Value) { v.SetBool(true) })
	case reflect.Int:
		put(func(v reflect.Value) { v.SetInt(1) })
	case reflect.Uint8:
		put(func(v reflect.Value) { v.SetUint(1) })
	case reflect.Pointer:
		for _, to := range m.variants(t.Elem(), depth-1) {
			put(func(v reflect.Value) { v.Set(reflect.New(t.Elem())); v.Elem().Set(to) })
		}
	case reflect.Interface:
		for _, by := range implementations[t] {
			for _, is := range m.variants(by, depth-1) {
				if !is.IsNil() {
					put(func(v reflect.Value) { v.Set(is) })
				}
			}
		}
	case reflect.Slice:
		put(func(v reflect.Value) { v.Set(reflect.MakeSlice(t, 0, 0)) })
		for _, of := range m.variants(t.Elem(), depth-1) {
			put(func(v reflect.Value) { v.Set(reflect.Append(v, of)) })
			put(func(v reflect.Value) { v.Set(reflect.Append(v, reflect.Zero(t.Elem()), of)) })
		}
	case reflect.Struct:
		for i := range t.NumField() {
			field := t.String() + "." + t.Field(i).Name
			if _, seen := m.varied[field]; !seen {
				m.varied[field] = false
			}
			for _, is := range m.variants(t.Field(i).Type, depth-1)[1:] {
				m.varied[field] = true
				put(func(v reflect.Value) { v.Field(i).Set(is) })
			}
		}
	default:
		panic(fmt.Sprintf("no variants of %v", t))
	}
	return list
}

// TestEqual compares all values that differ in one field, of every node there is,
// with each other and with themselves made again. A field that is new is among
// them.
func TestEqual(t *testing.T) {
	t.Parallel()
	m := &maker{varied: map[string]bool{}}
	compare := func(of reflect.Type, depth int, equal func(a, b reflect.Value) bool) {
		values, again := m.variants(of, depth), m.variants(of, depth)
		for i, a := range values {
			for k, b := range again {
				if a.Kind() == reflect.Pointer && (a.IsNil() || b.IsNil()) {
					continue
				}
				if got := equal(a, b); got != (i == k) {
					t.Errorf("%#v and %#v: equal is %v, to reflection it is %v", a, b, got, reflect.DeepEqual(a.Interface(), b.Interface()))
				}
			}
		}
	}
	compare(reflect.TypeFor[Statement](), 6, func(a, b reflect.Value) bool {
		return Equal(as[*Statement](pointer(a)), as[*Statement](pointer(b)))
	})
	for of, types := range implementations {
		for _, implementation := range types {
			compare(implementation, 7, func(a, b reflect.Value) bool { return equalNodes(of, a, b) })
		}
	}
	for field, varied := range m.varied {
		if !varied {
			t.Errorf("no two values differ in %s", field)
		}
	}
	if len(m.varied) < 80 {
		t.Errorf("%d fields only", len(m.varied))
	}
}

// as is the value as a T, which the caller knows it to be.
func as[T any](v reflect.Value) T { return v.Convert(reflect.TypeFor[T]()).Interface().(T) } //nolint:errcheck,forcetypeassert // a panic fails the test

func pointer(v reflect.Value) reflect.Value {
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return p
}

func equalNodes(of reflect.Type, a, b reflect.Value) bool {
	switch of {
	case reflect.TypeFor[Expr]():
		return EqualExpr(as[Expr](a), as[Expr](b))
	case reflect.TypeFor[Body]():
		return equalBody(as[Body](a), as[Body](b))
	default:
		return equalSource(as[Source](a), as[Source](b))
	}
}

// TestEqualKnowsEveryNode fails where a node is new and not among those that the
// tests here make.
func TestEqualKnowsEveryNode(t *testing.T) {
	t.Parallel()
	for of, types := range implementations {
		for _, a := range types {
			for _, b := range types {
				if equalNodes(of, reflect.New(a.Elem()), reflect.New(b.Elem())) != (a == b) {
					t.Errorf("%v and %v", a, b)
				}
			}
		}
	}
}

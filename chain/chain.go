package chain

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
)

// Wrapper is a piece of middleware: it returns a handler that does its own
// part and then calls next, or does not. Every protection of this module is one.
type Wrapper interface {
	Wrap(next http.Handler) http.Handler
}

// Func makes a [Wrapper] of a function in the usual middleware form.
type Func func(next http.Handler) http.Handler

// Wrap calls f.
func (f Func) Wrap(next http.Handler) http.Handler { return f(next) }

// Chain is an ordered list of wrappers. It is immutable and safe for
// concurrent use. The zero value is empty and wraps nothing.
type Chain struct {
	wrappers []Wrapper
}

// New returns a chain of the wrappers, the first being the outermost. It
// panics if one of them is nil.
func New(wrappers ...Wrapper) Chain {
	return Chain{}.Append(wrappers...)
}

// Append returns a new chain with the wrappers added at the inner end. c
// itself stays as it is. It panics if one of the wrappers is nil.
func (c Chain) Append(wrappers ...Wrapper) Chain {
	for i, w := range wrappers {
		if isNil(w) {
			panic(fmt.Sprintf("chain: wrapper %d (%T) is nil; was an error of its constructor ignored?", i, w))
		}
	}
	// Concat copies: two chains grown from the same one never share an array.
	return Chain{wrappers: slices.Concat(c.wrappers, wrappers)}
}

// Then returns h inside the chain. It panics if h is nil, or if a wrapper
// makes nil of it.
func (c Chain) Then(h http.Handler) http.Handler {
	if isNil(h) {
		panic(fmt.Sprintf("chain: the handler (%T) is nil", h))
	}
	for i, w := range slices.Backward(c.wrappers) {
		if h = w.Wrap(h); isNil(h) {
			panic(fmt.Sprintf("chain: wrapper %d (%T) returned a nil handler", i, w))
		}
	}
	return h
}

// Wrap is [Chain.Then] under the name that makes a chain a [Wrapper], so that
// a chain can be part of another.
func (c Chain) Wrap(next http.Handler) http.Handler { return c.Then(next) }

// isNil also finds what hides in an interface: a nil pointer, as left by a
// constructor that failed, or a nil function.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	switch rv := reflect.ValueOf(v); rv.Kind() {
	case reflect.Pointer, reflect.Func:
		return rv.IsNil()
	default:
		return false
	}
}

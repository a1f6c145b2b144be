package chain_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/chain"
)

// mark appends its name on the way in and, in upper case, on the way out.
func mark(name string, trace *[]string) chain.Wrapper {
	return chain.Func(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			*trace = append(*trace, name)
			next.ServeHTTP(w, r)
			*trace = append(*trace, strings.ToUpper(name))
		})
	})
}

func visit(t *testing.T, c chain.Chain, trace *[]string) string {
	t.Helper()
	*trace = nil
	h := c.Then(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { *trace = append(*trace, "handler") }))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
	return strings.Join(*trace, " ")
}

func TestOrder(t *testing.T) {
	t.Parallel()
	var trace []string
	a, b, c := mark("a", &trace), mark("b", &trace), mark("c", &trace)
	tests := []struct {
		name  string
		chain chain.Chain
		want  string
	}{
		{"zero value", chain.Chain{}, "handler"},
		{"empty", chain.New(), "handler"},
		{"one", chain.New(a), "a handler A"},
		{"first is outermost", chain.New(a, b, c), "a b c handler C B A"},
		{"appended are inner", chain.New(a).Append(b).Append(c), "a b c handler C B A"},
		{"a chain in a chain", chain.New(a, chain.New(b, c)), "a b c handler C B A"},
		{"the same one twice", chain.New(a, a), "a a handler A A"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := visit(t, tt.chain, &trace); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestAppendDoesNotShare(t *testing.T) {
	t.Parallel()
	var trace []string
	a, b, c, d := mark("a", &trace), mark("b", &trace), mark("c", &trace), mark("d", &trace)
	base := chain.New(a, b)
	left, right := base.Append(c), base.Append(d)
	for _, tt := range []struct {
		chain chain.Chain
		want  string
	}{
		{base, "a b handler B A"},
		{left, "a b c handler C B A"},
		{right, "a b d handler D B A"},
	} {
		if got := visit(t, tt.chain, &trace); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

func TestNewCopiesItsArguments(t *testing.T) {
	t.Parallel()
	var trace []string
	list := []chain.Wrapper{mark("a", &trace)}
	c := chain.New(list...)
	list[0] = mark("x", &trace)
	if got, want := visit(t, c, &trace), "a handler A"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

type protection struct{}

func (*protection) Wrap(next http.Handler) http.Handler { return next }

func TestNilPanicsAtConstruction(t *testing.T) {
	t.Parallel()
	ok := chain.Func(func(next http.Handler) http.Handler { return next })
	handler := http.NotFoundHandler()
	tests := []struct {
		name  string
		build func()
		want  string
	}{
		{"nil wrapper", func() { chain.New(ok, nil) }, "wrapper 1 (<nil>) is nil"},
		{"nil pointer", func() { chain.New((*protection)(nil)) }, "wrapper 0 (*chain_test.protection) is nil"},
		{"nil func", func() { chain.New(chain.Func(nil)) }, "wrapper 0 (chain.Func) is nil"},
		{"nil appended", func() { chain.New().Append(ok, ok, nil) }, "wrapper 2 (<nil>) is nil"},
		{"nil handler", func() { chain.New(ok).Then(nil) }, "the handler (<nil>) is nil"},
		{"nil handler func", func() { chain.New().Then(http.HandlerFunc(nil)) }, "the handler (http.HandlerFunc) is nil"},
		{"nil mux", func() { chain.New().Then((*http.ServeMux)(nil)) }, "the handler (*http.ServeMux) is nil"},
		{
			"wrapper returns nil",
			func() { chain.New(ok, chain.Func(func(http.Handler) http.Handler { return nil })).Then(handler) },
			"wrapper 1 (chain.Func) returned a nil handler",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				got, _ := recover().(string)
				if !strings.HasPrefix(got, "chain: ") || !strings.Contains(got, tt.want) {
					t.Errorf("panic %q, want one with %q", got, tt.want)
				}
			}()
			tt.build()
		})
	}
}

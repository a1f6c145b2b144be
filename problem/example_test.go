package problem_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/sallyport-dev/sallyport/problem"
)

func ExampleHandlerFunc() {
	handler := problem.HandlerFunc(func(http.ResponseWriter, *http.Request) error {
		cause := errors.New(`pq: relation "salaries" does not exist`) // for the log
		return problem.Rejected("sql.table", "Use only the tables that are listed.", cause)
	})

	public := httptest.NewRequest(http.MethodPost, "/v1/query", http.NoBody)
	authenticated := public.WithContext(problem.WithDetail(public.Context()))
	for _, r := range []*http.Request{public, authenticated} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The query was rejected or failed."}
	// 400 {"type":"about:blank","title":"Bad Request","status":400,"rule":"sql.table","detail":"Use only the tables that are listed."}
}

func ExampleMux() {
	mux := problem.NewMux()
	mux.HandleFunc("POST /v1/query", func(w http.ResponseWriter, _ *http.Request) error {
		_, err := fmt.Fprint(w, "an answer")
		return err
	})

	for _, line := range [][2]string{
		{"POST", "/v1/query"}, {"GET", "/v1/query"}, {"POST", "/v1//query"}, {"GET", "/admin"},
	} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(line[0], line[1], http.NoBody))
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 an answer
	// 403 {"type":"about:blank","title":"Forbidden","status":403}
	// 403 {"type":"about:blank","title":"Forbidden","status":403}
	// 403 {"type":"about:blank","title":"Forbidden","status":403}
}

// A hint must not be made from the request. This one sends the client's own
// input back, which is an echo, and tells which tables exist.
func ExampleRejected_incorrect() {
	name := "salaries'; --" // from the request
	err := problem.Rejected("sql.table", "There is no table "+name+".", nil)
	fmt.Println(err.Hint)
	// Output:
	// There is no table salaries'; --.
}

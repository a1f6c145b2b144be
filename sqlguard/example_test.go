package sqlguard_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/duckdb"
)

// What may run is rendered from the checked tree and has a row limit; what
// may not is refused with a rule and a hint.
func ExampleGuard_Check() {
	adapter, err := duckdb.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = adapter.Close() }()

	guard, err := sqlguard.New(sqlguard.Config{
		Adapter: adapter,
		Policy:  sqlguard.Policy{Tables: []string{"flights"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	for _, sql := range []string{
		"select origin, count(*) from flights group by origin limit 1000000",
		"SELECT * FROM flights a, flights b",
	} {
		query, err := guard.Check(context.Background(), sql)
		var refusal *sqlguard.Refusal
		switch {
		case errors.As(err, &refusal):
			fmt.Println(refusal.Rule)
			fmt.Println(refusal.Rule.Hint())
		case err != nil:
			fmt.Println("the guard failed:", err)
		default:
			fmt.Println(query.SQL())
		}
	}
	// Output:
	// SELECT origin, count(*) FROM flights GROUP BY origin LIMIT 1000
	// sql.multiple_sources
	// Read one table per SELECT; use subqueries or CTEs instead of joins.
}

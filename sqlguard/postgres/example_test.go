package postgres_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/postgres"
)

// What may run names the schema of tables, functions and types; what may not is
// refused with a rule.
func ExampleOpen() {
	adapter, err := postgres.Open()
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
		"select origin, count(*) from flights where delay between 1 and 5 group by origin",
		"SELECT (10).pg_sleep",
		"WITH gone AS (DELETE FROM flights RETURNING 1) SELECT * FROM gone",
	} {
		query, err := guard.Check(context.Background(), sql)
		var refusal *sqlguard.Refusal
		switch {
		case errors.As(err, &refusal):
			fmt.Println(refusal.Rule)
		case err != nil:
			fmt.Println("the guard failed:", err)
		default:
			fmt.Println(query.SQL())
		}
	}
	// Output:
	// SELECT origin, pg_catalog.count(*) FROM public.flights WHERE (delay BETWEEN 1 AND 5) GROUP BY origin LIMIT 1000
	// sql.function
	// sql.statement
}

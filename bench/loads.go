package main

import "strconv"

// loads are what both servers are asked.
var loads = []load{
	{
		name: "constant", what: "the fixed cost of a request",
		sql: "SELECT 42", rows: 1, goal: 0.60,
	},
	{
		name: "constant, never the same", what: "as above, but no verdict comes from the cache: the guard judges every query",
		fresh: func(n int64) string { return "SELECT " + strconv.FormatInt(n, 10) }, rows: 1,
	},
	{
		name: "aggregate", what: "one row out of a filtered column of 966,409",
		sql: "SELECT count(*) AS flights, avg(delay) AS delay, max(distance) AS miles FROM flights WHERE origin = 'ORD'", rows: 1, goal: 0.90,
	},
	{
		name: "1,000 rows", what: "5 columns of a timestamp, two integers and two texts",
		sql: "SELECT date, delay, distance, origin, destination FROM flights LIMIT 1000", rows: 1000, goal: 1.50,
	},
}

// postgresLoads are what both servers are asked over PostgreSQL.
var postgresLoads = []load{
	{
		name: "Postgres, constant", what: "the fixed cost of a request",
		sql: "SELECT 42", rows: 1, goal: 0.80,
	},
	{
		name: "Postgres, one row by its key", what: "5 columns of one row of 100,000",
		sql: "SELECT date, delay, distance, origin, destination FROM flights WHERE id = 4711", rows: 1, goal: 0.80,
	},
	{
		name: "Postgres, 1,000 rows", what: "5 columns of a timestamp, two integers and two texts",
		sql: "SELECT date, delay, distance, origin, destination FROM flights LIMIT 1000", rows: 1000, goal: 1.30,
	},
}

package sqlgen

// Tables is the schema that the queries read: a shop, with a table in another
// schema, a view and names that must be quoted.
func Tables() []Table {
	orders := []Column{{"id", Int}, {"customer_id", Int}, {"placed", Date}, {"shipped", Timestamp}, {"status", Text}, {"total", Numeric}, {"note", Text}}
	toCustomer := map[string]string{"customer_id": "customers.id"}
	return []Table{
		{Name: "customers", Columns: []Column{{"id", Int}, {"name", Text}, {"city", Text}, {"born", Date}, {"vip", Bool}, {"tags", Texts}, {"extra", JSON}}},
		{Name: "orders", Columns: orders, Links: toCustomer},
		{Name: "items", Columns: []Column{{"order_id", Int}, {"product_id", Int}, {"quantity", Int}, {"price", Numeric}, {"discount", Float}}, Links: map[string]string{"order_id": "orders.id", "product_id": "products.id"}},
		{Name: "products", Columns: []Column{{"id", Int}, {"Product Name", Text}, {"category", Text}, {"weight", Float}, {"sizes", Ints}, {"attributes", JSON}}},
		{Name: "employees", Columns: []Column{{"id", Int}, {"manager_id", Int}, {"name", Text}, {"salary", Numeric}, {"hired", Date}, {"order", Text}}, Links: map[string]string{"manager_id": "employees.id"}},
		{Schema: "archive", Name: "visits", Columns: []Column{{"id", Int}, {"customer_id", Int}, {"at", Timestamp}, {"page", Text}, {"lasted", Interval}}, Links: toCustomer},
		{Name: "large_orders", Columns: orders, Links: toCustomer},
	}
}

// Full is the name of a table with its schema, unless that is the default one.
func (t Table) Full() string {
	if t.Schema != "" {
		return t.Schema + "." + t.Name
	}
	return t.Name
}

// Schema is the SQL that makes the tables in a dialect, with rows.
func Schema(postgres bool) string {
	if postgres {
		return postgresSchema
	}
	return duckdbSchema
}

const duckdbSchema = `
CREATE TABLE customers AS SELECT CAST(i AS INTEGER) AS id, ['Ann', 'O''Brien', 'naïve "Zoë"', 'Łukasz', '', '%_\'][1 + i % 6] AS name,
	['Oslo', 'Paris', NULL, 'New York'][1 + i % 4] AS city, DATE '1970-01-01' + CAST(i * 400 AS INTEGER) AS born, i % 3 = 0 AS vip,
	CASE WHEN i % 5 = 0 THEN NULL ELSE ['a', 'b''c', CAST(i AS VARCHAR)] END AS tags, CAST(concat('{"n": ', i, ', "a": {"b": [1, 2, ', i, ']}, "s": "x\"y"}') AS JSON) AS extra FROM range(1, 21) r(i);
ALTER TABLE customers ADD PRIMARY KEY (id);
CREATE TABLE orders AS SELECT CAST(i AS INTEGER) AS id, CAST(1 + i * 7 % 23 AS INTEGER) AS customer_id, DATE '2024-01-01' + CAST(i * 5 AS INTEGER) AS placed,
	CASE WHEN i % 4 > 0 THEN TIMESTAMP '2024-01-02 03:04:05' + INTERVAL 1 HOUR * i END AS shipped, ['new', 'paid', 'sent'][1 + i % 3] AS status,
	CAST(i * 13.37 AS DECIMAL(10, 2)) AS total, CASE WHEN i % 6 = 0 THEN 'please update; -- /* it''s */' END AS note FROM range(1, 41) r(i);
CREATE TABLE items AS SELECT CAST(1 + i % 40 AS INTEGER) AS order_id, CAST(1 + i * 3 % 9 AS INTEGER) AS product_id, CAST(i % 5 AS INTEGER) AS quantity,
	CAST(i * 1.25 AS DECIMAL(10, 2)) AS price, CAST(i % 4 AS DOUBLE) / 4 AS discount FROM range(1, 81) r(i);
CREATE TABLE products AS SELECT CAST(i AS INTEGER) AS id, concat('Thing № ', i) AS "Product Name", ['tool', 'toy'][1 + i % 3] AS category,
	CAST(i AS DOUBLE) * 0.5 AS weight, [CAST(i AS INTEGER), 2, NULL] AS sizes, CAST('{"color": "red", "dim": {"w": 2}, "list": [1, "two", null]}' AS JSON) AS attributes FROM range(1, 9) r(i);
CREATE TABLE employees AS SELECT CAST(i AS INTEGER) AS id, CAST(CASE WHEN i > 1 THEN i // 2 END AS INTEGER) AS manager_id, concat('E', i % 5) AS name,
	CAST(1000 + i * 100 AS DECIMAL(10, 2)) AS salary, DATE '2010-06-15' + CAST(i * 100 AS INTEGER) AS hired, ['x', 'y'][1 + i % 2] AS "order" FROM range(1, 16) r(i);
CREATE SCHEMA archive;
CREATE TABLE archive.visits AS SELECT CAST(i AS INTEGER) AS id, CAST(1 + i % 19 AS INTEGER) AS customer_id, TIMESTAMP '2023-05-06 07:08:09' + INTERVAL 1 DAY * i AS at,
	['/', '/a?b=1', '/é'][1 + i % 3] AS page, INTERVAL 1 MINUTE * i AS lasted FROM range(1, 31) r(i);
CREATE VIEW large_orders AS SELECT * FROM orders WHERE total > 250;
CREATE SEQUENCE numbers;
CREATE MACRO shout(x) AS upper(x) || '!';
CREATE TYPE mood AS ENUM ('sad', 'ok');
`

const postgresSchema = `
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE customers AS SELECT i AS id, (ARRAY['Ann', 'O''Brien', 'naïve "Zoë"', 'Łukasz', '', '%_\'])[1 + i % 6] AS name,
	(ARRAY['Oslo', 'Paris', NULL, 'New York'])[1 + i % 4] AS city, DATE '1970-01-01' + i * 400 AS born, i % 3 = 0 AS vip,
	CASE WHEN i % 5 = 0 THEN NULL ELSE ARRAY['a', 'b''c', i::text] END AS tags, concat('{"n": ', i, ', "a": {"b": [1, 2, ', i, ']}, "s": "x\"y"}')::jsonb AS extra, 'ok'::mood AS feels FROM generate_series(1, 20) AS r(i);
ALTER TABLE customers ADD PRIMARY KEY (id);
CREATE TABLE orders AS SELECT i AS id, 1 + i * 7 % 23 AS customer_id, DATE '2024-01-01' + i * 5 AS placed,
	CASE WHEN i % 4 > 0 THEN TIMESTAMP '2024-01-02 03:04:05' + INTERVAL '1 hour' * i END AS shipped, (ARRAY['new', 'paid', 'sent'])[1 + i % 3] AS status,
	(i * 13.37)::numeric(10, 2) AS total, CASE WHEN i % 6 = 0 THEN 'please update; -- /* it''s */' END AS note FROM generate_series(1, 40) AS r(i);
ALTER TABLE orders ADD PRIMARY KEY (id);
CREATE TABLE items AS SELECT 1 + i % 40 AS order_id, 1 + i * 3 % 9 AS product_id, i % 5 AS quantity, (i * 1.25)::numeric(10, 2) AS price, (i % 4)::float8 / 4 AS discount FROM generate_series(1, 80) AS r(i);
CREATE TABLE products AS SELECT i AS id, concat('Thing № ', i) AS "Product Name", (ARRAY['tool', 'toy'])[1 + i % 3] AS category,
	i * 0.5::float8 AS weight, ARRAY[i, 2, NULL] AS sizes, '{"color": "red", "dim": {"w": 2}, "list": [1, "two", null]}'::jsonb AS attributes FROM generate_series(1, 8) AS r(i);
CREATE TABLE employees AS SELECT i AS id, CASE WHEN i > 1 THEN i / 2 END AS manager_id, concat('E', i % 5) AS name,
	(1000 + i * 100)::numeric(10, 2) AS salary, DATE '2010-06-15' + i * 100 AS hired, (ARRAY['x', 'y'])[1 + i % 2] AS "order" FROM generate_series(1, 15) AS r(i);
ALTER TABLE items ADD FOREIGN KEY (order_id) REFERENCES orders (id);
CREATE SCHEMA archive;
CREATE TABLE archive.visits AS SELECT i AS id, 1 + i % 19 AS customer_id, TIMESTAMP '2023-05-06 07:08:09' + INTERVAL '1 day' * i AS at,
	(ARRAY['/', '/a?b=1', '/é'])[1 + i % 3] AS page, INTERVAL '1 minute' * i AS lasted FROM generate_series(1, 30) AS r(i);
CREATE VIEW large_orders AS SELECT * FROM orders WHERE total > 250;
CREATE SEQUENCE numbers;
CREATE FUNCTION shout(text) RETURNS text LANGUAGE sql AS 'SELECT nextval(''public.numbers'')::text';
CREATE FUNCTION louder(text, text) RETURNS text LANGUAGE sql AS 'SELECT nextval(''public.numbers'')::text';
CREATE OPERATOR public.|<| (LEFTARG = text, RIGHTARG = text, FUNCTION = louder);
ANALYZE;
`

-- As DuckDB's EXPORT DATABASE writes it.
CREATE SCHEMA archive;
CREATE SEQUENCE order_ids;
CREATE TYPE state AS ENUM ('new', 'paid', 'sent; or not');
CREATE TABLE customers(id BIGINT PRIMARY KEY, "Name" VARCHAR NOT NULL, city VARCHAR DEFAULT('a;b'));
CREATE TABLE orders(order_id BIGINT DEFAULT(nextval('order_ids')), customer_id BIGINT, placed DATE, state state, amount DECIMAL(10,2), CHECK((amount > 0)));
CREATE TABLE items(item_id BIGINT, order_ref BIGINT, sku VARCHAR, tags VARCHAR[], detail STRUCT(colour VARCHAR, size INTEGER));
CREATE TABLE archive.orders(order_id BIGINT, placed DATE);
CREATE VIEW sales AS SELECT city, sum(amount) AS total FROM customers INNER JOIN orders ON ((id = customer_id)) GROUP BY city;
CREATE MACRO twice(x) AS (x * 2);
CREATE INDEX by_customer ON orders(customer_id);

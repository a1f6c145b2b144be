-- What a subscription business shows on its dashboards.
CREATE TABLE accounts (id INTEGER, name TEXT, plan TEXT, country TEXT, source TEXT, seats INTEGER, created_at TIMESTAMP, cancelled_at TIMESTAMP, active BOOLEAN);
CREATE TABLE invoices (id INTEGER, account_id INTEGER, amount DECIMAL(12,2), tax DECIMAL(12,2), discount DECIMAL(12,2), issued_at TIMESTAMP, paid_at TIMESTAMP, status TEXT);
CREATE TABLE products (id INTEGER, title TEXT, category TEXT, vendor TEXT, price DECIMAL(12,2), rating REAL, created_at TIMESTAMP);
CREATE TABLE invoice_lines (id INTEGER, invoice_id INTEGER, product_id INTEGER, quantity INTEGER, amount DECIMAL(12,2));
CREATE TABLE page_events (id BIGINT, account_id INTEGER, name TEXT, url TEXT, referrer TEXT, happened_at TIMESTAMP, duration_ms INTEGER);
CREATE TABLE readings (taken_at TIMESTAMP, host TEXT, region TEXT, metric TEXT, value DOUBLE PRECISION);

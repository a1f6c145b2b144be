-- A distributor of books: printers quote prices for titles, bookshops order them.
CREATE TABLE territory (tr_id INTEGER, tr_name VARCHAR(25), tr_note VARCHAR(150));
CREATE TABLE country (co_id INTEGER, co_name VARCHAR(25), co_territory INTEGER, co_note VARCHAR(150));
CREATE TABLE printer (pr_id INTEGER, pr_name VARCHAR(30), pr_street VARCHAR(40), pr_country INTEGER, pr_phone VARCHAR(15), pr_balance DECIMAL(15,2), pr_note VARCHAR(100));
CREATE TABLE title (ti_id INTEGER, ti_name VARCHAR(55), ti_imprint VARCHAR(25), ti_series VARCHAR(10), ti_format VARCHAR(25), ti_pages INTEGER, ti_binding VARCHAR(10), ti_list_price DECIMAL(15,2), ti_note VARCHAR(23));
CREATE TABLE quote (qu_title INTEGER, qu_printer INTEGER, qu_available INTEGER, qu_cost DECIMAL(15,2), qu_note VARCHAR(199));
CREATE TABLE bookshop (bs_id INTEGER, bs_name VARCHAR(25), bs_street VARCHAR(40), bs_country INTEGER, bs_phone VARCHAR(15), bs_balance DECIMAL(15,2), bs_segment VARCHAR(10), bs_note VARCHAR(117));
CREATE TABLE purchase (pu_id INTEGER, pu_shop INTEGER, pu_state CHAR(1), pu_total DECIMAL(15,2), pu_date DATE, pu_urgency VARCHAR(15), pu_clerk VARCHAR(15), pu_rank INTEGER, pu_note VARCHAR(79));
CREATE TABLE purchase_line (li_purchase INTEGER, li_title INTEGER, li_printer INTEGER, li_number INTEGER, li_copies DECIMAL(15,2), li_price DECIMAL(15,2), li_rebate DECIMAL(15,2), li_vat DECIMAL(15,2), li_returned CHAR(1), li_state CHAR(1), li_sent DATE, li_promised DATE, li_arrived DATE, li_handling VARCHAR(25), li_carrier VARCHAR(10), li_note VARCHAR(44));

-- A small star: deliveries by day, buyer, vendor and article.
CREATE TABLE delivery (de_order INTEGER, de_line INTEGER, de_buyer INTEGER, de_article INTEGER, de_vendor INTEGER, de_day INTEGER, de_urgency VARCHAR(15), de_qty INTEGER, de_gross INTEGER, de_total INTEGER, de_discount INTEGER, de_net INTEGER, de_cost INTEGER, de_vat INTEGER, de_mode VARCHAR(10));
CREATE TABLE day_dim (da_key INTEGER, da_date VARCHAR(18), da_weekday VARCHAR(9), da_month VARCHAR(9), da_year INTEGER, da_yearmonth INTEGER, da_yearmonth_text VARCHAR(7), da_week INTEGER, da_season VARCHAR(12));
CREATE TABLE buyer (bu_key INTEGER, bu_name VARCHAR(25), bu_city VARCHAR(10), bu_country VARCHAR(15), bu_region VARCHAR(12), bu_segment VARCHAR(10));
CREATE TABLE vendor (ve_key INTEGER, ve_name VARCHAR(25), ve_city VARCHAR(10), ve_country VARCHAR(15), ve_region VARCHAR(12));
CREATE TABLE article (ar_key INTEGER, ar_name VARCHAR(22), ar_group VARCHAR(6), ar_category VARCHAR(7), ar_brand VARCHAR(9), ar_colour VARCHAR(11), ar_size INTEGER);

-- One wide table: what a web counter notes about each page view.
CREATE TABLE pings (
    ping_id BIGINT, site_id INTEGER, day DATE, seen_at TIMESTAMP, visitor_id BIGINT, session_id BIGINT, region_id INTEGER, address_number INTEGER,
    address TEXT, referrer TEXT, page_title TEXT, is_reload SMALLINT, is_link SMALLINT, is_download SMALLINT, is_counted SMALLINT, is_mobile SMALLINT,
    os_id SMALLINT, agent_id SMALLINT, agent_major SMALLINT, screen_width SMALLINT, screen_height SMALLINT, window_width SMALLINT, window_height SMALLINT,
    phone_maker SMALLINT, phone_model TEXT, search_phrase TEXT, search_engine SMALLINT, ad_engine SMALLINT, source_id SMALLINT, age SMALLINT, gender SMALLINT,
    interests INTEGER, country_code TEXT, language TEXT, address_hash BIGINT, referrer_hash BIGINT, load_ms INTEGER, connect_ms INTEGER, price DECIMAL(12,2)
);

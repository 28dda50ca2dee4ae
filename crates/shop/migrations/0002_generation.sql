-- The catalogue, the users and their history, generated from hashes of their numbers: the same
-- rows on every machine, and nothing to ship. `mix` gives 0 .. 2^31-1, uniformly.
CREATE FUNCTION mix(n bigint, salt integer) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN hashint8extended(n, salt) & 2147483647;

-- Categories in the order in which product numbers go round them.
CREATE FUNCTION categories() RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ARRAY['electronics', 'fashion', 'home', 'garden', 'sports', 'toys', 'books', 'beauty'];

-- Prices are skewed to the cheap end: 4.99 to about 1000. The newest product is the one with the
-- highest number. Five percent are no longer listed; they can still be bought from an old cart.
CREATE FUNCTION generate_products(total integer, category_number integer) RETURNS bigint
    LANGUAGE plpgsql AS $$
DECLARE
    chosen text := (categories())[category_number];
    nouns  text[] := (ARRAY[
        '{Headphones,Laptop,Camera,Speaker,Monitor,Tablet,Keyboard,Charger}',
        '{Jacket,Sneakers,Scarf,Jeans,Shirt,Dress,Boots,Hat}',
        '{Lamp,Cushion,Kettle,Shelf,Blanket,Pan,Mirror,Clock}',
        '{Spade,Hose,Planter,Lantern,Rake,Bench,Trellis,Gloves}',
        '{Racket,Mat,Bottle,Bicycle,Tent,Ball,Backpack,Kayak}',
        '{Puzzle,Robot,Kite,Train,Blocks,Doll,Drone,Marbles}',
        '{Novel,Atlas,Cookbook,Biography,Dictionary,Comic,Guide,Thriller}',
        '{Cream,Perfume,Brush,Shampoo,Soap,Lipstick,Razor,Serum}'])[category_number]::text[];
    styles text[] := '{Classic,Compact,Modern,Rugged,Silent,Premium,Light,Vintage,Smart,Solid,Bright,Warm}';
    made   bigint;
BEGIN
    INSERT INTO products (product_id, category, name, description, price_cents, popularity,
                          stock_quantity, weight_grams, active, created_at)
    SELECT id,
           chosen,
           styles[1 + mix(id, 1) % 12] || ' ' || nouns[1 + mix(id, 2) % 8] || ' ' || id,
           'A ' || lower(styles[1 + mix(id, 3) % 12]) || ' one from our ' || chosen || ' range; reference '
               || to_hex(mix(id, 4)) || to_hex(mix(id, 5)) || '. Delivered within three days.',
           (499 + 99500 * power(mix(id, 6) / 2147483648.0::float8, 3))::integer,
           (mix(id, 7) % 1000000)::integer,
           (500 + mix(id, 8) % 4500)::integer,
           (50 + mix(id, 9) % 4950)::integer,
           mix(id, 10) % 20 <> 0,
           timestamptz '2025-01-01 00:00:00+00' + id * interval '1 minute'
    FROM generate_series(category_number::bigint, total, cardinality(categories())) AS id;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END $$;

CREATE FUNCTION generate_users() RETURNS bigint
    LANGUAGE plpgsql AS $$
DECLARE
    made bigint;
BEGIN
    INSERT INTO users (user_id, name, zip, favourite_category, created_at)
    SELECT 'user-' || lpad(n::text, 4, '0'),
           (ARRAY['Ada','Bo','Chen','Dina','Emil','Fay','Goran','Hana','Ivo','Jun'])[1 + mix(n, 20) % 10] || ' '
               || (ARRAY['Aalto','Brandt','Costa','Dubois','Eriksen','Fontana','Gruber','Haas'])[1 + mix(n, 21) % 8],
           lpad((mix(n, 22) % 100000)::text, 5, '0'),
           (categories())[1 + mix(n, 23) % 8],
           timestamptz '2024-01-01 00:00:00+00' + (mix(n, 24) % 500000) * interval '1 minute'
    FROM generate_series(0::bigint, 9999) AS n;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END $$;

-- Five past orders per user on average, three in four of them in the user's favourite category.
CREATE FUNCTION generate_orders(total_products integer) RETURNS bigint
    LANGUAGE plpgsql AS $$
DECLARE
    made bigint;
BEGIN
    -- First which product, then its row: the planner knows nothing about tables this young.
    SET LOCAL enable_hashjoin = off;
    SET LOCAL enable_mergejoin = off;
    CREATE TEMPORARY TABLE history ON COMMIT DROP AS
    SELECT chosen.*, p.category, p.price_cents
    FROM (
        SELECT n, u.user_id, (1 + mix(n, 33) % 3)::integer AS quantity,
               8 * (mix(n, 31) % greatest(total_products / 8, 1))
                   + CASE WHEN mix(n, 32) % 4 = 0 THEN 1 + mix(n, 34) % 8
                          ELSE array_position(categories(), u.favourite_category) END AS product_id
        FROM generate_series(1::bigint, 50000) AS n
        JOIN users u ON u.user_id = 'user-' || lpad((mix(n, 30) % 10000)::text, 4, '0')
    ) AS chosen
    JOIN products p ON p.product_id = chosen.product_id
                   AND p.category = (categories())[1 + (chosen.product_id - 1) % 8];

    WITH placed AS (
        INSERT INTO orders (order_id, user_id, status, total_cents, created_at)
        OVERRIDING SYSTEM VALUE
        SELECT n, user_id, 'delivered', price_cents::bigint * quantity,
               timestamptz '2025-01-01 00:00:00+00' + n * interval '10 minutes'
        FROM history ORDER BY n
    )
    INSERT INTO order_items (order_id, line, product_id, category, quantity, unit_price_cents)
    SELECT n, 1, product_id, category, quantity, price_cents FROM history ORDER BY n;
    GET DIAGNOSTICS made = ROW_COUNT;

    PERFORM setval(pg_get_serial_sequence('orders', 'order_id'), 1000000, false);
    RETURN made;
END $$;

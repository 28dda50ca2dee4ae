-- Where a product's picture is. Declared expensive and not volatile, so that the planner works it out
-- after ORDER BY and LIMIT: for the ten products that are shown, not for every one that is read.
CREATE FUNCTION product_media_url(product_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 10000 AS $$
BEGIN
    RETURN '/media/' || product_id || '.jpg';
END $$;

CREATE VIEW recommendable_products AS
SELECT product_id, category, name, price_cents, popularity, active, weight_grams,
       product_media_url(product_id) AS image_url
FROM products;

-- Made after the data: building an index over rows that are there is several times cheaper than growing it,
-- and so is checking a foreign key.
ALTER TABLE order_items ADD FOREIGN KEY (order_id) REFERENCES orders (order_id) ON DELETE CASCADE;

-- Each partition's index carries the category in its name, `<index>_<category>`, so that a plan says which it is.
DO $$
DECLARE
    partition record;
    wanted    record;
BEGIN
    FOR wanted IN
        SELECT * FROM (VALUES
            ('idx_products_recommendation',  'category, active, popularity DESC'),  -- best-loved of a category
            ('idx_products_category_active', 'category, active, created_at DESC'),  -- newest of a category
            ('idx_products_category',        'category'),                           -- counts by category
            ('idx_products_stock_quantity',  'stock_quantity')                      -- what has to be reordered
        ) AS v (name, columns)
    LOOP
        EXECUTE format('CREATE INDEX %I ON ONLY products (%s)', wanted.name, wanted.columns);
        FOR partition IN
            SELECT child.relname AS name, replace(child.relname, 'products_', '') AS category
            FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
            WHERE inhparent = 'products'::regclass ORDER BY child.relname
        LOOP
            EXECUTE format('CREATE INDEX %I ON %I (%s)',
                           wanted.name || '_' || partition.category, partition.name, wanted.columns);
            EXECUTE format('ALTER INDEX %I ATTACH PARTITION %I',
                           wanted.name, wanted.name || '_' || partition.category);
        END LOOP;
    END LOOP;
END $$;

CREATE INDEX idx_orders_user_created ON orders (user_id, created_at DESC);
CREATE UNIQUE INDEX idx_orders_idempotency_key ON orders (idempotency_key) WHERE idempotency_key IS NOT NULL;

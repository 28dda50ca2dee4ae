-- Everything lives in the schema `doorbuster`: the migrator creates it and sets search_path to it.

-- A shop asks for products of one category, so a category is a partition: whatever a statement
-- has to read at worst is one partition, never the whole catalogue.
CREATE TABLE products (
    product_id     bigint      NOT NULL,
    category       text COLLATE "C" NOT NULL,
    name           text        NOT NULL,
    description    text        NOT NULL,
    price_cents    integer     NOT NULL CHECK (price_cents > 0),
    popularity     integer     NOT NULL,
    stock_quantity integer     NOT NULL CHECK (stock_quantity >= 0),
    weight_grams   integer     NOT NULL CHECK (weight_grams > 0),
    active         boolean     NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (product_id, category)
) PARTITION BY LIST (category);

CREATE TABLE products_electronics PARTITION OF products FOR VALUES IN ('electronics');
CREATE TABLE products_fashion     PARTITION OF products FOR VALUES IN ('fashion');
CREATE TABLE products_home        PARTITION OF products FOR VALUES IN ('home');
CREATE TABLE products_garden      PARTITION OF products FOR VALUES IN ('garden');
CREATE TABLE products_sports      PARTITION OF products FOR VALUES IN ('sports');
CREATE TABLE products_toys        PARTITION OF products FOR VALUES IN ('toys');
CREATE TABLE products_books       PARTITION OF products FOR VALUES IN ('books');
CREATE TABLE products_beauty      PARTITION OF products FOR VALUES IN ('beauty');

CREATE TABLE users (
    user_id            text        PRIMARY KEY,
    name               text        NOT NULL,
    zip                text        NOT NULL,
    favourite_category text        NOT NULL,
    created_at         timestamptz NOT NULL
);

-- user_id is no foreign key: guests buy too.
CREATE TABLE orders (
    order_id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id         text        NOT NULL,
    status          text        NOT NULL CHECK (status IN ('created', 'delivered')),
    total_cents     bigint      NOT NULL CHECK (total_cents >= 0),
    idempotency_key text,
    request_digest  text,
    created_at      timestamptz NOT NULL DEFAULT now()
);

-- What was bought at the price it had then; it outlives the product, so product_id is no foreign key.
CREATE TABLE order_items (
    order_id         bigint   NOT NULL,
    line             smallint NOT NULL,
    product_id       bigint   NOT NULL,
    category         text COLLATE "C" NOT NULL,
    quantity         integer  NOT NULL CHECK (quantity > 0),
    unit_price_cents integer  NOT NULL CHECK (unit_price_cents > 0),
    PRIMARY KEY (order_id, line)
);

-- What the generated data is: one row, written last, so that a half-finished generation has none.
CREATE TABLE dataset (
    only_row    boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    products    integer     NOT NULL,
    prepared_at timestamptz NOT NULL DEFAULT now()
);

"""The migrations that everybody gets: small, realistic, two to four statements each, fit for a transaction.

Five of them tell the story of one numbered table: create it, widen it, fill it, add its lines, tighten it.
The same number always makes the same text.
"""

from dataclasses import dataclass

TABLE_PREFIX = "shop_"
"""Every table of the corpus begins with this; no tool's own table does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One migration: its place in the order (from 1), a name without prefix or ending, and the SQL."""

    number: int
    name: str
    sql: str


def corpus(size: int) -> tuple[Migration, ...]:
    """The first `size` migrations, in order."""
    return tuple(_migration(number) for number in range(1, size + 1))


def _migration(number: int) -> Migration:
    chapter, page = divmod(number - 1, len(_PAGES))
    verb, template = _PAGES[page]
    table = f"{TABLE_PREFIX}order_{chapter:04d}"
    sql = template.replace("{table}", table).replace("{number}", str(number))
    return Migration(number=number, name=f"{verb}_order_{chapter:04d}", sql=sql)


_CREATE = """\
-- Orders of one branch; the invoice number is unique per customer.
CREATE TABLE {table} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL,
    invoice text NOT NULL,
    total_cents bigint NOT NULL DEFAULT 0 CHECK (total_cents >= 0),
    placed_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX {table}_invoice_key ON {table} (customer_id, invoice);
COMMENT ON TABLE {table} IS 'orders; made by migration {number}';
"""

_WIDEN = """\
-- A status for every order, and the day it left the house.
ALTER TABLE {table} ADD COLUMN status text NOT NULL DEFAULT 'new';
ALTER TABLE {table} ADD COLUMN shipped_on date;
CREATE INDEX {table}_status_idx ON {table} (status) WHERE status <> 'done';
"""

_FILL = """\
INSERT INTO {table} (customer_id, invoice, total_cents, placed_at)
VALUES
    ({number}, 'A-1', 1999, '2024-05-01'),
    ({number}, 'A-2', 4500, '2024-05-02'),
    (7, 'B-1', 0, '2024-05-03');
UPDATE {table} SET status = 'done', shipped_on = '2024-05-04' WHERE total_cents > 0;
"""

_LINES = """\
-- The lines of an order go with it.
CREATE TABLE {table}_line (
    order_id bigint NOT NULL REFERENCES {table} (id) ON DELETE CASCADE,
    position integer NOT NULL,
    article text NOT NULL,
    quantity integer NOT NULL DEFAULT 1,
    PRIMARY KEY (order_id, position)
);
CREATE INDEX {table}_line_article_idx ON {table}_line (article);
INSERT INTO {table}_line (order_id, position, article) SELECT id, 1, 'gift card' FROM {table};
"""

_TIGHTEN = """\
ALTER TABLE {table} ADD CONSTRAINT {table}_status_check CHECK (status IN ('new', 'paid', 'done'));
ALTER TABLE {table} ALTER COLUMN status SET DEFAULT 'paid';
CREATE VIEW {table}_open AS SELECT id, customer_id, total_cents FROM {table} WHERE status <> 'done';
INSERT INTO {table} (customer_id, invoice, total_cents) VALUES ({number}, 'C-1', 250);
"""

_PAGES = (
    ("create", _CREATE),
    ("widen", _WIDEN),
    ("fill", _FILL),
    ("create_lines_of", _LINES),
    ("tighten", _TIGHTEN),
)

"""Holds for customers: a code, a bag of its own, for whom and by whom; searches; orders that move to another place.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COLUMNS = (
    "code text",
    "held_for text",
    "held_phone text",
    "customer_id uuid CONSTRAINT fk_promise_customer_id_customer REFERENCES customer (id) ON DELETE RESTRICT",
    "held_by uuid CONSTRAINT fk_promise_held_by_staff REFERENCES staff (id) ON DELETE RESTRICT",
    "asked_from uuid CONSTRAINT fk_promise_asked_from_location REFERENCES location (id) ON DELETE RESTRICT",
    "sale_id uuid CONSTRAINT fk_promise_sale_id_sale REFERENCES sale (id) ON DELETE RESTRICT",
    "moved_from uuid CONSTRAINT fk_promise_moved_from_promise REFERENCES promise (id) ON DELETE RESTRICT",
    "search_at timestamptz",
)
INDEXES = (
    "CREATE INDEX ix_promise_code ON promise (code)",
    "CREATE UNIQUE INDEX uq_promise_bag_code ON promise (bag_code)",
    "CREATE UNIQUE INDEX uq_promise_moved_from ON promise (moved_from)",
    "CREATE INDEX ix_promise_to_move ON promise (id) WHERE phase = 'moved' OR (phase = 'declined' AND moved_from IS NOT NULL)",
    "CREATE INDEX ix_promise_search_at ON promise (search_at) WHERE search_at IS NOT NULL AND phase = 'confirmed'",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE SEQUENCE promise_no")
    op.execute("CREATE SEQUENCE bag_no")
    for column in COLUMNS:
        op.execute(f"ALTER TABLE promise ADD COLUMN {column}")
    for index in INDEXES:
        op.execute(index)
    op.execute(
        "CREATE TABLE search_due ("
        " location_id uuid NOT NULL, variant_id uuid NOT NULL,"
        " CONSTRAINT pk_search_due PRIMARY KEY (location_id, variant_id),"
        " CONSTRAINT fk_search_due_location_id_variant_id_stock FOREIGN KEY (location_id, variant_id)"
        " REFERENCES stock (location_id, variant_id) ON DELETE RESTRICT)"
    )


def downgrade() -> None:
    """Undo."""
    op.execute("DROP TABLE search_due")
    for column in reversed(COLUMNS):
        op.execute(f"ALTER TABLE promise DROP COLUMN {column.split()[0]}")
    op.execute("DROP SEQUENCE bag_no")
    op.execute("DROP SEQUENCE promise_no")

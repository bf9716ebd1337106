"""What people have bought by category and channel, and sales found by person and day without reading them.

Revision ID: 0056
Revises: 0055
"""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

WHOSE = "WHERE customer_id IS NOT NULL"


def upgrade() -> None:
    """Apply; whoever scores next scores everybody, and so gathers what they have bought."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE customer_bought (
            customer_id uuid NOT NULL CONSTRAINT pk_customer_bought PRIMARY KEY
                CONSTRAINT fk_customer_bought_customer_id_customer REFERENCES customer (id) ON DELETE RESTRICT,
            categories uuid[] NOT NULL,
            last_on date[] NOT NULL,
            channels text[] NOT NULL,
            CONSTRAINT ck_customer_bought_pairs CHECK (cardinality(categories) = cardinality(last_on)))
        """
    )
    op.execute("DROP INDEX ix_sale_customer_id")
    op.execute(f"CREATE INDEX ix_sale_customer_id ON sale (customer_id) INCLUDE (sold_on, total_vnd, pieces, state, id) {WHOSE}")
    op.execute("CREATE INDEX ix_sale_sold_on ON sale USING brin (sold_on) WITH (pages_per_range = 32)")
    op.execute("DELETE FROM score_cursor")


def downgrade() -> None:
    """Undo."""
    op.execute("DROP INDEX ix_sale_sold_on")
    op.execute("DROP INDEX ix_sale_customer_id")
    op.execute(f"CREATE INDEX ix_sale_customer_id ON sale (customer_id) {WHOSE}")
    op.execute("DROP TABLE customer_bought")

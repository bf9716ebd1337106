"""What a merge of two customers moved, so that it can be undone.

Revision ID: 0039
Revises: 0038
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE customer_merge (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_customer_merge PRIMARY KEY,
            loser_id uuid NOT NULL CONSTRAINT fk_customer_merge_loser_id_customer REFERENCES customer (id) ON DELETE RESTRICT,
            survivor_id uuid NOT NULL CONSTRAINT fk_customer_merge_survivor_id_customer
                REFERENCES customer (id) ON DELETE RESTRICT,
            staff_id uuid CONSTRAINT fk_customer_merge_staff_id_staff REFERENCES staff (id) ON DELETE RESTRICT,
            merged_at timestamptz NOT NULL,
            lots uuid[] NOT NULL,
            aliases uuid[] NOT NULL,
            points integer NOT NULL,
            credit_vnd bigint NOT NULL,
            loser_earns boolean NOT NULL,
            survivor_earns boolean NOT NULL,
            loser_profiled boolean NOT NULL,
            survivor_profiled boolean NOT NULL,
            undone_at timestamptz,
            undone_by uuid CONSTRAINT fk_customer_merge_undone_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
            CONSTRAINT ck_customer_merge_two CHECK (loser_id <> survivor_id))
        """
    )
    op.execute("CREATE INDEX ix_customer_merge_survivor_id ON customer_merge (survivor_id)")


def downgrade() -> None:
    """Undo."""
    op.execute("DROP TABLE customer_merge")

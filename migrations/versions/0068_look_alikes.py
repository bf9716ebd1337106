"""Who only looks like somebody else, whose details a merge took, and indexes that find who may be one person.

Revision ID: 0068
Revises: 0067
"""

from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE customer_apart (
            one_id uuid NOT NULL,
            other_id uuid NOT NULL,
            staff_id uuid NOT NULL CONSTRAINT fk_customer_apart_staff_id REFERENCES staff (id) ON DELETE RESTRICT,
            said_at timestamptz NOT NULL,
            CONSTRAINT pk_customer_apart PRIMARY KEY (one_id, other_id),
            CONSTRAINT fk_customer_apart_one_id FOREIGN KEY (one_id) REFERENCES customer (id) ON DELETE RESTRICT,
            CONSTRAINT fk_customer_apart_other_id FOREIGN KEY (other_id) REFERENCES customer (id) ON DELETE RESTRICT,
            CONSTRAINT ck_customer_apart_order CHECK (one_id < other_id)
        )
        """
    )
    op.execute("ALTER TABLE customer_merge ADD COLUMN was jsonb NOT NULL DEFAULT '{}'")
    op.execute(
        "CREATE INDEX ix_customer_same_name ON customer (folded_name, birth_month, birth_day, home_location_id) "
        "WHERE merged_into IS NULL"
    )
    op.execute("CREATE INDEX ix_customer_email ON customer (email) WHERE merged_into IS NULL AND email IS NOT NULL")


def downgrade() -> None:
    """Undo."""
    op.execute("DROP INDEX ix_customer_email")
    op.execute("DROP INDEX ix_customer_same_name")
    op.execute("ALTER TABLE customer_merge DROP COLUMN was")
    op.execute("DROP TABLE customer_apart")

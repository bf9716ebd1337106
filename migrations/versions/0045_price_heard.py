"""Tills say which prices they hold.

Revision ID: 0045
Revises: 0044
"""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE price_heard (
            till_id UUID NOT NULL,
            price_version BIGINT NOT NULL,
            at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_price_heard PRIMARY KEY (till_id),
            CONSTRAINT fk_price_heard_till_id_till FOREIGN KEY(till_id) REFERENCES till (id) ON DELETE RESTRICT
        )
        """
    )


def downgrade() -> None:
    """Undo."""
    op.execute("DROP TABLE price_heard")

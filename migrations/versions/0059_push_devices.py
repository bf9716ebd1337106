"""Browsers that are told of an order by push.

Revision ID: 0059
Revises: 0058
"""

from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE push_device (
            id uuid NOT NULL CONSTRAINT pk_push_device PRIMARY KEY,
            subject_id uuid NOT NULL,
            endpoint text NOT NULL,
            p256dh text NOT NULL,
            auth text NOT NULL,
            made_at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX uq_push_device_subject_id ON push_device (subject_id, endpoint)")
    op.execute("CREATE INDEX ix_push_device_made_at ON push_device (made_at)")


def downgrade() -> None:
    """Undo."""
    op.execute("DROP TABLE push_device")

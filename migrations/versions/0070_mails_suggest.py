"""A campaign's mail may suggest to each of its readers what may suit them.

Revision ID: 0070
Revises: 0069
"""

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE campaign ADD COLUMN suggests boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    """Undo."""
    op.execute("ALTER TABLE campaign DROP COLUMN suggests")

"""A style has tags: words that promotions choose by.

Revision ID: 0024
Revises: 0023
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE style ADD COLUMN tags text[] NOT NULL DEFAULT '{}'")


def downgrade() -> None:
    """Undo."""
    op.execute("ALTER TABLE style DROP COLUMN tags")

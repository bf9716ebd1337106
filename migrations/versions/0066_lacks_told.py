"""Pieces that a depot is without are told of, each time under the next version.

Revision ID: 0066
Revises: 0062
"""

from alembic import op

revision = "0066"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE sending_lack ADD COLUMN version bigint NOT NULL DEFAULT 1")


def downgrade() -> None:
    """Undo."""
    op.execute("ALTER TABLE sending_lack DROP COLUMN version")

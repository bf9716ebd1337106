"""Staff badges: what the server keeps of the secret on somebody's badge.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("ALTER TABLE staff ADD COLUMN badge_hash text")


def downgrade() -> None:
    op.execute("ALTER TABLE staff DROP COLUMN badge_hash")

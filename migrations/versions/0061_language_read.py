"""Which language a customer reads, and the English words of a campaign.

Revision ID: 0061
Revises: 0060
"""

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; nobody's language is known yet."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE customer ADD COLUMN language text CONSTRAINT ck_customer_language CHECK (language IN ('vi', 'en'))")
    op.execute("ALTER TABLE campaign ADD COLUMN template_en jsonb")


def downgrade() -> None:
    """Undo."""
    op.execute("ALTER TABLE campaign DROP COLUMN template_en")
    op.execute("ALTER TABLE customer DROP COLUMN language")

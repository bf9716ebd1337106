"""A line of an online order may be cut over places: an order names a variant in more than one of its lines.

Revision ID: 0067
Revises: 0066
"""

from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX uq_web_order_line_variant")


def downgrade() -> None:
    """Undo."""
    op.execute("CREATE UNIQUE INDEX uq_web_order_line_variant ON web_order_line (order_id, variant_id)")

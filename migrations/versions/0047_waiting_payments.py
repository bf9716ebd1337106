"""What still waits for money, by cart: a second payment is not asked for beside it.

Revision ID: 0047
Revises: 0046
"""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_payment_request_waiting ON payment_request (cart_id) WHERE state = 'waiting'")


def downgrade() -> None:
    """Undo."""
    op.execute("DROP INDEX ix_payment_request_waiting")

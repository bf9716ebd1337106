"""What the cashier writes beside a line, and how many promised pieces they had to look for before it was sold.

Revision ID: 0046
Revises: 0045
"""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE sale_line ADD COLUMN note text, ADD COLUMN looked_for integer NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE sale_line ADD CONSTRAINT ck_sale_line_looked_for CHECK (looked_for >= 0) NOT VALID")
    op.execute("ALTER TABLE sale_line VALIDATE CONSTRAINT ck_sale_line_looked_for")
    op.execute("CREATE INDEX ix_sale_line_looked_for ON sale_line (sale_id) WHERE looked_for > 0")


def downgrade() -> None:
    """Undo."""
    op.execute("ALTER TABLE sale_line DROP COLUMN note, DROP COLUMN looked_for")

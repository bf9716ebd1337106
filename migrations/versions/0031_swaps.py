"""A piece that is swapped for another size or colour stands for the piece that came back.

Revision ID: 0031
Revises: 0030
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE sale_line ADD COLUMN stands_for_sale_id uuid, ADD COLUMN stands_for_line_no smallint")
    op.execute(
        "ALTER TABLE sale_line ADD CONSTRAINT ck_sale_line_stands_for CHECK "
        "((stands_for_sale_id IS NULL) = (stands_for_line_no IS NULL) AND (stands_for_sale_id IS NULL OR qty > 0)) NOT VALID"
    )
    op.execute("ALTER TABLE sale_line VALIDATE CONSTRAINT ck_sale_line_stands_for")
    op.execute(
        "CREATE INDEX ix_sale_line_stands_for ON sale_line (stands_for_sale_id) WHERE stands_for_sale_id IS NOT NULL"
    )


def downgrade() -> None:
    """Undo."""
    op.execute("ALTER TABLE sale_line DROP COLUMN stands_for_sale_id, DROP COLUMN stands_for_line_no")

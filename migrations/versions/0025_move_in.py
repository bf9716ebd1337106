"""Files that come in may hold customers or opening stock.

Revision ID: 0025
Revises: 0024
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE import_file DROP CONSTRAINT ck_import_file_kind")
    op.execute(
        "ALTER TABLE import_file ADD CONSTRAINT ck_import_file_kind CHECK (kind IN ('catalogue', 'customers', 'stock'))"
    )


def downgrade() -> None:
    """Undo."""
    op.execute("DELETE FROM import_file WHERE kind <> 'catalogue'")
    op.execute("ALTER TABLE import_file DROP CONSTRAINT ck_import_file_kind")
    op.execute("ALTER TABLE import_file ADD CONSTRAINT ck_import_file_kind CHECK (kind IN ('catalogue'))")

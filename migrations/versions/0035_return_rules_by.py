"""Who wrote a rule of returns, and when.

Revision ID: 0035
Revises: 0034
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

TABLES = ("return_policy", "return_tender")


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN written_by uuid, ADD COLUMN written_at timestamptz")
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT fk_{table}_written_by_staff "
            "FOREIGN KEY (written_by) REFERENCES staff (id) ON DELETE RESTRICT NOT VALID"
        )
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT fk_{table}_written_by_staff")


def downgrade() -> None:
    """Undo."""
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN written_by, DROP COLUMN written_at")

"""Who has written the rules of points and tiers, and when; nobody for those of the company's beginning.

Revision ID: 0055
Revises: 0054
"""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

TABLES = ("loyalty_rule", "tier_rule")


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN written_at timestamptz, ADD COLUMN written_by uuid "
            f"CONSTRAINT fk_{table}_written_by_staff REFERENCES staff (id) ON DELETE RESTRICT"
        )


def downgrade() -> None:
    """Undo."""
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN written_at, DROP COLUMN written_by")

"""A voucher is held for the sale that is being paid, until a moment.

Revision ID: 0034
Revises: 0033
"""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE voucher ADD COLUMN held_for uuid, ADD COLUMN held_until timestamptz")
    op.execute("UPDATE voucher SET state = 'issued' WHERE state = 'held'")  # nothing could hold one before
    op.execute(
        "ALTER TABLE voucher ADD CONSTRAINT ck_voucher_held CHECK "
        "((state = 'held') = (held_for IS NOT NULL) AND (held_for IS NULL) = (held_until IS NULL)) NOT VALID"
    )
    op.execute("ALTER TABLE voucher VALIDATE CONSTRAINT ck_voucher_held")
    op.execute("CREATE INDEX ix_voucher_held_until ON voucher (held_until) WHERE held_until IS NOT NULL")


def downgrade() -> None:
    """Undo: what is held is free."""
    op.execute("ALTER TABLE voucher DROP CONSTRAINT ck_voucher_held")
    op.execute("UPDATE voucher SET state = 'issued' WHERE state = 'held'")
    op.execute("ALTER TABLE voucher DROP COLUMN held_for, DROP COLUMN held_until")

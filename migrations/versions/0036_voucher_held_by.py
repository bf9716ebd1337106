"""A voucher says which till holds it: one that goes dark holds it until it is heard again.

Revision ID: 0036
Revises: 0035
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE voucher ADD COLUMN held_by uuid")
    op.execute(
        "ALTER TABLE voucher ADD CONSTRAINT fk_voucher_held_by_till FOREIGN KEY (held_by) REFERENCES till (id) "
        "ON DELETE RESTRICT NOT VALID"
    )
    op.execute("ALTER TABLE voucher VALIDATE CONSTRAINT fk_voucher_held_by_till")
    op.execute("CREATE INDEX ix_voucher_held_by ON voucher (held_by) WHERE held_by IS NOT NULL")


def downgrade() -> None:
    """Undo: holds end by their time alone."""
    op.execute("ALTER TABLE voucher DROP COLUMN held_by")

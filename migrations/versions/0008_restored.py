"""A server restored from a backup: tills that have still to come back, and doubts that only a count ends.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TILL_RETURN = """
CREATE TABLE till_return (
    till_id uuid NOT NULL,
    location_id uuid NOT NULL,
    epoch integer NOT NULL,
    since timestamptz NOT NULL,
    returned_at timestamptz,
    how text,
    CONSTRAINT pk_till_return PRIMARY KEY (till_id),
    CONSTRAINT ck_till_return_how CHECK (how IN ('attached', 'lost') AND (how IS NULL) = (returned_at IS NULL)),
    CONSTRAINT fk_till_return_till_id_till FOREIGN KEY (till_id) REFERENCES till (id) ON DELETE RESTRICT,
    CONSTRAINT fk_till_return_location_id_location FOREIGN KEY (location_id) REFERENCES location (id) ON DELETE RESTRICT
)
"""
REASONS = "'signed_off', 'replaced', 'lost', 'asserted'"


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TILL_RETURN)
    op.execute("CREATE INDEX ix_till_return_missing ON till_return (location_id) WHERE returned_at IS NULL")
    op.add_column("location", sa.Column("rebuilt_incarnation", sa.Integer))
    op.add_column("location", sa.Column("rebuilt_no", sa.BigInteger))
    op.add_column("stock_doubt", sa.Column("only_count", sa.Boolean, nullable=False, server_default="false"))
    _reasons(f"{REASONS}, 'restored'")


def downgrade() -> None:
    """Undo."""
    op.execute("UPDATE till_opening SET end_reason = 'lost' WHERE end_reason = 'restored'")
    _reasons(REASONS)
    op.drop_column("stock_doubt", "only_count")
    op.drop_column("location", "rebuilt_no")
    op.drop_column("location", "rebuilt_incarnation")
    op.execute("DROP TABLE till_return")


def _reasons(known: str) -> None:
    op.drop_constraint(op.f("ck_till_opening_end_reason"), "till_opening")
    op.create_check_constraint(op.f("ck_till_opening_end_reason"), "till_opening", f"end_reason IN ({known})")

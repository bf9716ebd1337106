"""A transfer may be a draft before anybody is asked for its goods.

Revision ID: 0044
Revises: 0043
"""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

STATES = "'requested', 'picking', 'in_transit', 'part_received', 'differs', 'done', 'cancelled'"
ACTS = "'pick', 'ship', 'receive', 'settle', 'cancel'"


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    _only("transfer", "state", f"'draft', {STATES}")
    _only("transfer_act", "act", f"'submit', {ACTS}")


def downgrade() -> None:
    """Undo: a draft is cancelled."""
    op.execute("UPDATE transfer SET state = 'cancelled', closed_at = now() WHERE state = 'draft'")
    op.execute("DELETE FROM transfer_act WHERE act = 'submit'")
    _only("transfer", "state", STATES)
    _only("transfer_act", "act", ACTS)


def _only(table: str, column: str, words: str) -> None:
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{column}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{column} CHECK ({column} IN ({words})) NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{column}")

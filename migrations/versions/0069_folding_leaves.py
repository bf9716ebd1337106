"""Routines that fold sales in answer otherwise: what accounts say goes with them, and who cannot be folded is left to the rest.

Revision ID: 0069
Revises: 0068
"""

from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

ROUTINES = ("sold_between(pg_snapshot, pg_snapshot)", "changed_since(pg_snapshot, int)")


def upgrade() -> None:
    """Apply; the routines are made anew with all others, once the tables are there."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    _drop(*ROUTINES, "changed_between(pg_snapshot, pg_snapshot, uuid[], date, int)", "fold_sales(uuid[], uuid[], date, timestamptz)")


def downgrade() -> None:
    """Undo."""
    _drop(
        *ROUTINES,
        "changed_between(pg_snapshot, pg_snapshot, uuid[], int)",
        "fold_sales(uuid[], boolean[], boolean[], uuid[], date, timestamptz)",
    )


def _drop(*routines: str) -> None:
    for routine in routines:
        op.execute(f"DROP FUNCTION IF EXISTS {routine}")

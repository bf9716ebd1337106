"""Jobs of the clock are no longer rows of the queue; why one failed stands beside what its last run came to.

Revision ID: 0062
Revises: 0061
"""

from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE job_outcome ADD COLUMN cause text")
    op.execute("DELETE FROM procrastinate_periodic_defers")
    op.execute("DELETE FROM job_failure WHERE job_id IN (SELECT id FROM procrastinate_jobs WHERE queueing_lock IS NOT NULL)")
    op.execute("DELETE FROM procrastinate_jobs WHERE queueing_lock IS NOT NULL")


def downgrade() -> None:
    """Undo."""
    op.execute("ALTER TABLE job_outcome DROP COLUMN cause")

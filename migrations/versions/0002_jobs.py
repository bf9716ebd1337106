"""The job queue's tables and functions, and what the jobs of the clock last came to.

The queue (procrastinate) ships its schema as numbered steps that never change once released, so this revision takes
exactly the steps up to the one named here, whatever version is installed. An upgrade of the queue brings a revision of
its own that takes the later ones.

Revision ID: 0002
Revises: 0001
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LAST_STEP = "03.04.00_50_post_add_retry_failed_job_procedure.sql"


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    steps = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    connection = op.get_bind()
    for step in steps:
        if step.name <= LAST_STEP:
            connection.exec_driver_sql(step.read_text(encoding="utf-8").replace("%", "%%"))
    op.create_table(
        "job_outcome",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("healthy", sa.Boolean(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_outcome")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("job_outcome")
    op.execute(
        """
        DO $$ DECLARE found record; BEGIN
            DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers CASCADE;
            FOR found IN SELECT oid::regprocedure AS name FROM pg_proc
                          WHERE proname LIKE 'procrastinate\\_%' AND pronamespace = current_schema()::regnamespace LOOP
                EXECUTE 'DROP FUNCTION ' || found.name || ' CASCADE';
            END LOOP;
            DROP TYPE procrastinate_job_status, procrastinate_job_event_type, procrastinate_job_to_defer_v1;
        END $$
        """
    )

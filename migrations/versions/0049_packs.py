"""Packs of reports that are sent on schedule, and the files that go with messages.

Revision ID: 0049
Revises: 0048
"""

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE message_file (
            message_id uuid NOT NULL CONSTRAINT fk_message_file_message_id_message REFERENCES message (id) ON DELETE CASCADE,
            name text NOT NULL,
            media text NOT NULL,
            content bytea NOT NULL,
            CONSTRAINT pk_message_file PRIMARY KEY (message_id, name)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE report_subscription (
            id uuid NOT NULL CONSTRAINT pk_report_subscription PRIMARY KEY,
            staff_id uuid NOT NULL CONSTRAINT fk_report_subscription_staff_id_staff REFERENCES staff (id) ON DELETE RESTRICT,
            pack text NOT NULL,
            cadence text NOT NULL,
            language text NOT NULL,
            made_by uuid NOT NULL CONSTRAINT fk_report_subscription_made_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
            made_at timestamptz NOT NULL,
            CONSTRAINT ck_report_subscription_pack CHECK (pack IN ('sales', 'marketing')),
            CONSTRAINT ck_report_subscription_cadence CHECK (cadence IN ('weekly', 'monthly')),
            CONSTRAINT ck_report_subscription_language CHECK (language IN ('vi', 'en'))
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX uq_report_subscription ON report_subscription (staff_id, pack, cadence)")
    op.execute("CREATE INDEX ix_report_subscription_made_by ON report_subscription (made_by)")


def downgrade() -> None:
    """Undo."""
    op.execute("DROP TABLE report_subscription")
    op.execute("DROP TABLE message_file")

"""Messages to people outside the company, asked for in the transaction they belong to.

Revision ID: 0040
Revises: 0039
"""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE message (
            id uuid NOT NULL,
            key text NOT NULL,
            kind text NOT NULL,
            channel text NOT NULL,
            address text NOT NULL,
            language text NOT NULL,
            facts jsonb NOT NULL,
            subject_id uuid,
            state text NOT NULL DEFAULT 'waiting',
            asked_at timestamptz NOT NULL,
            next_try_at timestamptz NOT NULL,
            use_until timestamptz,
            tries integer NOT NULL DEFAULT 0,
            ended_at timestamptz,
            failure text,
            CONSTRAINT pk_message PRIMARY KEY (id),
            CONSTRAINT ck_message_channel CHECK (channel IN ('email', 'sms', 'push')),
            CONSTRAINT ck_message_state CHECK (state IN ('waiting', 'sent', 'failed', 'too_late')),
            CONSTRAINT ck_message_language CHECK (language IN ('vi', 'en')),
            CONSTRAINT ck_message_ended CHECK ((state = 'waiting') = (ended_at IS NULL))
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX uq_message_key ON message (key, channel)")
    op.execute("CREATE INDEX ix_message_subject_id ON message (subject_id) WHERE subject_id IS NOT NULL")
    op.execute("CREATE INDEX ix_message_next_try_at ON message (next_try_at) WHERE state = 'waiting'")
    op.execute("CREATE INDEX ix_message_ended_at ON message (ended_at) WHERE ended_at IS NOT NULL")


def downgrade() -> None:
    """Undo."""
    op.execute("DROP TABLE message")

"""Devices listen: a locked till opens a socket for itself; what waits for a person is told as it changes.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


# Exceptions and doubts are written by many, the posting desk among them: whoever writes, one event a place is published.
TELL = """
CREATE FUNCTION tell_matters() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN
    INSERT INTO event (topic, key, key_version, location_id, payload)
    SELECT DISTINCT 'matters.changed', coalesce(location_id::text, 'chain'), pg_current_xact_id()::text::bigint, location_id,
           jsonb_build_object('location_id', location_id)
      FROM changed;
    RETURN NULL;
END $$
"""
TABLES = ("exception_log", "stock_doubt")


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TELL)
    for table in TABLES:
        for act in ("insert", "update"):
            op.execute(
                f"CREATE TRIGGER tell_matters_{act} AFTER {act.upper()} ON {table} REFERENCING NEW TABLE AS changed "
                "FOR EACH STATEMENT EXECUTE FUNCTION tell_matters()"
            )
    op.execute("ALTER TABLE socket_ticket ALTER COLUMN session_id DROP NOT NULL")
    op.execute(
        "ALTER TABLE socket_ticket ADD COLUMN till_id uuid"
        " CONSTRAINT fk_socket_ticket_till_id_till REFERENCES till (id) ON DELETE CASCADE"
    )
    op.execute(
        "ALTER TABLE socket_ticket ADD CONSTRAINT ck_socket_ticket_holder CHECK (num_nonnulls(session_id, till_id) = 1)"
    )


def downgrade() -> None:
    """Undo."""
    for table in TABLES:
        for act in ("insert", "update"):
            op.execute(f"DROP TRIGGER tell_matters_{act} ON {table}")
    op.execute("DROP FUNCTION tell_matters")
    op.execute("DELETE FROM socket_ticket WHERE session_id IS NULL")
    op.execute("ALTER TABLE socket_ticket DROP CONSTRAINT ck_socket_ticket_holder")
    op.execute("ALTER TABLE socket_ticket DROP COLUMN till_id")
    op.execute("ALTER TABLE socket_ticket ALTER COLUMN session_id SET NOT NULL")

"""Sums of days that are over, and what makes them count no more.

Revision ID: 0043
Revises: 0042
"""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE day_sum (
        on_date date NOT NULL,
        by text NOT NULL CONSTRAINT ck_day_sum_by CHECK (by IN ('hour', 'staff', 'category')),
        location_id uuid NOT NULL,
        channel text NOT NULL,
        key text NOT NULL,
        revenue_vnd bigint NOT NULL,
        net_vnd bigint NOT NULL,
        bills bigint NOT NULL,
        sold bigint NOT NULL,
        returned bigint NOT NULL,
        CONSTRAINT pk_day_sum PRIMARY KEY (on_date, by, location_id, channel, key)
    )
    """,
    """
    CREATE TABLE day_summed (
        on_date date NOT NULL CONSTRAINT pk_day_summed PRIMARY KEY,
        summed_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE day_touched (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_day_touched PRIMARY KEY,
        on_date date NOT NULL
    )
    """,
    "CREATE INDEX ix_day_touched_on_date ON day_touched (on_date)",
)
# A sale of today touches nothing: its trigger's condition is all it pays. A late one notes its day, without a lock that another
# could wait for. A category that moves touches every day.
FUNCTIONS = (
    """
    CREATE FUNCTION touch_day() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN
        IF TG_OP <> 'DELETE' THEN INSERT INTO day_touched (on_date) VALUES (NEW.sold_on); END IF;
        IF TG_OP <> 'INSERT' THEN INSERT INTO day_touched (on_date) VALUES (OLD.sold_on); END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION touch_every_day() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN
        IF EXISTS (SELECT 1 FROM was JOIN became USING (id) WHERE was.category_id <> became.category_id) THEN
            INSERT INTO day_touched (on_date) SELECT on_date FROM day_summed;
        END IF;
        RETURN NULL;
    END $$
    """,
)
TODAY = "(statement_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
CHANGED = "(OLD.state, OLD.location_id, OLD.staff_id, OLD.channel, OLD.sold_at)"
TRIGGERS = (
    "CREATE TRIGGER touch_day_late AFTER INSERT ON sale FOR EACH ROW "
    f"WHEN (NEW.sold_on < {TODAY}) EXECUTE FUNCTION touch_day()",
    "CREATE TRIGGER touch_day_changed AFTER UPDATE ON sale FOR EACH ROW "
    f"WHEN (OLD.sold_on < {TODAY} AND {CHANGED} IS DISTINCT FROM {CHANGED.replace('OLD', 'NEW')}) EXECUTE FUNCTION touch_day()",
    "CREATE TRIGGER touch_day_gone AFTER DELETE ON sale FOR EACH ROW EXECUTE FUNCTION touch_day()",
    "CREATE TRIGGER touch_every_day AFTER UPDATE ON style REFERENCING OLD TABLE AS was NEW TABLE AS became "
    "FOR EACH STATEMENT EXECUTE FUNCTION touch_every_day()",
    # Sums that were changed by hand are proved at the watch's next look.
    *(
        f"CREATE TRIGGER note_{name} AFTER {act} ON day_sum REFERENCING {side} TABLE AS touched "
        "FOR EACH STATEMENT EXECUTE FUNCTION note_touched('day', 'on_date::text')"
        for name, act, side in (("old", "UPDATE", "OLD"), ("new", "UPDATE", "NEW"), ("gone", "DELETE", "OLD"))
    ),
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*TABLES, *FUNCTIONS, *TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    """Undo."""
    for name in ("touch_day_late", "touch_day_changed", "touch_day_gone"):
        op.execute(f"DROP TRIGGER {name} ON sale")
    op.execute("DROP TRIGGER touch_every_day ON style")
    for function in ("touch_day", "touch_every_day"):
        op.execute(f"DROP FUNCTION {function}")
    for table in ("day_touched", "day_summed", "day_sum"):
        op.execute(f"DROP TABLE {table}")

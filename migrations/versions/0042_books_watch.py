"""The watch over the books: what was changed by hand, what does not agree, how far the watch has come; why jobs failed.

Revision ID: 0042
Revises: 0041
"""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE books_touched (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_books_touched PRIMARY KEY,
        scope text NOT NULL,
        key text NOT NULL
    )
    """,
    """
    CREATE TABLE books_finding (
        rule text NOT NULL,
        subject text NOT NULL,
        expected text NOT NULL,
        found text NOT NULL,
        document text,
        document_key text,
        label text,
        location_id uuid,
        found_at timestamptz NOT NULL,
        CONSTRAINT pk_books_finding PRIMARY KEY (rule, subject)
    )
    """,
    """
    CREATE TABLE books_watch (
        id integer NOT NULL CONSTRAINT pk_books_watch PRIMARY KEY CONSTRAINT ck_books_watch_one CHECK (id = 1),
        seen_xid bigint NOT NULL,
        looked_at timestamptz NOT NULL,
        took_ms integer NOT NULL,
        walk jsonb NOT NULL,
        round_began_at timestamptz NOT NULL,
        round_ended_at timestamptz
    )
    """,
    """
    CREATE TABLE job_failure (
        job_id bigint NOT NULL CONSTRAINT pk_job_failure PRIMARY KEY,
        at timestamptz NOT NULL,
        cause text NOT NULL
    )
    """,
)
# Rows of the books are written once: a change or a deletion is rare, and what it belonged to is looked at again. What is
# changed by every sale (balances, accounts, epochs) is found by its transaction instead. An insert pays nothing.
NOTE = """
CREATE FUNCTION note_touched() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN
    FOR part IN 0 .. TG_NARGS - 1 BY 2 LOOP
        EXECUTE format(
            'INSERT INTO books_touched (scope, key) SELECT DISTINCT %L, %s FROM touched WHERE %s IS NOT NULL',
            TG_ARGV[part], TG_ARGV[part + 1], TG_ARGV[part + 1]
        );
    END LOOP;
    RETURN NULL;
END $$
"""
SALE = ("sale", "sale_id::text")
CUSTOMER = ("customer", "customer_id::text")
TOUCHES = {
    "sale": ("sale", "id::text", "epoch", "till_id || '':'' || epoch"),
    "sale_line": SALE,
    "sale_discount": SALE,
    "payment": SALE,
    "stock_ledger": ("sale", "ref::text", "balance", "location_id || '':'' || variant_id"),
    "loyalty_entry": CUSTOMER,
    "credit_entry": CUSTOMER,
}
ACTS = {"old": "UPDATE", "new": "UPDATE", "gone": "DELETE"}


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        op.execute(table)
    op.execute(NOTE)
    for table, parts in TOUCHES.items():
        arguments = ", ".join(f"'{part}'" for part in parts)
        for name, act in ACTS.items():
            side = "NEW" if name == "new" else "OLD"
            op.execute(
                f"CREATE TRIGGER note_{name} AFTER {act} ON {table} REFERENCING {side} TABLE AS touched "
                f"FOR EACH STATEMENT EXECUTE FUNCTION note_touched({arguments})"
            )


def downgrade() -> None:
    """Undo."""
    for table in TOUCHES:
        for name in ACTS:
            op.execute(f"DROP TRIGGER note_{name} ON {table}")
    op.execute("DROP FUNCTION note_touched")
    for table in ("job_failure", "books_watch", "books_finding", "books_touched"):
        op.execute(f"DROP TABLE {table}")

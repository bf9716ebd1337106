"""What customers have bought by the end of each day they came, and whether in shops and on the web: any sentence reads a row each.

Revision ID: 0060
Revises: 0059
"""

from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; whoever scores next scores everybody, and so gathers their days. Routines that answer otherwise are made anew."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        ALTER TABLE customer_score
            DROP COLUMN year_vnd, DROP COLUMN year_on,
            ADD COLUMN sold_days date[] NOT NULL DEFAULT '{}',
            ADD COLUMN orders_until int[] NOT NULL DEFAULT '{}',
            ADD COLUMN vnd_until bigint[] NOT NULL DEFAULT '{}',
            ADD COLUMN in_shops boolean NOT NULL DEFAULT false,
            ADD COLUMN on_web boolean NOT NULL DEFAULT false,
            ADD CONSTRAINT ck_customer_score_days CHECK (
                cardinality(sold_days) = cardinality(orders_until) AND cardinality(sold_days) = cardinality(vnd_until))
        """
    )
    op.execute("ALTER TABLE customer_bought DROP COLUMN channels")
    op.execute("CREATE INDEX ix_customer_account_unprofiled ON customer_account (customer_id) WHERE NOT profiled")
    op.execute("DROP FUNCTION IF EXISTS bought_by(uuid[], date)")
    op.execute("DROP FUNCTION IF EXISTS sold_between(pg_snapshot, pg_snapshot)")
    op.execute("DROP FUNCTION IF EXISTS sum_for_tiers(date, tier_rule[])")
    op.execute("DELETE FROM score_cursor")


def downgrade() -> None:
    """Undo."""
    op.execute("DROP FUNCTION IF EXISTS bought_by(uuid[], date)")
    op.execute("DROP FUNCTION IF EXISTS sold_between(pg_snapshot, pg_snapshot)")
    op.execute("DROP INDEX ix_customer_account_unprofiled")
    op.execute("ALTER TABLE customer_bought ADD COLUMN channels text[] NOT NULL DEFAULT '{}'")
    op.execute("ALTER TABLE customer_bought ALTER COLUMN channels DROP DEFAULT")
    op.execute(
        """
        ALTER TABLE customer_score
            DROP CONSTRAINT ck_customer_score_days,
            DROP COLUMN on_web, DROP COLUMN in_shops, DROP COLUMN vnd_until, DROP COLUMN orders_until, DROP COLUMN sold_days,
            ADD COLUMN year_vnd bigint NOT NULL DEFAULT 0,
            ADD COLUMN year_on date NOT NULL DEFAULT '1970-01-01'
        """
    )

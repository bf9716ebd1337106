"""Goods come back: why and in what state, and by which dated policy.

Revision ID: 0026
Revises: 0025
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE return_policy (
        id uuid NOT NULL,
        valid_from date NOT NULL,
        category_id uuid,
        off_bp_min integer NOT NULL,
        days integer NOT NULL,
        forms text[] NOT NULL,
        CONSTRAINT pk_return_policy PRIMARY KEY (id),
        CONSTRAINT ck_return_policy_off CHECK (off_bp_min BETWEEN 0 AND 10000),
        CONSTRAINT ck_return_policy_days CHECK (days >= 0),
        CONSTRAINT ck_return_policy_forms CHECK (forms <@ ARRAY['original', 'store_credit', 'exchange']),
        CONSTRAINT fk_return_policy_category_id_category FOREIGN KEY (category_id) REFERENCES category (id) ON DELETE RESTRICT
    )
    """,
    "CREATE UNIQUE INDEX uq_return_policy_rule ON return_policy (valid_from, category_id, off_bp_min) NULLS NOT DISTINCT",
    """
    CREATE TABLE return_tender (
        valid_from date NOT NULL,
        kind text NOT NULL,
        back_by text[] NOT NULL,
        CONSTRAINT pk_return_tender PRIMARY KEY (valid_from, kind),
        CONSTRAINT ck_return_tender_kind CHECK (kind IN ('cash', 'card', 'transfer', 'cod', 'store_credit')),
        CONSTRAINT ck_return_tender_back_by CHECK (back_by <@ ARRAY['cash', 'card', 'transfer', 'store_credit'])
    )
    """,
)

# What a company starts out with; later rows take over from their day on.
RULES = (
    """
    INSERT INTO return_policy (id, valid_from, category_id, off_bp_min, days, forms) VALUES
        (gen_random_uuid(), '2020-01-01', NULL, 0, 30, ARRAY['original', 'store_credit', 'exchange']),
        (gen_random_uuid(), '2020-01-01', NULL, 3000, 7, ARRAY['exchange', 'store_credit'])
    """,
    """
    INSERT INTO return_tender (valid_from, kind, back_by) VALUES
        ('2020-01-01', 'cash', ARRAY['cash']),
        ('2020-01-01', 'card', ARRAY['card', 'transfer']),
        ('2020-01-01', 'transfer', ARRAY['transfer']),
        ('2020-01-01', 'cod', ARRAY['transfer', 'cash']),
        ('2020-01-01', 'store_credit', ARRAY['store_credit'])
    """,
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*TABLES, *RULES):
        op.execute(statement)
    op.execute("ALTER TABLE sale_line ADD COLUMN return_reason text, ADD COLUMN condition text")
    op.execute(
        "ALTER TABLE sale_line ADD CONSTRAINT ck_sale_line_condition CHECK "
        "(condition IN ('sell', 'damaged', 'scrap') AND qty < 0 OR condition IS NULL AND return_reason IS NULL) NOT VALID"
    )
    op.execute("ALTER TABLE sale_line VALIDATE CONSTRAINT ck_sale_line_condition")
    op.execute("ALTER TABLE sale_discount DROP CONSTRAINT ck_sale_discount_kind")
    op.execute(
        "ALTER TABLE sale_discount ADD CONSTRAINT ck_sale_discount_kind "
        "CHECK (kind IN ('manual', 'points', 'promotion', 'recalculated'))"
    )


def downgrade() -> None:
    """Undo; refuses while there are returns of the new kind."""
    op.execute("ALTER TABLE sale_discount DROP CONSTRAINT ck_sale_discount_kind")
    op.execute(
        "ALTER TABLE sale_discount ADD CONSTRAINT ck_sale_discount_kind CHECK (kind IN ('manual', 'points', 'promotion'))"
    )
    op.execute("ALTER TABLE sale_line DROP CONSTRAINT ck_sale_line_condition")
    op.execute("ALTER TABLE sale_line DROP COLUMN return_reason, DROP COLUMN condition")
    for table in ("return_tender", "return_policy"):
        op.execute(f"DROP TABLE {table}")

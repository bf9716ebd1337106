"""Goods in: suppliers, orders, what came and what was sent back at the door, and what a piece costs on average.

Revision ID: 0027
Revises: 0026
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE supplier (
        id uuid NOT NULL CONSTRAINT pk_supplier PRIMARY KEY,
        name text NOT NULL CONSTRAINT uq_supplier_name UNIQUE,
        phone text, tax_code text, note text,
        created_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE purchase_order (
        id uuid NOT NULL CONSTRAINT pk_purchase_order PRIMARY KEY,
        number bigint NOT NULL CONSTRAINT uq_purchase_order_number UNIQUE,
        supplier_id uuid NOT NULL
            CONSTRAINT fk_purchase_order_supplier_id_supplier REFERENCES supplier (id) ON DELETE RESTRICT,
        location_id uuid NOT NULL
            CONSTRAINT fk_purchase_order_location_id_location REFERENCES location (id) ON DELETE RESTRICT,
        state text NOT NULL DEFAULT 'open'
            CONSTRAINT ck_purchase_order_state CHECK (state IN ('open', 'part', 'done', 'closed')),
        note text,
        expected_on date,
        ordered_by uuid NOT NULL CONSTRAINT fk_purchase_order_ordered_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
        created_at timestamptz NOT NULL,
        closed_at timestamptz
    )
    """,
    """
    CREATE TABLE purchase_line (
        order_id uuid NOT NULL
            CONSTRAINT fk_purchase_line_order_id_purchase_order REFERENCES purchase_order (id) ON DELETE RESTRICT,
        variant_id uuid NOT NULL CONSTRAINT fk_purchase_line_variant_id_variant REFERENCES variant (id) ON DELETE RESTRICT,
        ordered integer NOT NULL,
        unit_cost_vnd bigint NOT NULL,
        received integer NOT NULL DEFAULT 0,
        rejected integer NOT NULL DEFAULT 0,
        CONSTRAINT pk_purchase_line PRIMARY KEY (order_id, variant_id),
        CONSTRAINT ck_purchase_line_amounts
            CHECK (ordered > 0 AND unit_cost_vnd >= 0 AND received >= 0 AND rejected >= 0)
    )
    """,
    """
    CREATE TABLE goods_receipt (
        id uuid NOT NULL CONSTRAINT pk_goods_receipt PRIMARY KEY
            CONSTRAINT fk_goods_receipt_id_stock_document REFERENCES stock_document (id) ON DELETE RESTRICT,
        number bigint NOT NULL CONSTRAINT uq_goods_receipt_number UNIQUE,
        order_id uuid CONSTRAINT fk_goods_receipt_order_id_purchase_order REFERENCES purchase_order (id) ON DELETE RESTRICT,
        supplier_id uuid CONSTRAINT fk_goods_receipt_supplier_id_supplier REFERENCES supplier (id) ON DELETE RESTRICT,
        location_id uuid NOT NULL
            CONSTRAINT fk_goods_receipt_location_id_location REFERENCES location (id) ON DELETE RESTRICT,
        staff_id uuid NOT NULL CONSTRAINT fk_goods_receipt_staff_id_staff REFERENCES staff (id) ON DELETE RESTRICT,
        till_id uuid CONSTRAINT fk_goods_receipt_till_id_till REFERENCES till (id) ON DELETE RESTRICT,
        received_at timestamptz NOT NULL,
        note text,
        fingerprint bytea NOT NULL
    )
    """,
    """
    CREATE TABLE receipt_line (
        receipt_id uuid NOT NULL
            CONSTRAINT fk_receipt_line_receipt_id_goods_receipt REFERENCES goods_receipt (id) ON DELETE RESTRICT,
        variant_id uuid NOT NULL CONSTRAINT fk_receipt_line_variant_id_variant REFERENCES variant (id) ON DELETE RESTRICT,
        accepted integer NOT NULL,
        rejected integer NOT NULL,
        reason text,
        unit_cost_vnd bigint,
        pieces_before integer NOT NULL,
        cost_before_vnd bigint NOT NULL,
        cost_after_vnd bigint NOT NULL,
        CONSTRAINT pk_receipt_line PRIMARY KEY (receipt_id, variant_id),
        CONSTRAINT ck_receipt_line_pieces CHECK (accepted >= 0 AND rejected >= 0 AND accepted + rejected > 0),
        CONSTRAINT ck_receipt_line_reason CHECK ((rejected > 0) = (reason IS NOT NULL))
    )
    """,
    """
    CREATE TABLE variant_cost (
        variant_id uuid NOT NULL CONSTRAINT pk_variant_cost PRIMARY KEY
            CONSTRAINT fk_variant_cost_variant_id_variant REFERENCES variant (id) ON DELETE RESTRICT,
        average_vnd bigint NOT NULL,
        changed_at timestamptz NOT NULL
    )
    """,
)
INDEXES = (
    "CREATE INDEX ix_purchase_order_location_id ON purchase_order (location_id, id)",
    "CREATE INDEX ix_purchase_order_supplier_id ON purchase_order (supplier_id)",
    "CREATE INDEX ix_purchase_line_variant_id ON purchase_line (variant_id)",
    "CREATE INDEX ix_goods_receipt_location_id ON goods_receipt (location_id, id)",
    "CREATE INDEX ix_goods_receipt_order_id ON goods_receipt (order_id) WHERE order_id IS NOT NULL",
    "CREATE INDEX ix_receipt_line_variant_id ON receipt_line (variant_id)",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE SEQUENCE purchase_no")
    op.execute("CREATE SEQUENCE receipt_no")
    for statement in (*TABLES, *INDEXES):
        op.execute(statement)


def downgrade() -> None:
    """Undo."""
    for table in ("variant_cost", "receipt_line", "goods_receipt", "purchase_line", "purchase_order", "supplier"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP SEQUENCE receipt_no")
    op.execute("DROP SEQUENCE purchase_no")

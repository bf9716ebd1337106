"""Transfers: goods on their way between places, what differs on arrival, and who has to explain it by when.

Revision ID: 0021
Revises: 0020
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TRANSFER = """
CREATE TABLE transfer (
    id uuid NOT NULL CONSTRAINT pk_transfer PRIMARY KEY,
    code text NOT NULL CONSTRAINT uq_transfer_code UNIQUE,
    from_id uuid NOT NULL CONSTRAINT fk_transfer_from_id_location REFERENCES location (id) ON DELETE RESTRICT,
    to_id uuid NOT NULL CONSTRAINT fk_transfer_to_id_location REFERENCES location (id) ON DELETE RESTRICT,
    state text NOT NULL DEFAULT 'requested'
        CONSTRAINT ck_transfer_state CHECK (state IN ('requested', 'picking', 'in_transit', 'part_received', 'differs',
                                                      'done', 'cancelled')),
    note text,
    requested_by uuid NOT NULL CONSTRAINT fk_transfer_requested_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
    shipped_by uuid CONSTRAINT fk_transfer_shipped_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
    created_at timestamptz NOT NULL,
    shipped_at timestamptz,
    closed_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT ck_transfer_places CHECK (from_id <> to_id)
)
"""
LINE = """
CREATE TABLE transfer_line (
    transfer_id uuid NOT NULL CONSTRAINT fk_transfer_line_transfer_id_transfer REFERENCES transfer (id) ON DELETE RESTRICT,
    variant_id uuid NOT NULL CONSTRAINT fk_transfer_line_variant_id_variant REFERENCES variant (id) ON DELETE RESTRICT,
    asked integer NOT NULL,
    picked integer NOT NULL DEFAULT 0,
    shipped integer NOT NULL DEFAULT 0,
    accepted integer NOT NULL DEFAULT 0,
    damaged integer NOT NULL DEFAULT 0,
    settled integer NOT NULL DEFAULT 0,
    extra integer NOT NULL DEFAULT 0,
    CONSTRAINT pk_transfer_line PRIMARY KEY (transfer_id, variant_id),
    CONSTRAINT ck_transfer_line_picked CHECK (asked >= 0 AND picked BETWEEN 0 AND asked AND shipped BETWEEN 0 AND picked),
    CONSTRAINT ck_transfer_line_arrived CHECK (accepted >= 0 AND damaged >= 0 AND settled >= 0 AND extra >= 0
                                               AND accepted + damaged + settled <= shipped)
)
"""
ACT = """
CREATE TABLE transfer_act (
    id uuid NOT NULL CONSTRAINT pk_transfer_act PRIMARY KEY,
    transfer_id uuid NOT NULL CONSTRAINT fk_transfer_act_transfer_id_transfer REFERENCES transfer (id) ON DELETE RESTRICT,
    act text NOT NULL CONSTRAINT ck_transfer_act_act CHECK (act IN ('pick', 'ship', 'receive', 'settle', 'cancel')),
    staff_id uuid CONSTRAINT fk_transfer_act_staff_id_staff REFERENCES staff (id) ON DELETE RESTRICT,
    till_id uuid CONSTRAINT fk_transfer_act_till_id_till REFERENCES till (id) ON DELETE RESTRICT,
    at timestamptz NOT NULL,
    lines jsonb NOT NULL
)
"""
INDEXES = (
    "CREATE INDEX ix_transfer_from_id ON transfer (from_id, id)",
    "CREATE INDEX ix_transfer_to_id ON transfer (to_id, id)",
    "CREATE INDEX ix_transfer_open ON transfer (state) WHERE state NOT IN ('done', 'cancelled')",
    "CREATE INDEX ix_transfer_line_variant_id ON transfer_line (variant_id)",
    "CREATE INDEX ix_transfer_act_transfer_id ON transfer_act (transfer_id)",
    "CREATE INDEX ix_stock_document_belongs_to ON stock_document (belongs_to) WHERE belongs_to IS NOT NULL",
    "CREATE INDEX ix_exception_log_belongs_to ON exception_log (belongs_to) WHERE belongs_to IS NOT NULL",
)
COLUMNS = (
    # The transfer whose goods a document moves.
    "ALTER TABLE stock_document ADD COLUMN belongs_to uuid",
    # What a matter comes from, who has to see to it, and by when.
    "ALTER TABLE exception_log ADD COLUMN belongs_to uuid",
    "ALTER TABLE exception_log ADD COLUMN owner_id uuid"
    " CONSTRAINT fk_exception_log_owner_id_staff REFERENCES staff (id) ON DELETE RESTRICT",
    "ALTER TABLE exception_log ADD COLUMN due_on date",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    # Places of the books where goods are and nobody shops: on the way, and damaged. Both are made when first needed.
    op.execute("ALTER TABLE location DROP CONSTRAINT ck_location_kind")
    op.execute(
        "ALTER TABLE location ADD CONSTRAINT ck_location_kind CHECK (kind IN ('branch', 'depot', 'transit', 'damaged'))"
    )
    op.execute("ALTER TABLE location DROP CONSTRAINT ck_location_status")
    op.execute("ALTER TABLE location ADD CONSTRAINT ck_location_status CHECK (status IN ('active', 'closed', 'books'))")
    op.execute("CREATE SEQUENCE transfer_no")
    for statement in (TRANSFER, LINE, ACT, *COLUMNS, *INDEXES):
        op.execute(statement)


def downgrade() -> None:
    """Undo."""
    for column in ("exception_log DROP COLUMN due_on", "exception_log DROP COLUMN owner_id"):
        op.execute(f"ALTER TABLE {column}")
    for table in ("exception_log", "stock_document"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN belongs_to")
    for table in ("transfer_act", "transfer_line", "transfer"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP SEQUENCE transfer_no")
    op.execute("ALTER TABLE location DROP CONSTRAINT ck_location_status")
    op.execute("ALTER TABLE location ADD CONSTRAINT ck_location_status CHECK (status IN ('active', 'closed'))")
    op.execute("ALTER TABLE location DROP CONSTRAINT ck_location_kind")
    op.execute("ALTER TABLE location ADD CONSTRAINT ck_location_kind CHECK (kind IN ('branch', 'depot'))")

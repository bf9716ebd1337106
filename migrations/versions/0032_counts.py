"""Counts while the shop sells, and adjustments that somebody else may have to stand for.

Revision ID: 0032
Revises: 0031
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE stock_count (
        id uuid NOT NULL CONSTRAINT pk_stock_count PRIMARY KEY,
        number bigint NOT NULL CONSTRAINT uq_stock_count_number UNIQUE,
        location_id uuid NOT NULL CONSTRAINT fk_stock_count_location_id_location REFERENCES location (id) ON DELETE RESTRICT,
        kind text NOT NULL CONSTRAINT ck_stock_count_kind CHECK (kind IN ('full', 'zone', 'cycle')),
        state text NOT NULL DEFAULT 'planned' CONSTRAINT ck_stock_count_state CHECK (state IN
            ('planned', 'counting', 'review', 'waiting', 'posting', 'posted', 'cancelled')),
        blind boolean NOT NULL DEFAULT true,
        chosen jsonb NOT NULL,
        recount_vnd bigint NOT NULL,
        note text,
        planned_for date,
        created_by uuid NOT NULL CONSTRAINT fk_stock_count_created_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
        created_at timestamptz NOT NULL,
        opened_by uuid CONSTRAINT fk_stock_count_opened_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
        opened_at timestamptz,
        ledger_from bigint,
        closed_by uuid CONSTRAINT fk_stock_count_closed_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
        closed_at timestamptz,
        asked_by uuid CONSTRAINT fk_stock_count_asked_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
        approved_by uuid CONSTRAINT fk_stock_count_approved_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
        approved_at timestamptz,
        posted_at timestamptz,
        pieces_expected integer,
        pieces_off integer,
        off_vnd bigint,
        version bigint NOT NULL DEFAULT 1,
        CONSTRAINT ck_stock_count_opened CHECK ((state = 'planned') <= (opened_at IS NULL))
    )
    """,
    """
    CREATE TABLE count_zone (
        count_id uuid NOT NULL CONSTRAINT fk_count_zone_count_id_stock_count REFERENCES stock_count (id) ON DELETE RESTRICT,
        no integer NOT NULL,
        name text NOT NULL,
        done_by uuid CONSTRAINT fk_count_zone_done_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
        done_at timestamptz,
        CONSTRAINT pk_count_zone PRIMARY KEY (count_id, no)
    )
    """,
    """
    CREATE TABLE count_line (
        count_id uuid NOT NULL CONSTRAINT fk_count_line_count_id_stock_count REFERENCES stock_count (id) ON DELETE RESTRICT,
        variant_id uuid NOT NULL CONSTRAINT fk_count_line_variant_id_variant REFERENCES variant (id) ON DELETE RESTRICT,
        in_scope boolean NOT NULL,
        round integer NOT NULL DEFAULT 1,
        decision text CONSTRAINT ck_count_line_decision CHECK (decision IN ('zero', 'keep', 'post')),
        reason text CONSTRAINT ck_count_line_reason CHECK
            (reason IN ('theft', 'miscount', 'swap', 'receiving', 'damaged', 'unknown')),
        counted integer,
        expected integer,
        difference integer,
        unit_vnd bigint,
        booked_at timestamptz,
        CONSTRAINT pk_count_line PRIMARY KEY (count_id, variant_id),
        CONSTRAINT ck_count_line_difference CHECK (difference = counted - expected)
    )
    """,
    """
    CREATE TABLE count_tally (
        count_id uuid NOT NULL,
        variant_id uuid NOT NULL,
        round integer NOT NULL,
        zone_no integer NOT NULL,
        staff_id uuid NOT NULL CONSTRAINT fk_count_tally_staff_id_staff REFERENCES staff (id) ON DELETE RESTRICT,
        device_id uuid NOT NULL,
        pieces integer NOT NULL CONSTRAINT ck_count_tally_pieces CHECK (pieces >= 0),
        first_at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        CONSTRAINT pk_count_tally PRIMARY KEY (count_id, variant_id, round, zone_no, staff_id, device_id),
        CONSTRAINT fk_count_tally_count_id_variant_id_count_line FOREIGN KEY (count_id, variant_id)
            REFERENCES count_line (count_id, variant_id) ON DELETE RESTRICT,
        CONSTRAINT fk_count_tally_count_id_zone_no_count_zone FOREIGN KEY (count_id, zone_no)
            REFERENCES count_zone (count_id, no) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE count_merge (
        count_id uuid NOT NULL,
        variant_id uuid NOT NULL,
        round integer NOT NULL,
        zone_no integer NOT NULL,
        staff_id uuid,
        device_id uuid,
        decided_by uuid NOT NULL CONSTRAINT fk_count_merge_decided_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
        CONSTRAINT pk_count_merge PRIMARY KEY (count_id, variant_id, round, zone_no),
        CONSTRAINT ck_count_merge_one CHECK ((staff_id IS NULL) = (device_id IS NULL)),
        CONSTRAINT fk_count_merge_count_id_variant_id_count_line FOREIGN KEY (count_id, variant_id)
            REFERENCES count_line (count_id, variant_id) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE count_act (
        id uuid NOT NULL CONSTRAINT pk_count_act PRIMARY KEY,
        count_id uuid NOT NULL CONSTRAINT fk_count_act_count_id_stock_count REFERENCES stock_count (id) ON DELETE RESTRICT,
        zone_no integer NOT NULL,
        staff_id uuid NOT NULL CONSTRAINT fk_count_act_staff_id_staff REFERENCES staff (id) ON DELETE RESTRICT,
        device_id uuid NOT NULL,
        recorded_at timestamptz NOT NULL,
        lines jsonb NOT NULL
    )
    """,
    """
    CREATE TABLE count_unknown (
        count_id uuid NOT NULL
            CONSTRAINT fk_count_unknown_count_id_stock_count REFERENCES stock_count (id) ON DELETE RESTRICT,
        zone_no integer NOT NULL,
        code text NOT NULL,
        pieces integer NOT NULL,
        CONSTRAINT pk_count_unknown PRIMARY KEY (count_id, zone_no, code)
    )
    """,
    """
    CREATE TABLE stock_adjustment (
        id uuid NOT NULL CONSTRAINT pk_stock_adjustment PRIMARY KEY,
        number bigint NOT NULL CONSTRAINT uq_stock_adjustment_number UNIQUE,
        location_id uuid NOT NULL
            CONSTRAINT fk_stock_adjustment_location_id_location REFERENCES location (id) ON DELETE RESTRICT,
        cause text NOT NULL CONSTRAINT ck_stock_adjustment_cause CHECK
            (cause IN ('damaged', 'lost', 'found', 'sample', 'internal', 'correction', 'other')),
        note text NOT NULL,
        state text NOT NULL CONSTRAINT ck_stock_adjustment_state CHECK (state IN ('booked', 'waiting', 'declined')),
        value_vnd bigint NOT NULL,
        asked_by uuid NOT NULL CONSTRAINT fk_stock_adjustment_asked_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
        till_id uuid CONSTRAINT fk_stock_adjustment_till_id_till REFERENCES till (id) ON DELETE RESTRICT,
        asked_at timestamptz NOT NULL,
        decided_by uuid CONSTRAINT fk_stock_adjustment_decided_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
        decided_at timestamptz,
        CONSTRAINT ck_stock_adjustment_decided CHECK ((state = 'waiting') = (decided_at IS NULL))
    )
    """,
    """
    CREATE TABLE adjustment_line (
        adjustment_id uuid NOT NULL
            CONSTRAINT fk_adjustment_line_adjustment_id_stock_adjustment REFERENCES stock_adjustment (id) ON DELETE RESTRICT,
        variant_id uuid NOT NULL
            CONSTRAINT fk_adjustment_line_variant_id_variant REFERENCES variant (id) ON DELETE RESTRICT,
        qty integer NOT NULL CONSTRAINT ck_adjustment_line_moves CHECK (qty <> 0),
        unit_vnd bigint NOT NULL,
        CONSTRAINT pk_adjustment_line PRIMARY KEY (adjustment_id, variant_id)
    )
    """,
)
INDEXES = (
    "CREATE INDEX ix_stock_count_location_id ON stock_count (location_id, id)",
    "CREATE INDEX ix_stock_count_open ON stock_count (state) WHERE state NOT IN ('posted', 'cancelled')",
    "CREATE INDEX ix_count_line_variant_id ON count_line (variant_id)",
    "CREATE INDEX ix_count_act_count_id ON count_act (count_id)",
    "CREATE INDEX ix_stock_adjustment_location_id ON stock_adjustment (location_id, id)",
    "CREATE INDEX ix_adjustment_line_variant_id ON adjustment_line (variant_id)",
)
# Who corrected the books so far did so without a limit; the roles that a company starts out with have one from here on.
LIMITS = (
    "UPDATE role_grant SET refund_vnd_max = 5000000 "
    "WHERE role = 'store_manager' AND verb = 'stock.adjust' AND refund_vnd_max IS NULL",
    "UPDATE role_grant SET refund_vnd_max = 20000000 "
    "WHERE role = 'warehouse' AND verb = 'stock.adjust' AND refund_vnd_max IS NULL",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE SEQUENCE count_no")
    op.execute("CREATE SEQUENCE adjustment_no")
    for statement in (*TABLES, *INDEXES, *LIMITS):
        op.execute(statement)


def downgrade() -> None:
    """Undo."""
    for table in ("adjustment_line", "stock_adjustment", "count_unknown", "count_act", "count_merge", "count_tally"):
        op.execute(f"DROP TABLE {table}")
    for table in ("count_line", "count_zone", "stock_count"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP SEQUENCE adjustment_no")
    op.execute("DROP SEQUENCE count_no")

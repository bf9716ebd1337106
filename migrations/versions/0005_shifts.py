"""Shifts: a till's drawer from its float to its Z, cash moves, blind counts.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE shift (
        id uuid NOT NULL,
        location_id uuid NOT NULL,
        till_id uuid NOT NULL,
        state text DEFAULT 'open' NOT NULL,
        staff_id uuid NOT NULL,
        opened_by uuid NOT NULL,
        opened_at timestamptz NOT NULL,
        float_pieces jsonb NOT NULL,
        float_vnd bigint NOT NULL,
        note text,
        closed_at timestamptz,
        version bigint DEFAULT '1' NOT NULL,
        CONSTRAINT pk_shift PRIMARY KEY (id),
        CONSTRAINT ck_shift_state CHECK (state IN ('open', 'closed')),
        CONSTRAINT ck_shift_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
        CONSTRAINT ck_shift_period CHECK (closed_at > opened_at),
        CONSTRAINT ck_shift_float CHECK (float_vnd >= 0),
        CONSTRAINT fk_shift_location_id_location FOREIGN KEY (location_id) REFERENCES location (id) ON DELETE RESTRICT,
        CONSTRAINT fk_shift_till_id_till FOREIGN KEY (till_id) REFERENCES till (id) ON DELETE RESTRICT,
        CONSTRAINT fk_shift_staff_id_staff FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE RESTRICT,
        CONSTRAINT fk_shift_opened_by_staff FOREIGN KEY (opened_by) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    "CREATE UNIQUE INDEX uq_shift_open ON shift (till_id) WHERE state = 'open'",
    "CREATE INDEX ix_shift_location_opened_at ON shift (location_id, opened_at)",
    "CREATE INDEX ix_shift_till_opened_at ON shift (till_id, opened_at)",
    """
    CREATE TABLE cash_move (
        id uuid NOT NULL,
        shift_id uuid NOT NULL,
        kind text NOT NULL,
        amount_vnd bigint NOT NULL,
        reason text NOT NULL,
        staff_id uuid NOT NULL,
        approved_by uuid,
        moved_at timestamptz NOT NULL,
        CONSTRAINT pk_cash_move PRIMARY KEY (id),
        CONSTRAINT ck_cash_move_kind CHECK (kind IN ('in', 'out')),
        CONSTRAINT ck_cash_move_amount CHECK (amount_vnd > 0),
        CONSTRAINT ck_cash_move_approval CHECK (kind = 'in' OR amount_vnd <= 500000 OR approved_by IS NOT NULL),
        CONSTRAINT fk_cash_move_shift_id_shift FOREIGN KEY (shift_id) REFERENCES shift (id) ON DELETE RESTRICT,
        CONSTRAINT fk_cash_move_staff_id_staff FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE RESTRICT,
        CONSTRAINT fk_cash_move_approved_by_staff FOREIGN KEY (approved_by) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    "CREATE INDEX ix_cash_move_shift_id ON cash_move (shift_id)",
    """
    CREATE TABLE shift_count (
        shift_id uuid NOT NULL,
        no smallint NOT NULL,
        id uuid NOT NULL,
        pieces jsonb NOT NULL,
        counted_vnd bigint NOT NULL,
        expected_vnd bigint NOT NULL,
        variance_vnd bigint NOT NULL,
        staff_id uuid NOT NULL,
        counted_at timestamptz NOT NULL,
        CONSTRAINT pk_shift_count PRIMARY KEY (shift_id, no),
        CONSTRAINT uq_shift_count_id UNIQUE (id),
        CONSTRAINT ck_shift_count_no CHECK (no >= 1),
        CONSTRAINT ck_shift_count_counted CHECK (counted_vnd >= 0),
        CONSTRAINT ck_shift_count_variance CHECK (variance_vnd = counted_vnd - expected_vnd),
        CONSTRAINT fk_shift_count_shift_id_shift FOREIGN KEY (shift_id) REFERENCES shift (id) ON DELETE RESTRICT,
        CONSTRAINT fk_shift_count_staff_id_staff FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE z_report (
        shift_id uuid NOT NULL,
        till_id uuid NOT NULL,
        number integer NOT NULL,
        count_no smallint NOT NULL,
        float_vnd bigint NOT NULL,
        cash_sales_vnd bigint NOT NULL,
        cash_refunds_vnd bigint NOT NULL,
        in_vnd bigint NOT NULL,
        out_vnd bigint NOT NULL,
        expected_vnd bigint NOT NULL,
        counted_vnd bigint NOT NULL,
        variance_vnd bigint NOT NULL,
        sales integer NOT NULL,
        refunds integer NOT NULL,
        tenders jsonb NOT NULL,
        reason text,
        deposit_bag text,
        closed_by uuid NOT NULL,
        approved_by uuid,
        closed_at timestamptz NOT NULL,
        CONSTRAINT pk_z_report PRIMARY KEY (shift_id),
        CONSTRAINT ck_z_report_number CHECK (number >= 1),
        CONSTRAINT ck_z_report_expected
            CHECK (expected_vnd = float_vnd + cash_sales_vnd - cash_refunds_vnd + in_vnd - out_vnd),
        CONSTRAINT ck_z_report_variance CHECK (variance_vnd = counted_vnd - expected_vnd),
        CONSTRAINT ck_z_report_approval
            CHECK (abs(variance_vnd) <= 50000 OR (reason IS NOT NULL AND approved_by IS NOT NULL)),
        CONSTRAINT fk_z_report_shift_id_shift FOREIGN KEY (shift_id) REFERENCES shift (id) ON DELETE RESTRICT,
        CONSTRAINT fk_z_report_shift_id_count_no_shift_count FOREIGN KEY (shift_id, count_no)
            REFERENCES shift_count (shift_id, no) ON DELETE RESTRICT,
        CONSTRAINT fk_z_report_till_id_till FOREIGN KEY (till_id) REFERENCES till (id) ON DELETE RESTRICT,
        CONSTRAINT fk_z_report_closed_by_staff FOREIGN KEY (closed_by) REFERENCES staff (id) ON DELETE RESTRICT,
        CONSTRAINT fk_z_report_approved_by_staff FOREIGN KEY (approved_by) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    "CREATE UNIQUE INDEX uq_z_report_till_number ON z_report (till_id, number)",
    """
    CREATE TABLE z_payment (
        sale_id uuid NOT NULL,
        no smallint NOT NULL,
        shift_id uuid NOT NULL,
        CONSTRAINT pk_z_payment PRIMARY KEY (sale_id, no),
        CONSTRAINT fk_z_payment_sale_id_no_payment FOREIGN KEY (sale_id, no) REFERENCES payment (sale_id, no) ON DELETE RESTRICT,
        CONSTRAINT fk_z_payment_shift_id_z_report FOREIGN KEY (shift_id) REFERENCES z_report (shift_id) ON DELETE RESTRICT
    )
    """,
    "CREATE INDEX ix_z_payment_shift_id ON z_payment (shift_id)",
)

APPEND_ONLY = ("cash_move", "shift_count", "z_report", "z_payment")

CLOSED = """
CREATE FUNCTION refuse_closed_shift() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN
    IF TG_OP = 'DELETE' OR OLD.state = 'closed' THEN
        RAISE EXCEPTION 'a closed shift never changes, and no shift is deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in TABLES:
        op.execute(statement)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(CLOSED)
    op.execute(
        "CREATE TRIGGER closed_stays BEFORE UPDATE OR DELETE ON shift FOR EACH ROW EXECUTE FUNCTION refuse_closed_shift()"
    )


def downgrade() -> None:
    """Undo."""
    for table in ("z_payment", "z_report", "shift_count", "cash_move", "shift"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION refuse_closed_shift")

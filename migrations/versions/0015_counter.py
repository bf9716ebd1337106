"""What a counter shares with its branch: parked carts; what head office tells it: targets and messages.

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE parked_cart (
        id uuid NOT NULL,
        location_id uuid NOT NULL,
        till_id uuid NOT NULL,
        staff_id uuid NOT NULL,
        reason text NOT NULL,
        cart jsonb NOT NULL,
        pieces integer NOT NULL,
        total_vnd bigint NOT NULL,
        parked_at timestamptz NOT NULL,
        state text DEFAULT 'parked' NOT NULL,
        taken_by uuid,
        taken_till_id uuid,
        taken_at timestamptz,
        CONSTRAINT pk_parked_cart PRIMARY KEY (id),
        CONSTRAINT ck_parked_cart_state CHECK (state IN ('parked', 'taken', 'dropped')),
        CONSTRAINT ck_parked_cart_taken CHECK ((state = 'parked') = (taken_at IS NULL)),
        CONSTRAINT ck_parked_cart_pieces CHECK (pieces > 0),
        CONSTRAINT fk_parked_cart_location_id_location FOREIGN KEY (location_id) REFERENCES location (id) ON DELETE RESTRICT,
        CONSTRAINT fk_parked_cart_till_id_till FOREIGN KEY (till_id) REFERENCES till (id) ON DELETE RESTRICT,
        CONSTRAINT fk_parked_cart_staff_id_staff FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE RESTRICT,
        CONSTRAINT fk_parked_cart_taken_by_staff FOREIGN KEY (taken_by) REFERENCES staff (id) ON DELETE RESTRICT,
        CONSTRAINT fk_parked_cart_taken_till_id_till FOREIGN KEY (taken_till_id) REFERENCES till (id) ON DELETE RESTRICT
    )
    """,
    "CREATE INDEX ix_parked_cart_open ON parked_cart (location_id, parked_at) WHERE state = 'parked'",
    """
    CREATE TABLE sales_target (
        id uuid NOT NULL,
        location_id uuid NOT NULL,
        staff_id uuid,
        on_date date NOT NULL,
        target_vnd bigint NOT NULL,
        CONSTRAINT pk_sales_target PRIMARY KEY (id),
        CONSTRAINT ck_sales_target_target CHECK (target_vnd > 0),
        CONSTRAINT fk_sales_target_location_id_location FOREIGN KEY (location_id) REFERENCES location (id) ON DELETE RESTRICT,
        CONSTRAINT fk_sales_target_staff_id_staff FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    "CREATE UNIQUE INDEX uq_sales_target_whole ON sales_target (location_id, on_date, staff_id) NULLS NOT DISTINCT",
    """
    CREATE TABLE head_message (
        id uuid NOT NULL,
        location_id uuid,
        title text NOT NULL,
        body text NOT NULL,
        until_on date,
        written_by uuid NOT NULL,
        written_at timestamptz NOT NULL,
        CONSTRAINT pk_head_message PRIMARY KEY (id),
        CONSTRAINT fk_head_message_location_id_location FOREIGN KEY (location_id) REFERENCES location (id) ON DELETE RESTRICT,
        CONSTRAINT fk_head_message_written_by_staff FOREIGN KEY (written_by) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    "CREATE INDEX ix_head_message_written_at ON head_message (written_at)",
    """
    CREATE TABLE head_message_read (
        message_id uuid NOT NULL,
        staff_id uuid NOT NULL,
        read_at timestamptz NOT NULL,
        CONSTRAINT pk_head_message_read PRIMARY KEY (message_id, staff_id),
        CONSTRAINT fk_head_message_read_message_id_head_message FOREIGN KEY (message_id)
            REFERENCES head_message (id) ON DELETE RESTRICT,
        CONSTRAINT fk_head_message_read_staff_id_staff FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    """Undo."""
    for table in ("head_message_read", "head_message", "sales_target", "parked_cart"):
        op.execute(f"DROP TABLE {table}")

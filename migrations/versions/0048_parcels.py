"""Parcels that carriers bring, what the carriers tell of them, and goods that come back by one.

Revision ID: 0048
Revises: 0047
"""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE shipment (
        id uuid NOT NULL CONSTRAINT pk_shipment PRIMARY KEY,
        key text NOT NULL CONSTRAINT uq_shipment_key UNIQUE,
        direction text NOT NULL CONSTRAINT ck_shipment_direction CHECK (direction IN ('out', 'back')),
        subject_id uuid NOT NULL,
        location_id uuid NOT NULL
            CONSTRAINT fk_shipment_location_id_location REFERENCES location (id) ON DELETE RESTRICT,
        carrier text NOT NULL,
        tracking_no text NOT NULL,
        label_url text,
        cod_vnd bigint NOT NULL,
        state text NOT NULL CONSTRAINT ck_shipment_state
            CHECK (state IN ('booked', 'picked_up', 'failed', 'delivered', 'returned', 'cancelled')),
        booked_at timestamptz NOT NULL,
        state_at timestamptz NOT NULL,
        version bigint NOT NULL DEFAULT 1,
        CONSTRAINT uq_shipment_carrier_tracking_no UNIQUE (carrier, tracking_no),
        CONSTRAINT ck_shipment_cod CHECK (cod_vnd >= 0 AND (cod_vnd = 0 OR direction = 'out'))
    )
    """,
    "CREATE INDEX ix_shipment_subject_id ON shipment (subject_id)",
    """
    CREATE TABLE carrier_event (
        carrier text NOT NULL,
        event_id text NOT NULL,
        tracking_no text NOT NULL,
        kind text NOT NULL CONSTRAINT ck_carrier_event_kind
            CHECK (kind IN ('picked_up', 'failed', 'delivered', 'returned')),
        reason text,
        body bytea NOT NULL,
        made_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        heard integer NOT NULL DEFAULT 1,
        applied_at timestamptz,
        outcome text,
        CONSTRAINT pk_carrier_event PRIMARY KEY (carrier, event_id)
    )
    """,
    "CREATE INDEX ix_carrier_event_tracking_no ON carrier_event (carrier, tracking_no, made_at)",
    "CREATE INDEX ix_carrier_event_waiting ON carrier_event (received_at) WHERE applied_at IS NULL",
    """
    CREATE TABLE courier_return (
        id uuid NOT NULL CONSTRAINT pk_courier_return PRIMARY KEY,
        code text NOT NULL CONSTRAINT uq_courier_return_code UNIQUE,
        kind text NOT NULL CONSTRAINT ck_courier_return_kind CHECK (kind IN ('asked', 'undelivered')),
        state text NOT NULL CONSTRAINT ck_courier_return_state CHECK (state IN ('asked', 'booked', 'done', 'cancelled')),
        language text NOT NULL CONSTRAINT ck_courier_return_language CHECK (language IN ('vi', 'en')),
        of_sale_id uuid NOT NULL
            CONSTRAINT fk_courier_return_of_sale_id_sale REFERENCES sale (id) ON DELETE RESTRICT,
        customer_id uuid
            CONSTRAINT fk_courier_return_customer_id_customer REFERENCES customer (id) ON DELETE RESTRICT,
        location_id uuid NOT NULL
            CONSTRAINT fk_courier_return_location_id_location REFERENCES location (id) ON DELETE RESTRICT,
        shipment_id uuid
            CONSTRAINT fk_courier_return_shipment_id_shipment REFERENCES shipment (id) ON DELETE RESTRICT,
        form text NOT NULL CONSTRAINT ck_courier_return_form
            CHECK (form IN ('card', 'transfer', 'store_credit', 'cod')),
        pay_to jsonb,
        sender jsonb,
        sale_id uuid
            CONSTRAINT fk_courier_return_sale_id_sale REFERENCES sale (id) ON DELETE RESTRICT,
        asked_at timestamptz NOT NULL,
        ended_at timestamptz,
        received_by uuid
            CONSTRAINT fk_courier_return_received_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
        fingerprint bytea NOT NULL,
        version bigint NOT NULL DEFAULT 1,
        CONSTRAINT ck_courier_return_code CHECK (code ~ '^R-[0-9]{8}$'),
        CONSTRAINT ck_courier_return_ended CHECK ((ended_at IS NOT NULL) = (state IN ('done', 'cancelled'))),
        CONSTRAINT ck_courier_return_pay_to CHECK (pay_to IS NULL OR form = 'transfer')
    )
    """,
    "CREATE INDEX ix_courier_return_open ON courier_return (location_id, asked_at) WHERE state IN ('asked', 'booked')",
    "CREATE INDEX ix_courier_return_of_sale_id ON courier_return (of_sale_id)",
    "CREATE INDEX ix_courier_return_customer_id ON courier_return (customer_id) WHERE customer_id IS NOT NULL",
    """
    CREATE TABLE courier_return_line (
        return_id uuid NOT NULL
            CONSTRAINT fk_courier_return_line_return_id_courier_return REFERENCES courier_return (id) ON DELETE RESTRICT,
        line_no smallint NOT NULL,
        qty integer NOT NULL CONSTRAINT ck_courier_return_line_qty CHECK (qty > 0),
        reason text NOT NULL,
        refund_vnd bigint NOT NULL,
        came integer,
        condition text CONSTRAINT ck_courier_return_line_condition CHECK (condition IN ('sell', 'damaged', 'scrap')),
        CONSTRAINT pk_courier_return_line PRIMARY KEY (return_id, line_no),
        CONSTRAINT ck_courier_return_line_came CHECK (came BETWEEN 0 AND qty)
    )
    """,
    "CREATE SEQUENCE courier_return_no",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in TABLES:
        op.execute(statement)
    op.execute("ALTER TABLE sale DROP CONSTRAINT ck_sale_order_code")
    op.execute(
        "ALTER TABLE sale ADD CONSTRAINT ck_sale_order_code CHECK (till_id IS NOT NULL OR "
        "coalesce(receipt_code, '') ~ '^(W-[0-9]{8}(-[2-9])?|R-[0-9]{8})$') NOT VALID"
    )
    op.execute("ALTER TABLE sale VALIDATE CONSTRAINT ck_sale_order_code")


def downgrade() -> None:
    """Undo."""
    op.execute("DROP TABLE courier_return_line, courier_return, carrier_event, shipment")
    op.execute("DROP SEQUENCE courier_return_no")
    op.execute("ALTER TABLE sale DROP CONSTRAINT ck_sale_order_code")
    op.execute(
        "ALTER TABLE sale ADD CONSTRAINT ck_sale_order_code CHECK (till_id IS NOT NULL OR "
        "coalesce(receipt_code, '') ~ '^W-[0-9]{8}(-[2-9])?$')"
    )

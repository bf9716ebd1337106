"""Orders of the web, and money taken online: what was asked for where, attempts to pay, refunds, what the provider told us.

Revision ID: 0030
Revises: 0029
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE web_order (
        id UUID NOT NULL,
        code TEXT NOT NULL,
        state TEXT NOT NULL,
        kind TEXT NOT NULL,
        language TEXT NOT NULL,
        customer_id UUID,
        location_id UUID,
        province_code TEXT,
        phone TEXT,
        name TEXT,
        email TEXT,
        address JSONB,
        note TEXT,
        method TEXT,
        list_vnd BIGINT NOT NULL,
        discount_vnd BIGINT NOT NULL,
        total_vnd BIGINT NOT NULL,
        price_version BIGINT NOT NULL,
        promo_version BIGINT NOT NULL,
        offers JSONB NOT NULL,
        vouchers TEXT[] NOT NULL,
        fingerprint BYTEA NOT NULL,
        lacking JSONB,
        placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        held_until TIMESTAMP WITH TIME ZONE NOT NULL,
        extensions SMALLINT DEFAULT '0' NOT NULL,
        confirmed_at TIMESTAMP WITH TIME ZONE,
        ended_at TIMESTAMP WITH TIME ZONE,
        reason TEXT,
        version BIGINT DEFAULT '1' NOT NULL,
        CONSTRAINT pk_web_order PRIMARY KEY (id),
        CONSTRAINT ck_web_order_state CHECK (state IN ('asking', 'held', 'confirmed', 'done', 'refused', 'expired', 'cancelled')),
        CONSTRAINT ck_web_order_kind CHECK (kind IN ('ship', 'collect')),
        CONSTRAINT ck_web_order_location CHECK ((kind = 'collect') = (location_id IS NOT NULL)),
        CONSTRAINT ck_web_order_language CHECK (language IN ('vi', 'en')),
        CONSTRAINT ck_web_order_method CHECK (method IN ('card', 'transfer', 'cod')),
        CONSTRAINT ck_web_order_cod CHECK (method <> 'cod' OR kind = 'ship'),
        CONSTRAINT ck_web_order_total CHECK (total_vnd = list_vnd - discount_vnd AND total_vnd >= 0),
        CONSTRAINT ck_web_order_confirmed CHECK (state NOT IN ('confirmed', 'done') OR confirmed_at IS NOT NULL),
        CONSTRAINT ck_web_order_ended CHECK ((ended_at IS NOT NULL) = (state IN ('done', 'refused', 'expired', 'cancelled'))),
        CONSTRAINT ck_web_order_code CHECK (code ~ '^W-[0-9]{8}$'),
        CONSTRAINT uq_web_order_code UNIQUE (code),
        CONSTRAINT fk_web_order_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id) ON DELETE RESTRICT,
        CONSTRAINT fk_web_order_location_id_location FOREIGN KEY(location_id) REFERENCES location (id) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE web_order_question (
        ref UUID NOT NULL,
        order_id UUID NOT NULL,
        location_id UUID NOT NULL,
        state TEXT NOT NULL,
        asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
        until TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_web_order_question PRIMARY KEY (ref),
        CONSTRAINT ck_web_order_question_state CHECK (state IN ('asked', 'kept', 'declined')),
        CONSTRAINT fk_web_order_question_order_id_web_order FOREIGN KEY(order_id) REFERENCES web_order (id) ON DELETE RESTRICT,
        CONSTRAINT fk_web_order_question_location_id_location FOREIGN KEY(location_id) REFERENCES location (id) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE web_order_line (
        order_id UUID NOT NULL,
        line_no SMALLINT NOT NULL,
        variant_id UUID NOT NULL,
        qty INTEGER NOT NULL,
        unit_vnd BIGINT NOT NULL,
        discount_vnd BIGINT NOT NULL,
        total_vnd BIGINT NOT NULL,
        vat_bp SMALLINT NOT NULL,
        vat_vnd BIGINT NOT NULL,
        discounts JSONB NOT NULL,
        state TEXT DEFAULT 'open' NOT NULL,
        ref UUID,
        sale_id UUID,
        CONSTRAINT pk_web_order_line PRIMARY KEY (order_id, line_no),
        CONSTRAINT ck_web_order_line_qty CHECK (qty > 0),
        CONSTRAINT ck_web_order_line_total CHECK (total_vnd = qty * unit_vnd - discount_vnd),
        CONSTRAINT ck_web_order_line_state CHECK (state IN ('open', 'sold', 'cancelled')),
        CONSTRAINT ck_web_order_line_sold CHECK ((state = 'sold') = (sale_id IS NOT NULL)),
        CONSTRAINT fk_web_order_line_order_id_web_order FOREIGN KEY(order_id) REFERENCES web_order (id) ON DELETE RESTRICT,
        CONSTRAINT fk_web_order_line_variant_id_variant FOREIGN KEY(variant_id) REFERENCES variant (id) ON DELETE RESTRICT,
        CONSTRAINT fk_web_order_line_ref_web_order_question FOREIGN KEY(ref) REFERENCES web_order_question (ref) ON DELETE RESTRICT,
        CONSTRAINT fk_web_order_line_sale_id_sale FOREIGN KEY(sale_id) REFERENCES sale (id) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE web_order_sale (
        order_id UUID NOT NULL,
        no SMALLINT NOT NULL,
        sale_id UUID NOT NULL,
        location_id UUID NOT NULL,
        carrier TEXT,
        tracking_no TEXT,
        left_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_web_order_sale PRIMARY KEY (order_id, no),
        CONSTRAINT ck_web_order_sale_no CHECK (no BETWEEN 1 AND 9),
        CONSTRAINT fk_web_order_sale_order_id_web_order FOREIGN KEY(order_id) REFERENCES web_order (id) ON DELETE RESTRICT,
        CONSTRAINT uq_web_order_sale_sale_id UNIQUE (sale_id),
        CONSTRAINT fk_web_order_sale_sale_id_sale FOREIGN KEY(sale_id) REFERENCES sale (id) ON DELETE RESTRICT,
        CONSTRAINT fk_web_order_sale_location_id_location FOREIGN KEY(location_id) REFERENCES location (id) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE web_order_ready (
        order_id UUID NOT NULL,
        location_id UUID NOT NULL,
        ready_at TIMESTAMP WITH TIME ZONE NOT NULL,
        keep_until TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_web_order_ready PRIMARY KEY (order_id, location_id),
        CONSTRAINT fk_web_order_ready_order_id_web_order FOREIGN KEY(order_id) REFERENCES web_order (id) ON DELETE RESTRICT,
        CONSTRAINT fk_web_order_ready_location_id_location FOREIGN KEY(location_id) REFERENCES location (id) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE web_order_timeline (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        order_id UUID NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        verb TEXT NOT NULL,
        staff_id UUID,
        facts JSONB NOT NULL,
        CONSTRAINT pk_web_order_timeline PRIMARY KEY (id),
        CONSTRAINT fk_web_order_timeline_order_id_web_order FOREIGN KEY(order_id) REFERENCES web_order (id) ON DELETE RESTRICT,
        CONSTRAINT fk_web_order_timeline_staff_id_staff FOREIGN KEY(staff_id) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE online_payment (
        id UUID NOT NULL,
        order_id UUID NOT NULL,
        attempt SMALLINT NOT NULL,
        method TEXT NOT NULL,
        state TEXT NOT NULL,
        amount_vnd BIGINT NOT NULL,
        currency TEXT NOT NULL,
        amount_minor BIGINT NOT NULL,
        session_id TEXT,
        intent_id TEXT,
        url TEXT,
        request_id UUID,
        failure TEXT,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        received_at TIMESTAMP WITH TIME ZONE,
        ended_at TIMESTAMP WITH TIME ZONE,
        version BIGINT DEFAULT '1' NOT NULL,
        CONSTRAINT pk_online_payment PRIMARY KEY (id),
        CONSTRAINT uq_online_payment_order_id_attempt UNIQUE (order_id, attempt),
        CONSTRAINT ck_online_payment_method CHECK (method IN ('card', 'transfer')),
        CONSTRAINT ck_online_payment_state CHECK (state IN ('opening', 'open', 'processing', 'received', 'failed', 'expired')),
        CONSTRAINT ck_online_payment_amount CHECK (amount_vnd > 0 AND amount_minor > 0),
        CONSTRAINT ck_online_payment_currency CHECK (currency ~ '^[a-z]{3}$'),
        CONSTRAINT ck_online_payment_received CHECK ((received_at IS NOT NULL) = (state = 'received')),
        CONSTRAINT ck_online_payment_request CHECK ((method = 'transfer') = (request_id IS NOT NULL)),
        CONSTRAINT fk_online_payment_order_id_web_order FOREIGN KEY(order_id) REFERENCES web_order (id) ON DELETE RESTRICT,
        CONSTRAINT uq_online_payment_session_id UNIQUE (session_id),
        CONSTRAINT fk_online_payment_request_id_payment_request FOREIGN KEY(request_id) REFERENCES payment_request (id) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE online_refund (
        id UUID NOT NULL,
        payment_id UUID NOT NULL,
        key TEXT NOT NULL,
        reason TEXT NOT NULL,
        state TEXT NOT NULL,
        amount_vnd BIGINT NOT NULL,
        amount_minor BIGINT NOT NULL,
        provider_id TEXT,
        failure TEXT,
        tries SMALLINT DEFAULT '0' NOT NULL,
        requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
        sent_at TIMESTAMP WITH TIME ZONE,
        ended_at TIMESTAMP WITH TIME ZONE,
        settled_by UUID,
        settled_note TEXT,
        version BIGINT DEFAULT '1' NOT NULL,
        CONSTRAINT pk_online_refund PRIMARY KEY (id),
        CONSTRAINT ck_online_refund_state CHECK (state IN ('requested', 'pending', 'succeeded', 'failed', 'settled')),
        CONSTRAINT ck_online_refund_reason CHECK (reason IN ('cancelled', 'short', 'late', 'returned', 'no_show', 'twice')),
        CONSTRAINT ck_online_refund_amount CHECK (amount_vnd > 0 AND amount_minor >= 0),
        CONSTRAINT ck_online_refund_settled CHECK ((state = 'settled') = (settled_by IS NOT NULL)),
        CONSTRAINT fk_online_refund_payment_id_online_payment FOREIGN KEY(payment_id) REFERENCES online_payment (id) ON DELETE RESTRICT,
        CONSTRAINT uq_online_refund_key UNIQUE (key),
        CONSTRAINT uq_online_refund_provider_id UNIQUE (provider_id),
        CONSTRAINT fk_online_refund_settled_by_staff FOREIGN KEY(settled_by) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE online_dispute (
        provider_id TEXT NOT NULL,
        payment_id UUID NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        amount_minor BIGINT NOT NULL,
        opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
        closed_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_online_dispute PRIMARY KEY (provider_id),
        CONSTRAINT ck_online_dispute_state CHECK (state IN ('open', 'won', 'lost')),
        CONSTRAINT fk_online_dispute_payment_id_online_payment FOREIGN KEY(payment_id) REFERENCES online_payment (id) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE provider_event (
        provider TEXT NOT NULL,
        event_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        object_id TEXT NOT NULL,
        body BYTEA NOT NULL,
        made_at TIMESTAMP WITH TIME ZONE NOT NULL,
        received_at TIMESTAMP WITH TIME ZONE NOT NULL,
        heard INTEGER DEFAULT '1' NOT NULL,
        applied_at TIMESTAMP WITH TIME ZONE,
        outcome TEXT,
        tries SMALLINT DEFAULT '0' NOT NULL,
        CONSTRAINT pk_provider_event PRIMARY KEY (provider, event_id)
    )
    """,
)

INDEXES = (
    "CREATE INDEX ix_web_order_customer_id ON web_order (customer_id) WHERE customer_id IS NOT NULL",
    "CREATE INDEX ix_web_order_open ON web_order (state) WHERE state IN ('asking', 'held', 'confirmed')",
    "CREATE INDEX ix_web_order_phone ON web_order (phone) WHERE phone IS NOT NULL",
    "CREATE INDEX ix_web_order_placed_at ON web_order (placed_at, id)",
    "CREATE INDEX ix_web_order_question_order_id ON web_order_question (order_id)",
    "CREATE INDEX ix_web_order_line_ref ON web_order_line (ref) WHERE ref IS NOT NULL",
    "CREATE INDEX ix_web_order_line_sale_id ON web_order_line (sale_id) WHERE sale_id IS NOT NULL",
    "CREATE UNIQUE INDEX uq_web_order_line_variant ON web_order_line (order_id, variant_id)",
    "CREATE INDEX ix_web_order_timeline_order_id ON web_order_timeline (order_id, id)",
    "CREATE INDEX ix_online_payment_intent_id ON online_payment (intent_id) WHERE intent_id IS NOT NULL",
    "CREATE INDEX ix_online_payment_request_id ON online_payment (request_id) WHERE request_id IS NOT NULL",
    "CREATE UNIQUE INDEX uq_online_payment_live ON online_payment (order_id) WHERE state IN ('opening', 'open')",
    "CREATE INDEX ix_online_refund_open ON online_refund (state) WHERE state IN ('requested', 'pending', 'failed')",
    "CREATE INDEX ix_online_refund_payment_id ON online_refund (payment_id)",
    "CREATE INDEX ix_online_dispute_payment_id ON online_dispute (payment_id)",
    "CREATE INDEX ix_provider_event_object_id ON provider_event (object_id)",
    "CREATE INDEX ix_provider_event_received_at ON provider_event (received_at)",
    "CREATE INDEX ix_provider_event_waiting ON provider_event (received_at) WHERE applied_at IS NULL",
)


NAMES = (
    "provider_event",
    "online_dispute",
    "online_refund",
    "online_payment",
    "web_order_timeline",
    "web_order_ready",
    "web_order_sale",
    "web_order_line",
    "web_order_question",
    "web_order",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*TABLES, *INDEXES):
        op.execute(statement)
    op.execute("ALTER TABLE sale DROP CONSTRAINT ck_sale_order_code")
    op.execute(
        "ALTER TABLE sale ADD CONSTRAINT ck_sale_order_code "
        "CHECK (till_id IS NOT NULL OR coalesce(receipt_code, '') ~ '^W-[0-9]{8}(-[2-9])?$') NOT VALID"
    )
    op.execute("ALTER TABLE sale VALIDATE CONSTRAINT ck_sale_order_code")
    op.execute("ALTER TABLE payment_request ALTER COLUMN till_id DROP NOT NULL, ALTER COLUMN staff_id DROP NOT NULL")
    op.execute(
        "ALTER TABLE payment_request ADD CONSTRAINT ck_payment_request_till "
        "CHECK ((till_id IS NULL) = (staff_id IS NULL) AND (till_id IS NOT NULL OR kind = 'transfer')) NOT VALID"
    )
    op.execute("ALTER TABLE payment_request VALIDATE CONSTRAINT ck_payment_request_till")


def downgrade() -> None:
    """Undo; refuses while there are payments of online orders or sales of later parcels."""
    op.execute("ALTER TABLE payment_request DROP CONSTRAINT ck_payment_request_till")
    op.execute("ALTER TABLE payment_request ALTER COLUMN till_id SET NOT NULL, ALTER COLUMN staff_id SET NOT NULL")
    op.execute("ALTER TABLE sale DROP CONSTRAINT ck_sale_order_code")
    op.execute(
        "ALTER TABLE sale ADD CONSTRAINT ck_sale_order_code "
        "CHECK (till_id IS NOT NULL OR coalesce(receipt_code, '') ~ '^W-[0-9]{8}$')"
    )
    for table in NAMES:
        op.execute(f"DROP TABLE {table}")

"""E-invoices: terms by date, numbers, documents that nobody changes, and their way to the authority.

Revision ID: 0041
Revises: 0040
"""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE einvoice_terms (
        from_on date NOT NULL,
        form smallint NOT NULL,
        letter_store text NOT NULL,
        letter_web text NOT NULL,
        own_signs text NOT NULL,
        authority_signs text NOT NULL,
        buyer_minutes integer NOT NULL,
        closes_at text NOT NULL,
        legal_basis text NOT NULL,
        written_by uuid,
        written_at timestamptz NOT NULL,
        CONSTRAINT pk_einvoice_terms PRIMARY KEY (from_on),
        CONSTRAINT fk_einvoice_terms_written_by_staff FOREIGN KEY (written_by) REFERENCES staff (id) ON DELETE RESTRICT,
        CONSTRAINT ck_einvoice_terms_form CHECK (form BETWEEN 1 AND 9),
        CONSTRAINT ck_einvoice_terms_letters CHECK (letter_store IN ('M', 'T') AND letter_web IN ('M', 'T')),
        CONSTRAINT ck_einvoice_terms_own_signs CHECK (own_signs ~ '^[A-Z]{2}$'),
        CONSTRAINT ck_einvoice_terms_authority_signs CHECK (authority_signs ~ '^[A-Z0-9]{5}$'),
        CONSTRAINT ck_einvoice_terms_buyer_minutes CHECK (buyer_minutes BETWEEN 0 AND 1440),
        CONSTRAINT ck_einvoice_terms_closes_at CHECK (closes_at ~ '^[0-2][0-9]:[0-5][0-9]$')
    )
    """,
    """
    CREATE TABLE einvoice_block (
        owner text NOT NULL,
        block integer NOT NULL,
        used integer NOT NULL DEFAULT 0,
        CONSTRAINT pk_einvoice_block PRIMARY KEY (owner),
        CONSTRAINT uq_einvoice_block_block UNIQUE (block),
        CONSTRAINT ck_einvoice_block_block CHECK (block BETWEEN 0 AND 99999)
    )
    """,
    """
    CREATE TABLE einvoice_serial (
        serial text NOT NULL,
        last integer NOT NULL,
        CONSTRAINT pk_einvoice_serial PRIMARY KEY (serial),
        CONSTRAINT ck_einvoice_serial_last CHECK (last BETWEEN 0 AND 99999999)
    )
    """,
    """
    CREATE TABLE einvoice (
        id uuid NOT NULL,
        sale_id uuid NOT NULL,
        kind text NOT NULL,
        refers_to uuid,
        reason text,
        form smallint NOT NULL,
        serial text NOT NULL,
        number integer NOT NULL,
        code text,
        issued_on date NOT NULL,
        issued_at timestamptz NOT NULL,
        made_at timestamptz NOT NULL,
        location_id uuid NOT NULL,
        seller jsonb NOT NULL,
        place jsonb NOT NULL,
        buyer jsonb NOT NULL,
        lines jsonb NOT NULL,
        vat jsonb NOT NULL,
        net_vnd bigint NOT NULL,
        vat_vnd bigint NOT NULL,
        total_vnd bigint NOT NULL,
        total_words text NOT NULL,
        CONSTRAINT pk_einvoice PRIMARY KEY (id),
        CONSTRAINT fk_einvoice_sale_id_sale FOREIGN KEY (sale_id) REFERENCES sale (id) ON DELETE RESTRICT,
        CONSTRAINT fk_einvoice_refers_to_einvoice FOREIGN KEY (refers_to) REFERENCES einvoice (id) ON DELETE RESTRICT,
        CONSTRAINT fk_einvoice_location_id_location FOREIGN KEY (location_id) REFERENCES location (id) ON DELETE RESTRICT,
        CONSTRAINT ck_einvoice_kind CHECK (kind IN ('original', 'adjusting', 'replacing')),
        CONSTRAINT ck_einvoice_refers_to CHECK ((kind = 'original') = (refers_to IS NULL)),
        CONSTRAINT ck_einvoice_total CHECK (total_vnd = net_vnd + vat_vnd),
        CONSTRAINT ck_einvoice_serial CHECK (serial ~ '^[CK][0-9]{2}[MT][A-Z]{2}$')
    )
    """,
    """
    CREATE TABLE einvoice_delivery (
        einvoice_id uuid NOT NULL,
        state text NOT NULL,
        tries integer NOT NULL DEFAULT 0,
        next_try_at timestamptz NOT NULL,
        code text,
        failure text,
        ended_at timestamptz,
        CONSTRAINT pk_einvoice_delivery PRIMARY KEY (einvoice_id),
        CONSTRAINT fk_einvoice_delivery_einvoice_id_einvoice FOREIGN KEY (einvoice_id) REFERENCES einvoice (id)
            ON DELETE RESTRICT,
        CONSTRAINT ck_einvoice_delivery_state CHECK (state IN ('waiting', 'accepted', 'rejected', 'replaced'))
    )
    """,
    """
    CREATE TABLE einvoice_buyer (
        sale_id uuid NOT NULL,
        tax_code text NOT NULL,
        name text NOT NULL,
        address text NOT NULL,
        email text,
        asked_at timestamptz NOT NULL,
        CONSTRAINT pk_einvoice_buyer PRIMARY KEY (sale_id),
        CONSTRAINT fk_einvoice_buyer_sale_id_sale FOREIGN KEY (sale_id) REFERENCES sale (id) ON DELETE RESTRICT
    )
    """,
)
INDEXES = (
    "CREATE UNIQUE INDEX uq_einvoice_serial_number ON einvoice (serial, number)",
    "CREATE UNIQUE INDEX uq_einvoice_code ON einvoice (code)",
    "CREATE INDEX ix_einvoice_sale_id ON einvoice (sale_id)",
    "CREATE UNIQUE INDEX uq_einvoice_original ON einvoice (sale_id) WHERE kind = 'original'",
    "CREATE UNIQUE INDEX uq_einvoice_adjusting ON einvoice (sale_id, refers_to) WHERE kind = 'adjusting'",
    "CREATE UNIQUE INDEX uq_einvoice_replacing ON einvoice (refers_to) WHERE kind = 'replacing'",
    "CREATE INDEX ix_einvoice_issued_at ON einvoice (issued_at, id)",
    "CREATE INDEX ix_einvoice_refers_to ON einvoice (refers_to) WHERE refers_to IS NOT NULL",
    "CREATE INDEX ix_einvoice_delivery_waiting ON einvoice_delivery (next_try_at) WHERE state = 'waiting'",
    "CREATE INDEX ix_einvoice_delivery_rejected ON einvoice_delivery (einvoice_id) WHERE state = 'rejected'",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*TABLES, *INDEXES):
        op.execute(statement)
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON einvoice "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    """Undo."""
    for table in ("buyer", "delivery", "serial", "block", "terms"):
        op.execute(f"DROP TABLE einvoice_{table}")
    op.execute("DROP TABLE einvoice")

"""Payments taken before the sale: bank accounts, requests with their codes, credits of banks and what they are for.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE bank_account (
        id uuid NOT NULL,
        location_id uuid NOT NULL,
        bank_bin text NOT NULL,
        account_no text NOT NULL,
        account_name text NOT NULL,
        active boolean DEFAULT true NOT NULL,
        created_at timestamptz NOT NULL,
        created_by uuid,
        CONSTRAINT pk_bank_account PRIMARY KEY (id),
        CONSTRAINT ck_bank_account_bank_bin CHECK (bank_bin ~ '^[0-9]{6}$'),
        CONSTRAINT ck_bank_account_account_no CHECK (account_no ~ '^[A-Z0-9]{4,19}$'),
        CONSTRAINT fk_bank_account_location_id_location FOREIGN KEY (location_id) REFERENCES location (id) ON DELETE RESTRICT,
        CONSTRAINT fk_bank_account_created_by_staff FOREIGN KEY (created_by) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    "CREATE UNIQUE INDEX uq_bank_account_in_use ON bank_account (location_id) WHERE active",
    """
    CREATE TABLE payment_request (
        id uuid NOT NULL,
        kind text NOT NULL,
        state text DEFAULT 'waiting' NOT NULL,
        location_id uuid NOT NULL,
        till_id uuid NOT NULL,
        cart_id uuid NOT NULL,
        staff_id uuid NOT NULL,
        amount_vnd bigint NOT NULL,
        received_vnd bigint DEFAULT '0' NOT NULL,
        bank_account_id uuid,
        reference text,
        reason text,
        confirmed_by uuid,
        created_at timestamptz NOT NULL,
        expires_at timestamptz,
        received_at timestamptz,
        ended_at timestamptz,
        sale_id uuid,
        version bigint DEFAULT '1' NOT NULL,
        CONSTRAINT pk_payment_request PRIMARY KEY (id),
        CONSTRAINT ck_payment_request_kind CHECK (kind IN ('transfer', 'card')),
        CONSTRAINT ck_payment_request_state
            CHECK (state IN ('waiting', 'received', 'declined', 'cancelled', 'returning', 'returned')),
        CONSTRAINT ck_payment_request_amount CHECK (amount_vnd > 0 AND received_vnd >= 0),
        CONSTRAINT ck_payment_request_received
            CHECK ((received_at IS NOT NULL) = (state IN ('received', 'returning', 'returned'))),
        CONSTRAINT ck_payment_request_whole CHECK (state <> 'received' OR received_vnd >= amount_vnd OR confirmed_by IS NOT NULL),
        CONSTRAINT ck_payment_request_expires CHECK ((kind = 'transfer') = (expires_at IS NOT NULL)),
        CONSTRAINT fk_payment_request_location_id_location
            FOREIGN KEY (location_id) REFERENCES location (id) ON DELETE RESTRICT,
        CONSTRAINT fk_payment_request_till_id_till FOREIGN KEY (till_id) REFERENCES till (id) ON DELETE RESTRICT,
        CONSTRAINT fk_payment_request_staff_id_staff FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE RESTRICT,
        CONSTRAINT fk_payment_request_confirmed_by_staff FOREIGN KEY (confirmed_by) REFERENCES staff (id) ON DELETE RESTRICT,
        CONSTRAINT fk_payment_request_bank_account_id_bank_account
            FOREIGN KEY (bank_account_id) REFERENCES bank_account (id) ON DELETE RESTRICT,
        CONSTRAINT fk_payment_request_sale_id_sale FOREIGN KEY (sale_id) REFERENCES sale (id) ON DELETE RESTRICT
    )
    """,
    "CREATE INDEX ix_payment_request_created_at ON payment_request (created_at)",
    "CREATE INDEX ix_payment_request_sale_id ON payment_request (sale_id) WHERE sale_id IS NOT NULL",
    "CREATE INDEX ix_payment_request_open ON payment_request (till_id) WHERE sale_id IS NULL AND state IN "
    "('waiting', 'received', 'returning')",
    "CREATE SEQUENCE payment_code_no",
    """
    CREATE TABLE payment_code (
        code text NOT NULL,
        request_id uuid NOT NULL,
        amount_vnd bigint NOT NULL,
        payload text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_payment_code PRIMARY KEY (code),
        CONSTRAINT ck_payment_code_code CHECK (code ~ '^[A-Z0-9]{6,13}$'),
        CONSTRAINT ck_payment_code_amount CHECK (amount_vnd > 0),
        CONSTRAINT fk_payment_code_request_id_payment_request
            FOREIGN KEY (request_id) REFERENCES payment_request (id) ON DELETE RESTRICT
    )
    """,
    "CREATE INDEX ix_payment_code_request_id ON payment_code (request_id)",
    """
    CREATE TABLE bank_credit (
        id uuid NOT NULL,
        provider text NOT NULL,
        provider_ref text NOT NULL,
        account_no text NOT NULL,
        amount_vnd bigint NOT NULL,
        content text NOT NULL,
        code text,
        bank_reference text,
        transferred_at timestamptz,
        received_at timestamptz NOT NULL,
        CONSTRAINT pk_bank_credit PRIMARY KEY (id),
        CONSTRAINT uq_bank_credit_provider_provider_ref UNIQUE (provider, provider_ref),
        CONSTRAINT ck_bank_credit_amount CHECK (amount_vnd > 0)
    )
    """,
    "CREATE INDEX ix_bank_credit_received_at ON bank_credit (received_at)",
    """
    CREATE TABLE credit_match (
        credit_id uuid NOT NULL,
        request_id uuid,
        sale_id uuid,
        surplus_vnd bigint DEFAULT '0' NOT NULL,
        staff_id uuid,
        reason text,
        matched_at timestamptz NOT NULL,
        CONSTRAINT pk_credit_match PRIMARY KEY (credit_id),
        CONSTRAINT ck_credit_match_one CHECK ((request_id IS NULL) <> (sale_id IS NULL)),
        CONSTRAINT ck_credit_match_surplus CHECK (surplus_vnd >= 0),
        CONSTRAINT fk_credit_match_credit_id_bank_credit FOREIGN KEY (credit_id) REFERENCES bank_credit (id) ON DELETE RESTRICT,
        CONSTRAINT fk_credit_match_request_id_payment_request
            FOREIGN KEY (request_id) REFERENCES payment_request (id) ON DELETE RESTRICT,
        CONSTRAINT fk_credit_match_sale_id_sale FOREIGN KEY (sale_id) REFERENCES sale (id) ON DELETE RESTRICT,
        CONSTRAINT fk_credit_match_staff_id_staff FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    "CREATE INDEX ix_credit_match_request_id ON credit_match (request_id)",
    """
    CREATE TABLE credit_return (
        credit_id uuid NOT NULL,
        amount_vnd bigint NOT NULL,
        staff_id uuid NOT NULL,
        reason text NOT NULL,
        returned_at timestamptz NOT NULL,
        CONSTRAINT pk_credit_return PRIMARY KEY (credit_id),
        CONSTRAINT ck_credit_return_amount CHECK (amount_vnd > 0),
        CONSTRAINT fk_credit_return_credit_id_bank_credit
            FOREIGN KEY (credit_id) REFERENCES bank_credit (id) ON DELETE RESTRICT,
        CONSTRAINT fk_credit_return_staff_id_staff FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE hook_health (
        provider text NOT NULL,
        calls bigint DEFAULT '0' NOT NULL,
        last_call_at timestamptz,
        failures bigint DEFAULT '0' NOT NULL,
        last_failure_at timestamptz,
        last_failure text,
        CONSTRAINT pk_hook_health PRIMARY KEY (provider)
    )
    """,
    "ALTER TABLE payment ADD COLUMN payment_id uuid",
    "ALTER TABLE payment ADD CONSTRAINT fk_payment_payment_id_payment_request "
    "FOREIGN KEY (payment_id) REFERENCES payment_request (id) ON DELETE RESTRICT",
    "CREATE UNIQUE INDEX uq_payment_taken ON payment (payment_id) WHERE payment_id IS NOT NULL AND amount_vnd > 0",
)

APPEND_ONLY = ("payment_code", "bank_credit", "credit_match", "credit_return")


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


def downgrade() -> None:
    """Undo."""
    op.execute("ALTER TABLE payment DROP COLUMN payment_id")
    for table in ("hook_health", "credit_return", "credit_match", "bank_credit", "payment_code", "payment_request", "bank_account"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP SEQUENCE payment_code_no")

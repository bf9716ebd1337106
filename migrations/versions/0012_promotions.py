"""Promotions: drafts and published versions, the book of what is in force, limits, uses, vouchers and their ledger.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE promo_state (
        id smallint NOT NULL,
        promo_version bigint NOT NULL,
        CONSTRAINT pk_promo_state PRIMARY KEY (id),
        CONSTRAINT ck_promo_state_single CHECK (id = 1)
    )
    """,
    """
    CREATE TABLE promotion (
        id uuid NOT NULL,
        name_vi text NOT NULL,
        name_en text NOT NULL,
        state text DEFAULT 'draft' NOT NULL,
        terms jsonb NOT NULL,
        limits jsonb NOT NULL,
        version integer DEFAULT '0' NOT NULL,
        row_version bigint DEFAULT '1' NOT NULL,
        created_at timestamptz NOT NULL,
        created_by uuid NOT NULL,
        changed_at timestamptz NOT NULL,
        CONSTRAINT pk_promotion PRIMARY KEY (id),
        CONSTRAINT ck_promotion_state CHECK (state IN ('draft', 'live', 'stopped')),
        CONSTRAINT ck_promotion_published CHECK ((version = 0) = (state = 'draft')),
        CONSTRAINT fk_promotion_created_by_staff FOREIGN KEY (created_by) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE promotion_version (
        promotion_id uuid NOT NULL,
        version integer NOT NULL,
        name_vi text NOT NULL,
        name_en text NOT NULL,
        terms jsonb NOT NULL,
        limits jsonb NOT NULL,
        published_at timestamptz NOT NULL,
        published_by uuid NOT NULL,
        CONSTRAINT pk_promotion_version PRIMARY KEY (promotion_id, version),
        CONSTRAINT fk_promotion_version_promotion_id_promotion FOREIGN KEY (promotion_id)
            REFERENCES promotion (id) ON DELETE RESTRICT,
        CONSTRAINT fk_promotion_version_published_by_staff FOREIGN KEY (published_by)
            REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE promo_book_entry (
        promo_version BIGSERIAL NOT NULL,
        promotion_id uuid NOT NULL,
        version integer,
        at timestamptz NOT NULL,
        by uuid NOT NULL,
        CONSTRAINT pk_promo_book_entry PRIMARY KEY (promo_version),
        CONSTRAINT fk_promo_book_entry_promotion_id_promotion FOREIGN KEY (promotion_id)
            REFERENCES promotion (id) ON DELETE RESTRICT,
        CONSTRAINT fk_promo_book_entry_by_staff FOREIGN KEY (by) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    "CREATE INDEX ix_promo_book_entry_promotion_id ON promo_book_entry (promotion_id, promo_version)",
    """
    CREATE TABLE promotion_limit (
        promotion_id uuid NOT NULL,
        uses_max integer,
        pieces_max integer,
        budget_vnd bigint,
        uses_a_customer integer,
        pieces_a_customer integer,
        uses integer DEFAULT '0' NOT NULL,
        pieces integer DEFAULT '0' NOT NULL,
        spent_vnd bigint DEFAULT '0' NOT NULL,
        version bigint DEFAULT '1' NOT NULL,
        CONSTRAINT pk_promotion_limit PRIMARY KEY (promotion_id),
        CONSTRAINT ck_promotion_limit_not_negative CHECK (uses >= 0 AND pieces >= 0 AND spent_vnd >= 0),
        CONSTRAINT fk_promotion_limit_promotion_id_promotion FOREIGN KEY (promotion_id)
            REFERENCES promotion (id) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE promotion_use (
        sale_id uuid NOT NULL,
        promotion_id uuid NOT NULL,
        version integer NOT NULL,
        customer_id uuid,
        uses integer NOT NULL,
        pieces integer NOT NULL,
        amount_vnd bigint NOT NULL,
        CONSTRAINT pk_promotion_use PRIMARY KEY (sale_id, promotion_id),
        CONSTRAINT fk_promotion_use_promotion_id_version_promotion_version FOREIGN KEY (promotion_id, version)
            REFERENCES promotion_version (promotion_id, version) ON DELETE RESTRICT,
        CONSTRAINT fk_promotion_use_sale_id_sale FOREIGN KEY (sale_id) REFERENCES sale (id) ON DELETE RESTRICT,
        CONSTRAINT fk_promotion_use_customer_id_customer FOREIGN KEY (customer_id)
            REFERENCES customer (id) ON DELETE RESTRICT
    )
    """,
    "CREATE INDEX ix_promotion_use_promotion_id ON promotion_use (promotion_id, customer_id)",
    """
    CREATE TABLE voucher_batch (
        id uuid NOT NULL,
        promotion_id uuid NOT NULL,
        name text NOT NULL,
        kind text NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        created_by uuid NOT NULL,
        CONSTRAINT pk_voucher_batch PRIMARY KEY (id),
        CONSTRAINT ck_voucher_batch_kind CHECK (kind IN ('bearer', 'personal')),
        CONSTRAINT ck_voucher_batch_period CHECK (ends_at > starts_at),
        CONSTRAINT fk_voucher_batch_promotion_id_promotion FOREIGN KEY (promotion_id)
            REFERENCES promotion (id) ON DELETE RESTRICT,
        CONSTRAINT fk_voucher_batch_created_by_staff FOREIGN KEY (created_by) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    "CREATE INDEX ix_voucher_batch_promotion_id ON voucher_batch (promotion_id)",
    """
    CREATE TABLE voucher (
        id uuid NOT NULL,
        batch_id uuid NOT NULL,
        code text NOT NULL,
        customer_id uuid,
        state text DEFAULT 'issued' NOT NULL,
        sale_id uuid,
        CONSTRAINT pk_voucher PRIMARY KEY (id),
        CONSTRAINT ck_voucher_state CHECK (state IN ('issued', 'held', 'redeemed', 'blocked')),
        CONSTRAINT ck_voucher_redeemed CHECK ((state = 'redeemed') = (sale_id IS NOT NULL)),
        CONSTRAINT ck_voucher_code CHECK (code ~ '^03[0-9]{13}$'),
        CONSTRAINT fk_voucher_batch_id_voucher_batch FOREIGN KEY (batch_id)
            REFERENCES voucher_batch (id) ON DELETE RESTRICT,
        CONSTRAINT uq_voucher_code UNIQUE (code),
        CONSTRAINT fk_voucher_customer_id_customer FOREIGN KEY (customer_id) REFERENCES customer (id) ON DELETE RESTRICT,
        CONSTRAINT fk_voucher_sale_id_sale FOREIGN KEY (sale_id) REFERENCES sale (id) ON DELETE RESTRICT
    )
    """,
    "CREATE INDEX ix_voucher_batch_id ON voucher (batch_id)",
    "CREATE INDEX ix_voucher_sale_id ON voucher (sale_id) WHERE sale_id IS NOT NULL",
    "CREATE INDEX ix_voucher_customer_id ON voucher (customer_id) WHERE customer_id IS NOT NULL",
    """
    CREATE TABLE voucher_entry (
        id bigint GENERATED ALWAYS AS IDENTITY,
        voucher_id uuid NOT NULL,
        kind text NOT NULL,
        sale_id uuid,
        actor_id uuid,
        at timestamptz NOT NULL,
        CONSTRAINT pk_voucher_entry PRIMARY KEY (id),
        CONSTRAINT ck_voucher_entry_kind CHECK (kind IN ('issue', 'hold', 'release', 'redeem', 'restore', 'block')),
        CONSTRAINT fk_voucher_entry_voucher_id_voucher FOREIGN KEY (voucher_id)
            REFERENCES voucher (id) ON DELETE RESTRICT,
        CONSTRAINT fk_voucher_entry_sale_id_sale FOREIGN KEY (sale_id) REFERENCES sale (id) ON DELETE RESTRICT,
        CONSTRAINT fk_voucher_entry_actor_id_staff FOREIGN KEY (actor_id) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    "CREATE INDEX ix_voucher_entry_voucher_id ON voucher_entry (voucher_id, id)",
    """
    CREATE TABLE promotion_heard (
        till_id uuid NOT NULL,
        promo_version bigint NOT NULL,
        skipped jsonb NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT pk_promotion_heard PRIMARY KEY (till_id),
        CONSTRAINT fk_promotion_heard_till_id_till FOREIGN KEY (till_id) REFERENCES till (id) ON DELETE RESTRICT
    )
    """,
)

APPEND_ONLY = ("promotion_version", "promo_book_entry", "voucher_entry")


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
    op.execute("INSERT INTO promo_state (id, promo_version) VALUES (1, 0)")


def downgrade() -> None:
    """Undo."""
    for table in (
        "promotion_heard",
        "voucher_entry",
        "voucher",
        "voucher_batch",
        "promotion_use",
        "promotion_limit",
        "promo_book_entry",
        "promotion_version",
        "promotion",
        "promo_state",
    ):
        op.execute(f"DROP TABLE {table}")

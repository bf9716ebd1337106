"""What customers have bought in sums, their RFM scores with stored borders, tiers by rules, and segments.

Revision ID: 0037
Revises: 0036
"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

CELLS = {
    "hibernating": (11, 12, 21, 22),
    "at_risk": (13, 14, 23, 24),
    "cant_lose": (15, 25),
    "about_to_sleep": (31, 32),
    "need_attention": (33,),
    "loyal": (34, 35, 44, 45),
    "promising": (41,),
    "new": (51,),
    "potential_loyalist": (42, 43, 52, 53),
    "champion": (54, 55),
}
TIERS = (
    ("member", 0, "Thành viên", "Member", 0),
    ("silver", 1, "Bạc", "Silver", 5_000_000),
    ("gold", 2, "Vàng", "Gold", 15_000_000),
    ("diamond", 3, "Kim Cương", "Diamond", 40_000_000),
)
CUSTOMER = "uuid NOT NULL CONSTRAINT fk_{0}_customer_id_customer REFERENCES customer (id) ON DELETE RESTRICT"
TABLES = (
    """
    CREATE TABLE rfm_cell (
        r smallint NOT NULL CONSTRAINT ck_rfm_cell_r CHECK (r BETWEEN 1 AND 5),
        f smallint NOT NULL CONSTRAINT ck_rfm_cell_f CHECK (f BETWEEN 1 AND 5),
        group_key text NOT NULL,
        CONSTRAINT pk_rfm_cell PRIMARY KEY (r, f))
    """,
    """
    CREATE TABLE rfm_borders (
        on_date date NOT NULL CONSTRAINT pk_rfm_borders PRIMARY KEY,
        r_from date[] NOT NULL,
        f_from integer[] NOT NULL,
        m_from bigint[] NOT NULL,
        buyers integer NOT NULL,
        taken_at timestamptz NOT NULL,
        CONSTRAINT ck_rfm_borders_four
            CHECK (cardinality(r_from) = 4 AND cardinality(f_from) = 4 AND cardinality(m_from) = 4))
    """,
    f"""
    CREATE TABLE customer_score (
        customer_id {CUSTOMER.format("customer_score")},
        orders integer NOT NULL,
        first_sold_on date NOT NULL,
        last_sold_on date NOT NULL,
        net_vnd bigint NOT NULL,
        profiled boolean NOT NULL,
        r smallint,
        f smallint,
        m smallint,
        group_key text,
        scored_at timestamptz NOT NULL,
        CONSTRAINT pk_customer_score PRIMARY KEY (customer_id),
        CONSTRAINT ck_customer_score_orders CHECK (orders > 0),
        CONSTRAINT ck_customer_score_scores CHECK (
            (r IS NULL) = (f IS NULL) AND (r IS NULL) = (m IS NULL) AND (r IS NULL) = (group_key IS NULL)
            AND (profiled OR r IS NULL)))
    """,
    "CREATE INDEX ix_customer_score_cell ON customer_score (r, f, net_vnd, customer_id)",
    f"""
    CREATE TABLE customer_move (
        customer_id {CUSTOMER.format("customer_move")},
        on_date date NOT NULL,
        from_group text,
        to_group text,
        r smallint,
        f smallint,
        m smallint,
        CONSTRAINT pk_customer_move PRIMARY KEY (customer_id, on_date))
    """,
    "CREATE INDEX ix_customer_move_on_date ON customer_move (on_date)",
    """
    CREATE TABLE tier_rule (
        valid_from date NOT NULL,
        tier text NOT NULL,
        rank smallint NOT NULL,
        name_vi text NOT NULL,
        name_en text NOT NULL,
        spend_vnd_min bigint NOT NULL,
        CONSTRAINT pk_tier_rule PRIMARY KEY (valid_from, tier),
        CONSTRAINT uq_tier_rule_valid_from_rank UNIQUE (valid_from, rank),
        CONSTRAINT ck_tier_rule_spend CHECK (spend_vnd_min >= 0 AND (rank > 0 OR spend_vnd_min = 0)))
    """,
    f"""
    CREATE TABLE customer_tier (
        customer_id {CUSTOMER.format("customer_tier")},
        tier text NOT NULL,
        qualified_on date NOT NULL,
        review_on date NOT NULL,
        CONSTRAINT pk_customer_tier PRIMARY KEY (customer_id),
        CONSTRAINT ck_customer_tier_review CHECK (review_on > qualified_on))
    """,
    "CREATE INDEX ix_customer_tier_review_on ON customer_tier (review_on)",
    """
    CREATE TABLE segment (
        id uuid NOT NULL CONSTRAINT pk_segment PRIMARY KEY,
        name text NOT NULL,
        terms jsonb NOT NULL,
        state text NOT NULL DEFAULT 'live' CONSTRAINT ck_segment_state CHECK (state IN ('live', 'archived')),
        version integer NOT NULL DEFAULT 1,
        people integer NOT NULL,
        counted_at timestamptz NOT NULL,
        written_by uuid CONSTRAINT fk_segment_written_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
        written_at timestamptz NOT NULL)
    """,
    "CREATE UNIQUE INDEX uq_segment_name ON segment (lower(name)) WHERE state = 'live'",
    f"""
    CREATE TABLE segment_member (
        segment_id uuid NOT NULL CONSTRAINT fk_segment_member_segment_id_segment REFERENCES segment (id) ON DELETE RESTRICT,
        customer_id {CUSTOMER.format("segment_member")},
        CONSTRAINT pk_segment_member PRIMARY KEY (segment_id, customer_id))
    """,
    "CREATE INDEX ix_segment_member_customer_id ON segment_member (customer_id)",
    """
    CREATE TABLE segment_size (
        segment_id uuid NOT NULL CONSTRAINT fk_segment_size_segment_id_segment REFERENCES segment (id) ON DELETE RESTRICT,
        on_date date NOT NULL,
        people integer NOT NULL,
        CONSTRAINT pk_segment_size PRIMARY KEY (segment_id, on_date))
    """,
    """
    CREATE TABLE score_cursor (
        id smallint NOT NULL CONSTRAINT pk_score_cursor PRIMARY KEY CONSTRAINT ck_score_cursor_one CHECK (id = 1),
        incarnation uuid NOT NULL,
        snapshot text NOT NULL,
        scored_at timestamptz NOT NULL)
    """,
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in TABLES:
        op.execute(statement)
    cells = [(key, cell // 10, cell % 10) for key, each in CELLS.items() for cell in each]
    op.execute("INSERT INTO rfm_cell (group_key, r, f) VALUES " + ", ".join(map(str, cells)))
    tiers = ", ".join(f"('2020-01-01', '{key}', {rank}, '{vi}', '{en}', {vnd})" for key, rank, vi, en, vnd in TIERS)
    op.execute(f"INSERT INTO tier_rule (valid_from, tier, rank, name_vi, name_en, spend_vnd_min) VALUES {tiers}")
    op.execute("ALTER TABLE customer_account ADD COLUMN profiled boolean NOT NULL DEFAULT true")
    op.execute("ALTER TABLE consent DROP CONSTRAINT ck_consent_purpose")
    op.execute(
        "ALTER TABLE consent ADD CONSTRAINT ck_consent_purpose "
        "CHECK (purpose IN ('loyalty', 'marketing', 'personalisation')) NOT VALID"
    )
    op.execute("ALTER TABLE consent VALIDATE CONSTRAINT ck_consent_purpose")


def downgrade() -> None:
    """Undo; what was said of personalisation is lost."""
    op.execute("DELETE FROM consent WHERE purpose = 'personalisation'")
    op.execute("ALTER TABLE consent DROP CONSTRAINT ck_consent_purpose")
    op.execute("ALTER TABLE consent ADD CONSTRAINT ck_consent_purpose CHECK (purpose IN ('loyalty', 'marketing'))")
    op.execute("ALTER TABLE customer_account DROP COLUMN profiled")
    for table in ("score_cursor", "segment_size", "segment_member", "segment", "customer_tier", "tier_rule",
                  "customer_move", "customer_score", "rfm_borders", "rfm_cell"):  # fmt: skip
        op.execute(f"DROP TABLE {table}")

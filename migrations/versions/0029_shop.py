"""The shop: its story and size guides, one-time codes and signed-in shoppers.

Revision ID: 0029
Revises: 0028
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute(
        """
        CREATE TABLE shop_story (
            id smallint CONSTRAINT pk_shop_story PRIMARY KEY CONSTRAINT ck_shop_story_only_one CHECK (id = 1),
            title_vi text NOT NULL,
            title_en text NOT NULL,
            lead_vi text NOT NULL,
            lead_en text NOT NULL,
            band_title_vi text NOT NULL,
            band_title_en text NOT NULL,
            band_text_vi text NOT NULL,
            band_text_en text NOT NULL,
            parts_vi jsonb NOT NULL,
            parts_en jsonb NOT NULL,
            sha256 text CONSTRAINT fk_shop_story_sha256_picture_blob REFERENCES picture_blob ON DELETE RESTRICT
        )
        """
    )
    op.execute(
        """
        CREATE TABLE size_guide (
            category_id uuid CONSTRAINT pk_size_guide PRIMARY KEY
                CONSTRAINT fk_size_guide_category_id_category REFERENCES category ON DELETE RESTRICT,
            measures jsonb NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE TABLE shopper_code (
            id uuid CONSTRAINT pk_shopper_code PRIMARY KEY,
            address text NOT NULL,
            code_hash bytea NOT NULL,
            attempts smallint NOT NULL DEFAULT 0 CONSTRAINT ck_shopper_code_attempts CHECK (attempts BETWEEN 0 AND 5),
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz
        )
        """
    )
    op.execute("CREATE INDEX ix_shopper_code_address ON shopper_code (address, created_at)")
    op.execute(
        """
        CREATE TABLE shopper_session (
            id uuid CONSTRAINT pk_shopper_session PRIMARY KEY,
            token_hash bytea NOT NULL CONSTRAINT uq_shopper_session_token_hash UNIQUE,
            customer_id uuid NOT NULL
                CONSTRAINT fk_shopper_session_customer_id_customer REFERENCES customer ON DELETE RESTRICT,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_shopper_session_customer_id ON shopper_session (customer_id)")
    op.execute("CREATE INDEX ix_shopper_session_expires_at ON shopper_session (expires_at)")


def downgrade() -> None:
    op.execute("DROP TABLE shopper_session, shopper_code, size_guide, shop_story")

"""The secret that signs the codes of receipts, so that the page of a receipt cannot be found by counting.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute(
        "CREATE TABLE receipt_key (id integer NOT NULL, secret bytea NOT NULL, CONSTRAINT pk_receipt_key PRIMARY KEY (id), "
        "CONSTRAINT ck_receipt_key_only_one CHECK (id = 1), "
        "CONSTRAINT ck_receipt_key_secret CHECK (octet_length(secret) >= 32))"
    )
    # Two random UUIDs are 244 random bits; the server needs no extension for them.
    op.execute(
        "INSERT INTO receipt_key VALUES "
        "(1, decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'))"
    )


def downgrade() -> None:
    op.execute("DROP TABLE receipt_key")

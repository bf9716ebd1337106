"""The order of customers holds their names: a name that stands late in it is found without reading everybody before.

Revision ID: 0033
Revises: 0032
"""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

WHOM = "WHERE merged_into IS NULL"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("DROP INDEX ix_customer_given_name")
    op.execute(f"CREATE INDEX ix_customer_given_name ON customer (given_name, id) INCLUDE (folded_name) {WHOM}")


def downgrade() -> None:
    op.execute("DROP INDEX ix_customer_given_name")
    op.execute(f"CREATE INDEX ix_customer_given_name ON customer (given_name, id) {WHOM}")

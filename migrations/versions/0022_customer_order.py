"""The order in which customers are listed: the first page of a large chain is read from it instead of sorting everybody.

Revision ID: 0022
Revises: 0021
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("CREATE INDEX ix_customer_given_name ON customer (given_name, id) WHERE merged_into IS NULL")


def downgrade() -> None:
    op.execute("DROP INDEX ix_customer_given_name")

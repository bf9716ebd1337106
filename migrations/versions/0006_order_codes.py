"""Web orders have a code that people can read, type and find: W- and eight digits.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NUMBER = """
UPDATE sale SET receipt_code = 'W-' || lpad(n.no::text, 8, '0')
  FROM (SELECT id, row_number() OVER (ORDER BY sold_at, id) AS no FROM sale WHERE till_id IS NULL) n
 WHERE sale.id = n.id
"""
GO_ON = "SELECT setval('web_order_no', greatest(count(*), 1), count(*) > 0) FROM sale WHERE till_id IS NULL"


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE SEQUENCE web_order_no")
    op.execute(NUMBER)
    op.execute(GO_ON)
    op.create_check_constraint(
        op.f("ck_sale_order_code"), "sale", "till_id IS NOT NULL OR coalesce(receipt_code, '') ~ '^W-[0-9]{8}$'"
    )
    op.create_index("uq_sale_order_code", "sale", ["receipt_code"], unique=True, postgresql_where=sa.text("till_id IS NULL"))


def downgrade() -> None:
    """Undo."""
    op.drop_index("uq_sale_order_code", table_name="sale", postgresql_where=sa.text("till_id IS NULL"))
    op.drop_constraint(op.f("ck_sale_order_code"), "sale")
    op.execute("UPDATE sale SET receipt_code = NULL WHERE till_id IS NULL")
    op.execute("DROP SEQUENCE web_order_no")

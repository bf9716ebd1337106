"""Points pay for orders of the web: a hold belongs to a request of a till or to a line of an order.

Revision ID: 0054
Revises: 0053
"""

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

OWNER = (
    "(till_id IS NULL) = (order_id IS NOT NULL) AND (order_id IS NULL) = (line_no IS NULL) "
    "AND (till_id IS NULL) = (epoch IS NULL) AND (till_id IS NULL) = (request_no IS NULL) "
    "AND (till_id IS NULL) = (staff_id IS NULL) AND (till_id IS NULL OR sale_id IS NOT NULL)"
)
OF_A_TILL = ("till_id", "epoch", "request_no", "sale_id", "staff_id")


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE web_order ADD COLUMN points integer DEFAULT '0' NOT NULL")
    op.execute("ALTER TABLE web_order ADD COLUMN points_vnd bigint DEFAULT '0' NOT NULL")
    op.execute(
        "ALTER TABLE web_order ADD CONSTRAINT ck_web_order_points "
        "CHECK (points >= 0 AND points_vnd >= 0 AND (points = 0 OR customer_id IS NOT NULL))"
    )
    op.execute("ALTER TABLE right_hold ADD COLUMN order_id uuid, ADD COLUMN line_no smallint")
    for column in OF_A_TILL:
        op.execute(f"ALTER TABLE right_hold ALTER COLUMN {column} DROP NOT NULL")
    op.execute(
        "ALTER TABLE right_hold ADD CONSTRAINT fk_right_hold_order_id_line_no_web_order_line "
        "FOREIGN KEY (order_id, line_no) REFERENCES web_order_line (order_id, line_no) ON DELETE RESTRICT"
    )
    op.execute(f"ALTER TABLE right_hold ADD CONSTRAINT ck_right_hold_owner CHECK ({OWNER})")
    op.execute("CREATE UNIQUE INDEX uq_right_hold_order ON right_hold (order_id, line_no) WHERE order_id IS NOT NULL")


def downgrade() -> None:
    """Undo: what orders have spent stays in the ledger, what they still keep is theirs no more."""
    op.execute("ALTER TABLE right_hold DROP CONSTRAINT ck_right_hold_owner")
    op.execute(
        "UPDATE loyalty_lot l SET held = l.held - k.points FROM right_hold_lot k JOIN right_hold h ON h.id = k.hold_id "
        "WHERE l.id = k.lot_id AND h.order_id IS NOT NULL AND h.state = 'held'"
    )
    op.execute(
        "DELETE FROM right_hold_lot k USING right_hold h WHERE h.id = k.hold_id AND h.order_id IS NOT NULL"
    )
    op.execute("DELETE FROM right_hold WHERE order_id IS NOT NULL")
    op.execute("ALTER TABLE right_hold DROP COLUMN line_no, DROP COLUMN order_id")
    for column in OF_A_TILL:
        op.execute(f"ALTER TABLE right_hold ALTER COLUMN {column} SET NOT NULL")
    op.execute("ALTER TABLE web_order DROP CONSTRAINT ck_web_order_points, DROP COLUMN points_vnd, DROP COLUMN points")

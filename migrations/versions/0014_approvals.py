"""Approvals at a till: who agreed to what, for whom, and for how long; and the card of a line that is wrapped as a gift.

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE approval (
    id uuid NOT NULL,
    till_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    asked_by uuid NOT NULL,
    verb text NOT NULL,
    about text NOT NULL,
    discount_bp_max integer,
    refund_vnd_max bigint,
    given_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_approval PRIMARY KEY (id),
    CONSTRAINT ck_approval_period CHECK (expires_at > given_at),
    CONSTRAINT fk_approval_till_id_till FOREIGN KEY (till_id) REFERENCES till (id) ON DELETE RESTRICT,
    CONSTRAINT fk_approval_staff_id_staff FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE RESTRICT,
    CONSTRAINT fk_approval_asked_by_staff FOREIGN KEY (asked_by) REFERENCES staff (id) ON DELETE RESTRICT
)
"""


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TABLE)
    op.execute("CREATE INDEX ix_approval_till_given_at ON approval (till_id, given_at)")
    op.execute("ALTER TABLE sale_line ADD COLUMN gift text")


def downgrade() -> None:
    """Undo."""
    op.execute("ALTER TABLE sale_line DROP COLUMN gift")
    op.execute("DROP TABLE approval")
